"""Builds a release's two files, twice, and writes their checksums."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from .commands import Log
from .errors import ReleaseError

__all__ = ["build", "digest", "require_same", "write_checksums"]

_CHECKSUMS = "SHA256SUMS"


def build(copy: Path, directory: Path, log: Log) -> list[Path]:
    """Build wheel and sdist of *copy* into *directory*; return them, sorted by name."""
    log.run([sys.executable, "-m", "hatchling", "build", "-d", str(directory)], copy)
    built = sorted(directory.iterdir())
    endings = [path.suffix for path in built]
    if sorted(endings) != [".gz", ".whl"]:
        names = ", ".join(path.name for path in built) or "nothing"
        raise ReleaseError(f"a wheel and an sdist were to be built, not {names}")
    return built


def require_same(once: list[Path], again: list[Path]) -> None:
    """Raises ReleaseError unless both builds have the same names and bytes."""
    for one, other in zip(once, again):
        if one.name != other.name or one.read_bytes() != other.read_bytes():
            raise ReleaseError(f"{one.name} differs between two builds of one commit")


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_checksums(directory: Path) -> int:
    """Write SHA256SUMS, for ``sha256sum --check``, of all files below *directory*."""
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    lines = [f"{digest(path)}  {path.relative_to(directory)}\n" for path in files]
    (directory / _CHECKSUMS).write_text("".join(lines), "utf-8")
    return len(files)
