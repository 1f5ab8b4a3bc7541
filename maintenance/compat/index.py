"""Asks a package index for gevent's releases.

Enumerated from the index's own list of files, since an installer is shown only what
suits its own Python.
"""

from __future__ import annotations

from packaging.tags import cpython_tags
from packaging.utils import parse_wheel_filename
from packaging.version import Version
from pypi_simple import PYPI_SIMPLE_ENDPOINT, DistributionPackage, PyPISimple

from maintenance.compat.errors import CompatError
from maintenance.compat.releases import File, Release

__all__ = ["fetch"]

PROJECT = "gevent"
# The first release that runs on Python 3.
FIRST_FOR_PYTHON3 = Version("1.1a1")
# The lowest Python of the matrix, and a limit that no Python will reach soon.
_MINORS = range(6, 60)


def fetch(index: str | None = None) -> list[Release]:
    """Ask an index (PEP 691 and 700) for all releases, oldest first; default PyPI."""
    try:
        with PyPISimple(index or PYPI_SIMPLE_ENDPOINT) as client:
            packages = client.get_project_page(PROJECT, timeout=60).packages
    except Exception as error:
        # Whatever the client's own libraries raise: the reader needs one sentence.
        raise CompatError(f"the index did not answer for {PROJECT}: {error}") from error
    by_version: dict[Version, list[DistributionPackage]] = {}
    for package in packages:
        if package.version and package.package_type in ("wheel", "sdist"):
            by_version.setdefault(Version(package.version), []).append(package)
    if not by_version:
        raise CompatError(f"the index has no release of {PROJECT}: nothing is changed")
    return [_described(version, by_version[version]) for version in sorted(by_version)]


def _described(version: Version, packages: list[DistributionPackage]) -> Release:
    reasons = [package.yanked_reason for package in packages if package.is_yanked]
    requires = [package.requires_python for package in packages]
    sdists = [package for package in packages if package.package_type == "sdist"]
    uploads = [package.upload_time for package in packages if package.upload_time]
    if not uploads:
        raise CompatError(
            f"the index gives no upload time for {version}: it must speak PEP 700"
        )
    return Release(
        # As the index spells it: 1.0, but 1.1.0.
        version=str(packages[0].version),
        prerelease=version.is_prerelease,
        uploaded=min(uploads).date().isoformat(),
        # An index yanks files; installers pass over a release when all of its are.
        yanked=len(reasons) == len(packages),
        yanked_reason=next(filter(None, reasons), None),
        requires_python=next(filter(None, requires), None),
        wheels=_wheels(packages),
        sdist=_file(sdists[0]) if sdists else None,
        predates_python3=version < FIRST_FOR_PYTHON3,
    )


def _wheels(packages: list[DistributionPackage]) -> dict[str, File]:
    best: dict[int, tuple[tuple[int, ...], File]] = {}
    for package in packages:
        if package.package_type != "wheel":
            continue
        _, _, build, tags = parse_wheel_filename(package.filename)
        names = {
            (tag.interpreter, tag.abi)
            for tag in tags
            if tag.platform.startswith("manylinux") and tag.platform.endswith("_x86_64")
        }
        for minor in _MINORS if names else ():
            ranks = _ranks(minor)
            rank = min((ranks[name] for name in names if name in ranks), default=None)
            if rank is None:
                continue
            # The most specific tag wins, then the newest build.
            order = (-rank, *(build[:1] or (0,)))
            if minor not in best or order > best[minor][0]:
                best[minor] = (order, _file(package))
    return {f"3.{minor}": best[minor][1] for minor in sorted(best)}


def _ranks(minor: int) -> dict[tuple[str, str], int]:
    abis = [f"cp3{minor}m", f"cp3{minor}"] if minor < 8 else [f"cp3{minor}"]
    tags = cpython_tags((3, minor), abis=abis, platforms=["any"])
    ranks: dict[tuple[str, str], int] = {}
    for rank, tag in enumerate(tags):
        ranks.setdefault((tag.interpreter, tag.abi), rank)
    return ranks


def _file(package: DistributionPackage) -> File:
    digests = package.digests or {}
    if "sha256" not in digests:
        raise CompatError(f"the index gives no sha256 for {package.filename}")
    return File(package.filename, digests["sha256"])
