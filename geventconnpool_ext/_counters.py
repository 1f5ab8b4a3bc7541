"""Counters: what has happened in a pool since its start. Pure."""

from __future__ import annotations

from collections import Counter


class Counters:
    """The counters of ``PoolStats``, which documents each."""

    __slots__ = (
        "gets",
        "gets_waited",
        "wait_seconds",
        "timeouts",
        "rejected",
        "connects",
        "connect_errors",
        "pings",
        "ping_errors",
        "lost",
        "discarded",
    )

    def __init__(self) -> None:
        self.gets = 0
        self.gets_waited = 0
        self.wait_seconds = 0.0
        self.timeouts = 0
        self.rejected = 0
        self.connects = 0
        self.connect_errors = 0
        self.pings = 0
        self.ping_errors = 0
        # Leases that did not end by a healthy return.
        self.lost = 0
        self.discarded: Counter[str] = Counter()

    def give_up(self) -> None:
        """Count a caller who went away without a connection in time."""
        self.timeouts += 1

    def reject(self) -> None:
        """Count a caller who was turned away."""
        self.rejected += 1

    def count_loss(self) -> None:
        """Count a lease that ended by a return of what must not be used again."""
        self.lost += 1

    def ping_failed(self) -> None:
        """Count a ping that failed; its connection is discarded next."""
        self.ping_errors += 1
