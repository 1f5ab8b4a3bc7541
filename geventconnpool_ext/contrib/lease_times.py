"""LeaseTimes: hooks that measure how long a lease was waited for and held."""

from __future__ import annotations

from time import monotonic
from typing import Any, Dict

from ..hooks import DiscardReason, PoolHooks

__all__ = ["LeaseTimes"]


class LeaseTimes(PoolHooks):
    """Override ``got_after`` and ``held_for``; one object serves any pools.

    A lease counts as held until its connection is idle again or, where it is lost,
    until its discard is told. One that a fork ends is not measured.
    """

    def __init__(self) -> None:
        # By id: a connection is not kept alive, and need not be hashable.
        self._waits: Dict[int, float] = {}
        self._since: Dict[int, float] = {}

    def got_after(self, seconds: float) -> None:
        """A caller got a connection after waiting for *seconds*, 0 for an idle one."""

    def held_for(self, seconds: float) -> None:
        """A lease ended that had lasted for *seconds*."""

    def waited(self, connection: Any, seconds: float) -> None:
        """Remember the wait until the caller has the connection."""
        self._waits[id(connection)] = seconds

    def acquired(self, connection: Any) -> None:
        """A lease begins."""
        key = id(connection)
        self._since[key] = monotonic()
        self.got_after(self._waits.pop(key, 0.0) if self._waits else 0.0)

    def released(self, connection: Any) -> None:
        """A lease ends, and nothing is wrong."""
        since = self._since.pop(id(connection), None)
        if since is not None:
            self.held_for(monotonic() - since)

    def discarded(self, connection: Any, reason: DiscardReason) -> None:
        """A lease ends if there was one: the connection may have been idle."""
        self._waits.pop(id(connection), None)
        self.released(connection)
