"""The numbers that the pages state, counted from the matrix and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from maintenance.compat_pages.matrix import NOT_RUN, Cell, Matrix

__all__ = [
    "OLDEST_SUPPORTED",
    "Share",
    "Tier",
    "dates",
    "failing",
    "newest_version",
    "not_run",
    "passing",
    "span",
    "tests_per_cell",
    "tier",
    "unexecuted",
    "wheel_pairs",
]

# requires-python of this package: below it, the matrix is history.
OLDEST_SUPPORTED = Version("3.8")


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part} of {self.whole}"


@dataclass(frozen=True)
class Tier:
    """The Pythons of a tier, and how many of its executed cells pass."""

    pythons: tuple[str, ...]
    cells: Share


def passing(matrix: Matrix, releases: list[str]) -> Share:
    """How many of *releases* were executed and passed wherever they were."""
    passed = [r for r in releases if any(c.passed for c in matrix.rows[r])]
    failed = {cell.gevent for cell in failing(matrix)}
    return Share(len([r for r in passed if r not in failed]), len(releases))


def failing(matrix: Matrix) -> list[Cell]:
    """The cells that were executed and did not pass."""
    return [cell for cell in matrix.cells if cell.executed and not cell.passed]


def unexecuted(matrix: Matrix) -> list[str]:
    """Releases that Python 3 can run and that were executed on none."""
    return [r for r, row in matrix.rows.items() if not any(c.executed for c in row)]


def not_run(matrix: Matrix) -> int:
    """How many cells could be executed and were not yet."""
    return len([cell for cell in matrix.cells if cell.outcome == NOT_RUN])


def wheel_pairs(matrix: Matrix) -> Share:
    """How many of the pairs of a Python and a wheel for it were executed."""
    pairs = [cell for cell in matrix.cells if cell.kind == "wheel"]
    return Share(len([cell for cell in pairs if cell.executed]), len(pairs))


def tier(matrix: Matrix, *, supported: bool) -> Tier:
    """The supported tier, or the historical one."""
    pythons = tuple(
        python
        for python in matrix.pythons
        if (Version(python) >= OLDEST_SUPPORTED) is supported
    )
    cells = [c for c in matrix.cells if c.executed and c.python in pythons]
    return Tier(pythons, Share(len([c for c in cells if c.passed]), len(cells)))


def span(pythons: tuple[str, ...]) -> str:
    """``3.8 to 3.15`` for the Pythons of a tier."""
    if len(pythons) < 2:
        return "".join(pythons)
    return f"{pythons[0]} to {pythons[-1]}"


def tests_per_cell(matrix: Matrix) -> str:
    """How many tests a passing cell has run: one number, or the least and the most."""
    numbers = sorted({cell.tests for cell in matrix.cells if cell.passed})
    return " to ".join(str(n) for n in dict.fromkeys([*numbers[:1], *numbers[-1:]]))


def newest_version(matrix: Matrix) -> str:
    """The newest version of this package among those that were tested."""
    versions = {c.version for c in matrix.cells if c.executed and c.version}
    return max(versions, key=Version, default="")


def dates(matrix: Matrix) -> tuple[str, str]:
    """The days of the oldest and of the newest result."""
    days = sorted(cell.date[:10] for cell in matrix.cells if cell.executed)
    return (days[0], days[-1]) if days else ("", "")
