"""Which release this tree comes after, and that release's files."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

from packaging.version import InvalidVersion, Version

from maintenance.git import GitError, output

from .errors import ApiError
from .page import PAGE
from .surface import PACKAGE

__all__ = ["current", "last", "unpack"]

_SECTION = re.compile(r"^## \[(\d[^\]]*)\]", re.MULTILINE)


def current(root: Path) -> Version:
    """The version that the tree states. Raises ApiError where it states none."""
    path = root / PACKAGE / "__init__.py"
    text = path.read_text("utf-8") if path.is_file() else ""
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise ApiError(f"{path} states no __version__")
    return Version(found[1])


def last(root: Path, version: Version) -> Version | None:
    """The newest final release before *version*, or None before the first.

    It is a tag vX.Y.Z that HEAD contains. Where the changelog knows of a release and
    git of no tag, the tags were not fetched: ApiError, or all would pass for new.
    """
    released = _newest(_SECTION.findall(_changelog(root)), version)
    listed = _git(root, "tag", "--merged", "HEAD", "--list", "v*") if released else b""
    tagged = _newest([name[1:] for name in listed.decode().split()], version)
    if released is not None and (tagged is None or tagged < released):
        raise ApiError(
            f"CHANGELOG.md has release {released}, but HEAD contains no tag"
            f" v{released}: run 'git fetch --tags --unshallow', or in a complete clone"
            " 'git fetch --tags'"
        )
    return tagged


def unpack(root: Path, release: Version, directory: Path) -> None:
    """Put the package and the page of *release* into *directory*."""
    paths = [PACKAGE, PAGE.as_posix()]
    archive = _git(root, "archive", "--format=tar", f"v{release}", *paths)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(directory, filter="data")


def _newest(names: list[str], before: Version) -> Version | None:
    found = []
    for name in names:
        try:
            version = Version(name)
        except InvalidVersion:
            continue
        if not version.is_prerelease and version < before:
            found.append(version)
    return max(found, default=None)


def _changelog(root: Path) -> str:
    path = root / "CHANGELOG.md"
    return path.read_text("utf-8") if path.is_file() else ""


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return output(root, *arguments)
    except GitError as error:
        raise ApiError(str(error)) from None
