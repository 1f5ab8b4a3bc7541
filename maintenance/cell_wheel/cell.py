"""The name of a cell: one gevent release on one Python, ``py311-gevent26_9_0``.

What a cell consists of stands in the other modules; which cells there are, and what
came of them, in maintenance.compat.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from packaging.version import Version

__all__ = ["NAME", "Cell"]

NAME = re.compile(r"py3(\d{1,2})-gevent(\d\w*)")
"""How the name of a cell looks: dots of the release are underscores."""


class Cell(NamedTuple):
    """A gevent release and the Python it runs on."""

    release: str
    """The release as the index spells it: ``26.9.0``."""
    python: tuple[int, int]
    """The interpreter: (3, 11)."""

    @classmethod
    def named(cls, name: str) -> Cell:
        """Return the cell of that name; ValueError where it is none."""
        found = NAME.fullmatch(name)
        if found is None:
            raise ValueError(
                f"{name!r} is not the name of a cell; one looks like "
                "py311-gevent26_9_0: the interpreter, then the gevent release with "
                "underscores for its dots"
            )
        return cls(found[2].replace("_", "."), (3, int(found[1])))

    @property
    def name(self) -> str:
        """The name tox runs it by."""
        release = self.release.replace(".", "_")
        return "py{}{}-gevent{}".format(*self.python, release)

    @property
    def historical(self) -> bool:
        """Whether its Python or gevent is older than the package's own wheel allows.

        1.5a2 is older than 1.5, and has a wheel for Python 3.8.
        """
        return self.python < (3, 8) or Version(self.release) < Version("1.5")
