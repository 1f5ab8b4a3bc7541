"""What the compatibility matrix found, as shipped in the wheel: nothing but a lookup.

The matrix itself (which gevent ran on which Python, and how it ended) is made by
maintainers; compatibility.json beside this file is its extract, generated, never
edited. What it means for the interpreter at hand is told by the command ``doctor``.
"""

from __future__ import annotations

import json
import pkgutil
from typing import Any, Dict, List, NamedTuple, Optional

__all__ = ["Cell", "Matrix", "load"]

_FILE = "compatibility.json"
_SCHEMA = 1


class Cell(NamedTuple):
    """How one gevent release ended on one Python."""

    gevent: str
    python: str
    """Major and minor version, like ``3.11``."""
    outcome: str
    """``pass``, or else ``fail``, ``crash``, ``timeout``, ``import-failure``,
    ``build-failure`` or ``yanked``."""
    reason: str
    """Why it is no pass, in words; empty for a pass."""
    greenlet: Optional[str]
    """The greenlet it ran with; None if none was installed."""
    loops: List[str]
    """The event loops it ran in, like ``libev-cext``."""


class Matrix(NamedTuple):
    """All cells that have a result, oldest gevent and Python first."""

    version: str
    """Of this package, as tested."""
    platform: str
    """Where the cells ran, like ``linux-x86_64``."""
    date: str
    """Of the newest result, ISO 8601."""
    cells: List[Cell]

    def cell(self, gevent: str, python: str) -> Optional[Cell]:
        """The cell of this release on this Python, or None if it was not tested."""
        for cell in self.cells:
            if cell.gevent == gevent and cell.python == python:
                return cell
        return None

    def passing_pythons(self, gevent: str) -> List[str]:
        """The Pythons on which this release passes."""
        return [c.python for c in self.cells if c.gevent == gevent and _passes(c)]

    def passing_releases(self, python: str) -> List[str]:
        """The releases that pass on this Python, newest last."""
        return [c.gevent for c in self.cells if c.python == python and _passes(c)]


def load() -> Optional[Matrix]:
    """Read the extract; None if this installation was made without it.

    Raises ValueError if it was written for another version of this package.
    """
    try:
        text = pkgutil.get_data(__package__ or "", _FILE)
    except FileNotFoundError:
        text = None
    if text is None:
        return None
    content: Dict[str, Any] = json.loads(text.decode("utf-8"))
    if content.get("schema") != _SCHEMA:
        raise ValueError(
            "{} has schema {!r}, not {}: install the package anew".format(
                _FILE, content.get("schema"), _SCHEMA
            )
        )
    # A release is a list of [python, outcome, greenlet, loops, reason].
    cells = [
        Cell(release, python, outcome, reason, greenlet, loops)
        for release, row in content["releases"].items()
        for python, outcome, greenlet, loops, reason in row
    ]
    return Matrix(content["version"], content["platform"], content["date"], cells)


def _passes(cell: Cell) -> bool:
    return cell.outcome == "pass"
