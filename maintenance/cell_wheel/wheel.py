"""The wheel of ours that a cell installs, built from the tree and kept.

From Python 3.8 on it is the ordinary wheel. For 3.6 and 3.7 it is the same wheel
with its sources stripped and its metadata saying so: there is no second source.
Wheels are kept below .cache/ by what they were built from.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from .keep import kept_wheel
from .strip import strip

__all__ = ["build", "source_digest"]

# All that hatchling puts into the wheel, or reads for its metadata.
SOURCES = (
    "geventconnpool_ext/**/*",
    "pyproject.toml",
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "README.md",
)
OLDEST_OF_SOURCE = (3, 8)
METADATA = (
    (r"^Requires-Python: .*$", "Requires-Python: >=3.6"),
    (r"^Requires-Dist: gevent>=.*$", "Requires-Dist: gevent>=1.1a1"),
)
# Wheels are zip files, and those begin with 1980.
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(root: Path, directory: Path, python: tuple[int, int]) -> Path:
    """Put the wheel for *python* into *directory*, and return it there."""
    wheel = _kept(root, historical=python < OLDEST_OF_SOURCE)
    directory.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(wheel, directory / wheel.name))


def source_digest(root: Path) -> str:
    """Return a digest of all that the wheel is made of, and of what makes it."""
    digest = hashlib.sha256()
    paths = [path for pattern in SOURCES for path in sorted(root.glob(pattern))]
    paths += sorted(Path(__file__).parent.glob("*.py"))
    for path in paths:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _kept(root: Path, *, historical: bool) -> Path:
    kind = "historical" if historical else "today"
    kept = root / ".cache" / "compat" / "ours" / source_digest(root)[:24] / kind

    def make(scratch: Path) -> Path:
        made = scratch / kind
        made.mkdir()
        if historical:
            _make_historical(_kept(root, historical=False), made)
        else:
            _make(root, made)
        return made

    return kept_wheel(kept, make)


def _make(root: Path, directory: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    done = subprocess.run(
        [*command, "-d", str(directory)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # tox's own marks of an environment are not for this interpreter.
        env={k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"},
    )
    if done.returncode:
        raise RuntimeError(f"hatchling cannot build the wheel:\n{done.stdout}")


def _make_historical(wheel: Path, directory: Path) -> None:
    record = []
    with zipfile.ZipFile(wheel) as ours:
        target = directory / wheel.name
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as stripped:
            for name in ours.namelist():
                if name.endswith(".dist-info/RECORD"):
                    record_name = name
                    continue
                content = _for_old_pythons(name, ours.read(name))
                stripped.writestr(zipfile.ZipInfo(name, EPOCH), content)
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
                line = f"{name},sha256={digest.decode().rstrip('=')},{len(content)}"
                record.append(line)
            lines = "\n".join([*record, f"{record_name},,", ""])
            stripped.writestr(zipfile.ZipInfo(record_name, EPOCH), lines)


def _for_old_pythons(name: str, content: bytes) -> bytes:
    if name.endswith(".py"):
        return strip(content.decode(), name).encode()
    if name.endswith(".dist-info/METADATA"):
        text = content.decode()
        for pattern, line in METADATA:
            text, count = re.subn(pattern, line, text, flags=re.MULTILINE)
            if count != 1:
                raise ValueError(f"{name}: {count} lines look like {pattern}, not one")
        return text.encode()
    return content
