"""PoolStats: what a pool tells about itself at one moment."""

from __future__ import annotations

from typing import Mapping, NamedTuple

__all__ = ["PoolStats"]


class PoolStats(NamedTuple):
    """Sizes at one moment, and counters since the pool was made.

    At every moment ``open + opening + closing <= size`` (after a resize down
    the pool converges to it) and ``connects == open + sum(discarded.values())``.
    """

    size: int
    """Most connections the pool may have at once."""
    min_size: int
    """Connections it keeps open even when nobody asks."""
    idle: int
    """Connections free to be handed out."""
    in_use: int
    """Connections leased."""
    pinging: int
    """Connections being checked in the background."""
    opening: int
    """Connects under way."""
    closing: int
    """Connections whose close has not returned yet; they still hold a slot."""
    waiting: int
    """Callers waiting for a connection."""
    gets: int
    """Leases handed out."""
    gets_waited: int
    """Leases for which the caller had to wait."""
    wait_seconds: float
    """Seconds waited by those callers in all."""
    timeouts: int
    """Callers that gave up with ``PoolTimeout``."""
    rejected: int
    """Callers turned away with ``PoolFull``."""
    connects: int
    """Connects that succeeded."""
    connect_errors: int
    """Connects that failed."""
    pings: int
    """Pings that succeeded."""
    ping_errors: int
    """Pings that failed."""
    returned: int
    """Leases given back with a healthy connection."""
    discarded: Mapping[str, int]
    """Connections that left the pool, by ``DiscardReason``; 0 where none did."""

    @property
    def open(self) -> int:
        """Connections open and usable: idle, in use or being pinged."""
        return self.idle + self.in_use + self.pinging
