"""Rotation: which connection is being replaced because of its age. Pure.

One at a time: a pool never takes two healthy connections away at once, however
many come due together.
"""

from __future__ import annotations

from typing import Optional

from ._entry import GONE, Entry


class Rotation:
    """The rotation under way, if there is one.

    It is over when a connect has succeeded since the old connection's close, or
    when nothing is missing. Until then nobody else's turn comes: a peer that
    lets nobody in must not cost a pool what it still has. ``put_off`` says that
    somebody's turn did not come.
    """

    __slots__ = ("entry", "put_off")

    def __init__(self) -> None:
        self.entry: Optional[Entry] = None
        self.put_off = False

    def begin(self, entry: Entry, quiet: bool) -> bool:
        """Begin to replace *entry*, if its turn has come.

        *quiet* says that no connection is missing, opening or closing.
        """
        if self.entry is not None and not (quiet and self.entry.status is GONE):
            self.put_off = True
            return False
        self.entry = entry
        return True

    def connected(self) -> None:
        """Note a connect that succeeded."""
        if self.entry is not None and self.entry.status is GONE:
            self.entry = None
