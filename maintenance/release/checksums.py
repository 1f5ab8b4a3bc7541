"""SHA-256 of a file, and the file SHA256SUMS of a directory."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["digest", "write_checksums"]

_NAME = "SHA256SUMS"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_checksums(directory: Path) -> int:
    """Write SHA256SUMS, for ``sha256sum --check``, of all files below *directory*."""
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    lines = [f"{digest(path)}  {path.relative_to(directory)}\n" for path in files]
    (directory / _NAME).write_text("".join(lines), "utf-8")
    return len(files)
