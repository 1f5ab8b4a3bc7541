"""The cells of the matrix: their names, and which are to be executed.

A cell is a release on a Python. Whether its interpreter is on this machine, and
whether it has been executed already, is no matter here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from maintenance.cell_wheel import cell as cell_wheel
from maintenance.compat.outcomes import NO_ARTEFACT, UNSUPPORTED, YANKED
from maintenance.compat.releases import File, Release
from maintenance.interpreters import name_of

__all__ = [
    "OLDEST_SUPPORTED",
    "PYTHONS",
    "Cell",
    "Python",
    "cell_name",
    "plan",
    "unknown_pythons",
]

Python = tuple[int, int]
PYTHONS: tuple[Python, ...] = tuple((3, minor) for minor in range(6, 16))
# requires-python of our own; below it, the matrix is history.
OLDEST_SUPPORTED: Python = (3, 8)
# Pythons besides 3.6 that build a release from source: measured.
_ALSO_FROM_SOURCE = {"1.3.2": {(3, 7)}}


@dataclass(frozen=True)
class Cell:
    """A release on a Python: with an artefact to run, or with an outcome instead."""

    name: str
    gevent: str
    python: Python
    artefact: File | None
    kind: str | None
    """``"wheel"`` or ``"sdist"``; None without an artefact."""
    outcome: str | None = None
    """Why it is not executed; None if it is."""
    reason: str = ""

    @property
    def executable(self) -> bool:
        """Whether it is run, given an interpreter."""
        return self.outcome is None

    @property
    def on_request(self) -> bool:
        """Whether it can be run all the same, when asked for by its release."""
        return self.outcome == YANKED and self.artefact is not None


def cell_name(gevent: str, python: Python) -> str:
    """``py311-gevent26_9_0``: tox's environment, which runs this cell."""
    return cell_wheel.Cell(gevent, python).name


def plan(releases: Iterable[Release]) -> dict[str, Cell]:
    """Every release on every Python of the matrix, by name, oldest first."""
    cells = [_cell(release, python) for release in releases for python in PYTHONS]
    return {cell.name: cell for cell in cells}


def unknown_pythons(releases: Iterable[Release]) -> list[str]:
    """Pythons that some release has a wheel for and the matrix no column."""
    known = {name_of(python) for python in PYTHONS}
    found = {python for release in releases for python in release.wheels}
    return sorted(found - known, key=Version)


def _cell(release: Release, python: Python) -> Cell:
    artefact, kind = _artefact(release, python)
    outcome, reason = None, ""
    if release.predates_python3:
        outcome, reason = UNSUPPORTED, f"{release.version} predates Python 3"
    elif release.yanked:
        outcome = YANKED
        reason = f"{release.version} was yanked" + (
            f": {release.yanked_reason}" if release.yanked_reason else ""
        )
    elif artefact is None:
        outcome, reason = NO_ARTEFACT, _why_none(release, python)
    name = cell_name(release.version, python)
    return Cell(name, release.version, python, artefact, kind, outcome, reason)


def _artefact(release: Release, python: Python) -> tuple[File | None, str | None]:
    wheel = release.wheels.get(name_of(python))
    if wheel:
        return wheel, "wheel"
    if release.sdist and python in _from_source(release):
        return release.sdist, "sdist"
    return None, None


def _from_source(release: Release) -> set[Python]:
    """Pythons that build a release of which nothing else runs: the oldest does."""
    if release.wheels or release.predates_python3:
        return set()
    return {PYTHONS[0]} | _ALSO_FROM_SOURCE.get(release.version, set())


def _why_none(release: Release, python: Python) -> str:
    gevent, wanted = f"gevent {release.version}", name_of(python)
    requires = SpecifierSet(release.requires_python or "")
    least = next((str(part)[2:] for part in requires if part.operator == ">="), "")
    if not requires.contains(wanted):
        return f"{gevent} declares Python >= {least or requires}"
    if not release.wheels:
        built = " and ".join(name_of(version) for version in _from_source(release))
        return (
            f"{gevent} ships no wheel for Python from 3.6 up"
            f" and is built from source on {built} only"
        )
    newest = max(release.wheels, key=Version)
    if Version(wanted) > Version(newest):
        return f"{gevent} ships no wheel for {wanted}: its newest is for {newest}"
    if least:
        return f"{gevent} declares Python >= {least} but ships no wheel for {wanted}"
    return f"{gevent} ships no wheel for {wanted}"
