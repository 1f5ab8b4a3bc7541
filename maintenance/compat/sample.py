"""A spread of about six cells, to show within two minutes that the matrix works.

Which cells would show most is chosen from the plan; where their interpreter is not on
the machine, the nearest cell that can run takes their place.
"""

from __future__ import annotations

from typing import Collection, Iterable, Mapping

from packaging.version import Version

from maintenance.compat.cells import OLDEST_SUPPORTED, Cell, Python
from maintenance.compat.releases import Release

__all__ = ["sample"]


def sample(
    plan: Mapping[str, Cell], releases: Iterable[Release], here: Collection[Python]
) -> list[Cell]:
    """Five or six cells with a wheel that can run *here*, the newest first."""
    finals = [
        release.version
        for release in releases
        if not (release.prerelease or release.yanked)
    ]
    place = {version: number for number, version in enumerate(finals)}
    # A source cell takes longer than all of them together.
    cells = [
        cell
        for cell in plan.values()
        if cell.executable and cell.kind == "wheel" and cell.gevent in place
    ]
    able = [cell for cell in cells if cell.python in here]
    chosen: list[Cell] = []
    for ideal in _ideals(cells, place):
        left = [
            cell for cell in able if cell not in chosen and _tier(cell) == _tier(ideal)
        ]
        if left:
            chosen.append(
                min(
                    left,
                    key=lambda cell: (
                        abs(cell.python[1] - ideal.python[1]),
                        abs(place[cell.gevent] - place[ideal.gevent]),
                    ),
                )
            )
    return sorted(chosen, key=lambda c: (Version(c.gevent), c.python), reverse=True)


def _ideals(cells: list[Cell], place: Mapping[str, int]) -> list[Cell]:
    """Both ends, the middle, and the oldest of the historical tier."""
    supported = [cell for cell in cells if _tier(cell)]
    historical = [cell for cell in cells if not _tier(cell)]

    def age(cell: Cell) -> int:
        return place[cell.gevent]

    ideals: list[Cell] = []
    if supported:
        ideals.append(max(supported, key=lambda c: (age(c), c.python)))
        ideals.append(min(supported, key=lambda c: (age(c), c.python)))
        # And the newest release on the oldest Python it still has: an edge where
        # support is easily lost.
        ideals.append(min(supported, key=lambda c: (-age(c), c.python)))
        ranked = sorted(supported, key=lambda c: (age(c), c.python))
        ideals.append(ranked[len(ranked) // 2])
    if historical:
        ideals.append(min(historical, key=lambda c: (age(c), c.python)))
    # Where these coincide, the sample is smaller, not doubled.
    return list(dict.fromkeys(ideals))


def _tier(cell: Cell) -> bool:
    return cell.python >= OLDEST_SUPPORTED
