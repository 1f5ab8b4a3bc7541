"""The extract that the wheel carries, which ``geventconnpool_ext.compatibility`` reads.

Only cells with a result, and of each only what the command ``doctor`` tells.
"""

from __future__ import annotations

import json

from maintenance.compat.outcomes import YANKED
from maintenance.compat_pages.counts import newest_version
from maintenance.compat_pages.matrix import Cell, Matrix

__all__ = ["render"]


def render(matrix: Matrix) -> str:
    """The file's text: a line for each release, oldest first."""
    told = {
        release: [cell for cell in row if cell.executed or cell.outcome == YANKED]
        for release, row in reversed(matrix.rows.items())
    }
    rows = [
        f"  {json.dumps(release)}: [\n"
        + ",\n".join(f"   {json.dumps(_shortly(cell))}" for cell in cells)
        + "\n  ]"
        for release, cells in told.items()
        if cells
    ]
    head = {
        "schema": 1,
        "version": newest_version(matrix),
        "platform": matrix.platform,
        "date": max((c.date for c in matrix.cells if c.executed), default=""),
    }
    lines = [
        f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()
    ]
    return "\n".join(["{", *lines, ' "releases": {', ",\n".join(rows), " }", "}", ""])


def _shortly(cell: Cell) -> list[object]:
    return [cell.python, cell.outcome, cell.greenlet, [*cell.loops], cell.reason]
