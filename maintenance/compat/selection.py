"""Which cells a command line means, of those that this machine can run."""

from __future__ import annotations

from dataclasses import dataclass, field

from maintenance.compat.cells import PYTHONS, Cell
from maintenance.compat.errors import CompatError
from maintenance.compat.matrix import Matrix
from maintenance.interpreters import name_of

__all__ = ["Selection", "select"]


@dataclass(frozen=True)
class Selection:
    """What was asked for; nothing means all that is stale."""

    releases: list[str] = field(default_factory=list)
    pythons: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    new: bool = False
    force: bool = False

    @property
    def everything(self) -> bool:
        """Whether no cell was left out on purpose."""
        return not (self.releases or self.pythons or self.cells or self.new)


def select(matrix: Matrix, wanted: Selection) -> dict[str, str]:
    """The names of the cells to run, each with why it runs, in the plan's order."""
    _check(matrix, wanted)
    chosen: dict[str, str] = {}
    for name, cell in matrix.plan.items():
        if not _meant(cell, wanted) or cell.python not in matrix.pythons:
            continue
        if cell.on_request and (wanted.releases or wanted.cells):
            chosen[name] = "was asked for; not recorded, since " + cell.reason
        elif not cell.executable or (wanted.new and not matrix.is_new(cell)):
            continue
        elif wanted.force:
            chosen[name] = matrix.stale(cell) or "was asked for"
        else:
            why = matrix.stale(cell)
            if why:
                chosen[name] = why
    return chosen


def _meant(cell: Cell, wanted: Selection) -> bool:
    return (
        (not wanted.releases or cell.gevent in wanted.releases)
        and (not wanted.pythons or name_of(cell.python) in wanted.pythons)
        and (not wanted.cells or cell.name in wanted.cells)
    )


def _check(matrix: Matrix, wanted: Selection) -> None:
    """Refuse what names nothing, or something that can't run."""
    known = {release.version for release in matrix.releases}
    for release in wanted.releases:
        if release not in known:
            raise CompatError(
                f"gevent {release} is not in compat/releases.json, whose newest is"
                f" {matrix.releases[-1].version}; --refresh asks the index"
            )
    for python in wanted.pythons:
        if python not in map(name_of, PYTHONS):
            raise CompatError(
                f"Python {python} is not of the matrix, which goes from"
                f" {name_of(PYTHONS[0])} to {name_of(PYTHONS[-1])}"
            )
    for name in wanted.cells:
        cell = matrix.plan.get(name)
        if cell is None:
            raise CompatError(f"{name} is no cell; one looks like py311-gevent26_9_0")
        if not cell.executable and not cell.on_request:
            raise CompatError(f"{name} never runs: {cell.reason}")
        if cell.python not in matrix.pythons:
            raise CompatError(
                f"{name} can't run here: no Python {name_of(cell.python)} was found;"
                " GEVENTCONNPOOL_EXT_PYTHONS may name one"
            )
