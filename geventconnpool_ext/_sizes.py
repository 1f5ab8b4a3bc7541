"""Sizes: how many connections a pool has in each state, and all its numbers. Pure."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Deque, Dict

from ._counters import Counters
from ._entry import HELD
from ._queue import WaiterQueue
from .stats import PoolStats

if TYPE_CHECKING:
    from ._entry import Entry


class Sizes(Counters):
    """What of the state of a pool can be counted; ``PoolState`` changes it."""

    __slots__ = (
        "size",
        "min_size",
        "entries",
        "idle",
        "queue",
        "pinging",
        "asked",
        "opening",
        "closing",
        "_returned",
    )

    def __init__(self, size: int, min_size: int) -> None:
        super().__init__()
        self.size = size
        self.min_size = min_size
        # By id of the connection: idle, in use and pinging, not closing.
        self.entries: Dict[int, Entry] = {}
        # Ordered by idle_since, oldest on the left.
        self.idle: Deque[Entry] = deque()
        self.queue = WaiterQueue()
        self.pinging = 0
        # Those of them that are pinged because somebody waits.
        self.asked = 0
        self.opening = 0
        self.closing = 0
        # The largest that was read: see _count_returned.
        self._returned = 0

    @property
    def room(self) -> int:
        """How many more connections there may be."""
        return self.size - len(self.entries) - self.opening - self.closing

    @property
    def in_use(self) -> int:
        """Connections leased, or put before a waiter who has not woken yet."""
        return len(self.entries) - len(self.idle) - self.pinging

    @property
    def leased(self) -> int:
        """Connections whose lease has not ended: in use, or just coming back.

        A look at each of them.
        """
        # Copies, in this order: who reads the numbers may be another native thread,
        # and must not take one that comes back meanwhile for one that is back.
        entries = list(self.entries.values())
        idle = set(map(id, list(self.idle)))
        return sum(entry.status is HELD and id(entry) not in idle for entry in entries)

    def _count_returned(self) -> int:
        """Return how many leases ended well. Not counted one by one: that would be
        half of the fast path.

        Another native thread may read this in the middle of a change. In this order
        the outcome is then too small, never too large, so the largest one is right.
        """
        gets = self.gets
        leased = self.leased
        self._returned = max(self._returned, gets - leased - self.lost)
        return self._returned

    @property
    def gone(self) -> bool:
        """True when there is no connection left in any state."""
        return not self.entries and not self.opening and not self.closing

    def stats(self) -> PoolStats:
        """Return the numbers of this moment."""
        return PoolStats(
            size=self.size,
            min_size=self.min_size,
            idle=len(self.idle),
            in_use=self.in_use,
            pinging=self.pinging,
            opening=self.opening,
            closing=self.closing,
            waiting=len(self.queue),
            gets=self.gets,
            gets_waited=self.gets_waited,
            wait_seconds=self.wait_seconds,
            timeouts=self.timeouts,
            rejected=self.rejected,
            connects=self.connects,
            connect_errors=self.connect_errors,
            pings=self.pings,
            ping_errors=self.ping_errors,
            returned=self._count_returned(),
            discarded=Counter(self.discarded),
        )
