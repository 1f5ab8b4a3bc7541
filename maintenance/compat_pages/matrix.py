"""The results as the pages need them: read, checked and put in order.

Nothing is counted and nothing is rendered here. A pair of release and Python without
a record is no error: it was not run yet, and the pages say so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from maintenance.compat.outcomes import EXECUTED, MEANING, PASS, UNSUPPORTED
from maintenance.compat_pages.errors import PagesError

__all__ = ["NOT_RUN", "Cell", "Matrix", "read"]

SCHEMA = 1
NOT_RUN = "not-run"


@dataclass(frozen=True)
class Cell:
    """One release on one Python, and how it ended."""

    name: str
    gevent: str
    python: str
    outcome: str
    """One of ``maintenance.compat.outcomes``, or NOT_RUN."""
    reason: str = ""
    python_version: str | None = None
    greenlet: str | None = None
    loops: tuple[str, ...] = ()
    kind: str | None = None
    """``"wheel"``, ``"sdist"``, or None where there is no artefact."""
    version: str | None = None
    """This package's."""
    tests: int = 0
    date: str = ""

    @property
    def executed(self) -> bool:
        """Whether it was tried, however it ended."""
        return self.outcome in EXECUTED

    @property
    def passed(self) -> bool:
        """Whether all of its tests passed."""
        return self.outcome == PASS


@dataclass(frozen=True)
class Matrix:
    """Every release, newest first, on every Python, oldest first."""

    platform: str
    pythons: tuple[str, ...]
    rows: dict[str, tuple[Cell, ...]]
    """By release that Python 3 can run: one cell for each of *pythons*."""
    predating: tuple[str, ...]
    """The releases that predate Python 3, newest first."""
    master: tuple[Cell, ...]
    """gevent's development branch: no release, and in no count."""

    @property
    def finals(self) -> list[str]:
        """The releases that Python 3 can run, without pre-releases."""
        return [release for release in self.rows if not is_prerelease(release)]

    @property
    def prereleases(self) -> list[str]:
        """The pre-releases that Python 3 can run."""
        return [release for release in self.rows if is_prerelease(release)]

    @property
    def cells(self) -> list[Cell]:
        """All cells of the rows."""
        return [cell for row in self.rows.values() for cell in row]


def is_prerelease(release: str) -> bool:
    """Whether this is an alpha, a beta or a release candidate."""
    return Version(release).is_prerelease


def read(path: Path) -> Matrix:
    """Read results.json.

    Raises PagesError if it is missing, of another schema, or holds a record that
    could not be shown: an unknown outcome, or a failure without a reason.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise PagesError(f"{path} is missing: nox -s compat makes it") from None
    except ValueError as error:
        raise PagesError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise PagesError(f"{path.name} is not of schema {SCHEMA}")
    cells = [_cell(name, record) for name, record in content["cells"].items()]
    if not cells:
        raise PagesError(f"{path.name} has no cell: nox -s compat fills it")
    return _ordered(
        content["platform"],
        cells,
        [_cell(name, record) for name, record in content.get("master", {}).items()],
    )


def _ordered(platform: str, cells: list[Cell], master: list[Cell]) -> Matrix:
    by_pair: dict[tuple[str, str], Cell] = {}
    for cell in cells:
        other = by_pair.setdefault((cell.gevent, cell.python), cell)
        if other is not cell:
            raise PagesError(f"{other.name} and {cell.name} are the same cell")
    try:
        releases = sorted({c.gevent for c in cells}, key=Version, reverse=True)
        pythons = sorted({c.python for c in cells}, key=Version)
    except InvalidVersion as error:
        raise PagesError(f"a record's gevent or python: {error}") from None
    predating = {cell.gevent for cell in cells if cell.outcome == UNSUPPORTED}
    return Matrix(
        platform,
        tuple(pythons),
        {
            release: tuple(
                by_pair.get((release, python))
                or Cell("", release, python, NOT_RUN, "not run yet")
                for python in pythons
            )
            for release in releases
            if release not in predating
        },
        tuple(release for release in releases if release in predating),
        tuple(sorted(master, key=lambda cell: Version(cell.python))),
    )


def _cell(name: str, record: dict[str, Any]) -> Cell:
    try:
        cell = Cell(
            name=name,
            gevent=record["gevent"],
            python=record["python"],
            outcome=record["outcome"],
            reason=record["reason"],
            python_version=record["python_version"],
            greenlet=record["greenlet"],
            loops=tuple(record["loop"]),
            kind=record["artefact"] and record["artefact"]["kind"],
            version=record["version"],
            tests=record["tests"],
            date=record["date"],
        )
    except (KeyError, TypeError) as error:
        raise PagesError(f"{name}: the record has no {error}") from None
    if cell.outcome not in MEANING:
        raise PagesError(
            f"{name} has the outcome {cell.outcome!r}, not one of {', '.join(MEANING)}"
        )
    if not cell.passed and not cell.reason:
        raise PagesError(f"{name} is no pass ({cell.outcome}) and gives no reason")
    return cell
