"""What docs/versioning.md calls public: read from its table.

A release is held to what its own page promised, so the page is read at its tag, too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Mapping, NamedTuple, Sequence

from .errors import ApiError

__all__ = ["ALL", "PAGE", "Promise", "promises"]

PAGE = Path("docs") / "versioning.md"
ALL = "__all__"
_TABLE = re.compile(r"<!-- public: begin -->\n(.*?)<!-- public: end -->", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")


class Promise(NamedTuple):
    """The public names of one module."""

    everything: bool
    """All names in the module's ``__all__`` are."""
    names: Sequence[str]
    """These are, too; ``Class.name`` is a member that its underscore would hide."""


def promises(root: Path) -> Mapping[str, Promise]:
    """Return the public modules and their names. Raises ApiError without a table."""
    try:
        table = _TABLE.search((root / PAGE).read_text("utf-8"))
    except FileNotFoundError:
        table = None
    found = {}
    for line in table[1].splitlines() if table else ():
        cells = [_CODE.findall(cell) for cell in line.strip("|").split("|")]
        if len(cells) == 2 and len(cells[0]) == 1 and cells[1]:
            everything = ALL in cells[1]
            names = [name for name in cells[1] if name != ALL]
            found[cells[0][0]] = Promise(everything, names)
    if not found:
        raise ApiError(
            f"{PAGE} has no table between <!-- public: begin --> and <!-- public: end"
            " -->; put one there, a module in each row, and its public names"
        )
    return found
