"""Builds both artefacts, twice, and holds one build to the other, octet by octet.

The wheel is built from the sdist, as every installer does that has no wheel; the
second one from the tree. The second build runs under another umask, time zone and
seed of hashes, which must not show.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Mapping, NamedTuple

from .errors import ArtefactError
from .running import run

__all__ = ["Artefacts", "build", "differences", "require_same"]

_FIRST = {"PYTHONHASHSEED": "1", "TZ": "UTC"}
_SECOND = {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu"}
_UMASKS = (0o022, 0o077)


class Artefacts(NamedTuple):
    """The two files of a release."""

    sdist: Path
    wheel: Path


def build(root: Path, directory: Path) -> Artefacts:
    """Build both into *directory*, in place of any that are there."""
    directory.mkdir(parents=True, exist_ok=True)
    for stale in [*directory.glob("*.whl"), *directory.glob("*.tar.gz")]:
        stale.unlink()
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir"]
    run([*command, str(directory), str(root)], cwd=root, env=_FIRST, umask=_UMASKS[0])
    return _found(directory)


def require_same(root: Path, artefacts: Artefacts) -> None:
    """Build both again, from the tree. Raises ArtefactError if an octet differs."""
    with tempfile.TemporaryDirectory() as scratch:
        for target in ("sdist", "wheel"):
            command = [sys.executable, "-m", "hatchling", "build", "-t", target]
            run([*command, "-d", scratch], cwd=root, env=_SECOND, umask=_UMASKS[1])
        for first, second in zip(artefacts, _found(Path(scratch))):
            found = differences(first, second)
            if found:
                raise ArtefactError(
                    f"{first.name}: a second build made another file. Find what brings"
                    " time, order or place into it:\n" + "\n".join(found)
                )


def differences(first: Path, second: Path) -> list[str]:
    """In what two archives differ, one line each; empty for the same octets."""
    if first.name != second.name:
        return [f"their names: {first.name} and {second.name}"]
    if first.read_bytes() == second.read_bytes():
        return []
    ours, theirs = _members(first), _members(second)
    said = []
    for name in sorted({*ours, *theirs}):
        if name not in ours or name not in theirs:
            said.append(f"{name}: in one of them alone")
        elif ours[name] != theirs[name]:
            said.append(f"{name}: {_difference(ours[name], theirs[name])}")
    if not said and list(ours) != list(theirs):
        said.append("the order of their members")
    return said or ["the archive itself, such as its time or compression"]


class _Member(NamedTuple):
    content: bytes
    mode: int
    time: object


def _difference(first: _Member, second: _Member) -> str:
    if first.content != second.content:
        return "its content"
    if first.mode != second.mode:
        return f"its mode, {first.mode:o} and {second.mode:o}"
    return f"its time, {first.time} and {second.time}"


def _members(path: Path) -> Mapping[str, _Member]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {
                entry.filename: _Member(
                    wheel.read(entry), entry.external_attr >> 16, entry.date_time
                )
                for entry in wheel.infolist()
            }
    found = {}
    with tarfile.open(path) as sdist:
        for member in sdist:
            file = sdist.extractfile(member)
            content = file.read() if file is not None else b""
            found[member.name] = _Member(content, member.mode, member.mtime)
    return found


def _found(directory: Path) -> Artefacts:
    sdists, wheels = list(directory.glob("*.tar.gz")), list(directory.glob("*.whl"))
    if len(sdists) != 1 or len(wheels) != 1:
        raise ArtefactError(
            f"{directory} must hold one sdist and one wheel, not"
            f" {len(sdists)} and {len(wheels)}"
        )
    return Artefacts(sdists[0], wheels[0])
