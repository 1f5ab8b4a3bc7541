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
        "returned",
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
        self.returned = 0
        self.discarded: Counter[str] = Counter()

    def give_up(self) -> None:
        """Count a caller who went away without a connection in time."""
        self.timeouts += 1

    def reject(self) -> None:
        """Count a caller who was turned away."""
        self.rejected += 1

    def count_return(self) -> None:
        """Count a healthy connection's return that ``give_back`` left open."""
        self.returned += 1

    def ping_failed(self) -> None:
        """Count a ping that failed; its connection is discarded next."""
        self.ping_errors += 1
