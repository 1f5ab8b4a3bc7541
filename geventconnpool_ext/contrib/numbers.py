"""The numbers of ``PoolStats``, and what metrics call them.

docs/operating.md says what each means and what to do about it.
"""

from __future__ import annotations

import weakref
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from .._base import BasePool
from ..hooks import DiscardReason
from ..stats import PoolStats

__all__ = [
    "BUCKETS",
    "COUNTERS",
    "GAUGES",
    "STATES",
    "Number",
    "Pools",
    "discards",
]

STATES = ("idle", "in_use", "pinging", "opening", "closing")
"""The fields that count connections by state; each holds one of ``size`` slots."""

# A wait or a lease lasts from a fraction of a millisecond to a minute.
BUCKETS: Tuple[float, ...] = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1),
    *(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
"""Bounds of histograms, in seconds."""


class Number(NamedTuple):
    """One number of ``PoolStats`` as a metric."""

    field: str
    """Its field."""
    prometheus: str
    """Prometheus' name after the prefix, with ``_total`` for a counter."""
    opentelemetry: str
    """OpenTelemetry's name: a semantic convention's where one fits."""
    unit: str
    """OpenTelemetry's unit."""
    meaning: str
    """One line."""


_DB = "db.client.connection."
_OWN = "geventconnpool_ext."

GAUGES = (
    Number(
        "waiting",
        "waiting_callers",
        _DB + "pending_requests",
        "{request}",
        "Callers waiting for a connection",
    ),
    Number(
        "size",
        "max_connections",
        _DB + "max",
        "{connection}",
        "Most connections that the pool may have",
    ),
    Number(
        "min_size",
        "min_connections",
        _DB + "idle.min",
        "{connection}",
        "Connections kept open even when nobody asks",
    ),
)
"""What goes up and down, connections by state aside."""

COUNTERS = (
    Number("gets", "gets_total", _OWN + "gets", "{lease}", "Leases handed out"),
    Number(
        "gets_waited",
        "gets_waited_total",
        _OWN + "gets_waited",
        "{lease}",
        "Leases for which the caller had to wait",
    ),
    Number(
        "wait_seconds",
        "wait_seconds_total",
        _OWN + "wait_seconds",
        "s",
        "Seconds that those callers waited in all",
    ),
    Number(
        "timeouts",
        "timeouts_total",
        _DB + "timeouts",
        "{timeout}",
        "Callers that gave up with PoolTimeout",
    ),
    Number(
        "rejected",
        "rejected_total",
        _OWN + "rejected",
        "{request}",
        "Callers turned away with PoolFull",
    ),
    Number(
        "connects",
        "connects_total",
        _OWN + "connects",
        "{connection}",
        "Connects that succeeded",
    ),
    Number(
        "connect_errors",
        "connect_errors_total",
        _OWN + "connect_errors",
        "{error}",
        "Connects or logins that failed",
    ),
    Number("pings", "pings_total", _OWN + "pings", "{ping}", "Pings that succeeded"),
    Number(
        "ping_errors",
        "ping_errors_total",
        _OWN + "ping_errors",
        "{error}",
        "Pings that failed",
    ),
    Number(
        "returned",
        "returned_total",
        _OWN + "returned",
        "{lease}",
        "Leases given back with a healthy connection",
    ),
)
"""What only grows, discards by reason aside."""


def discards(pool: BasePool[Any], stats: PoolStats) -> Dict[str, int]:
    """Return *stats*' discards of *pool* by reason, with 0 where none happened yet.

    A counter that appears with its first event hides that event from a rate.
    """
    # EPP's reasons are a class of their own, which has the pool's too.
    kind = type(pool._lifetime_reason)
    named = (getattr(kind, name) for name in dir(kind) if not name.startswith("_"))
    reasons = {str(reason) for reason in named if isinstance(reason, DiscardReason)}
    reasons.update(str(reason) for reason in stats.discarded)
    return {reason: stats.discarded.get(reason, 0) for reason in sorted(reasons)}


class Pools:
    """Pools to be read, by weak references: metrics keep no pool alive."""

    def __init__(self) -> None:
        self._pools: List[weakref.ref[BasePool[Any]]] = []

    def add(self, pool: BasePool[Any]) -> None:
        """Read *pool* from now on.

        Raises TypeError for what is no pool, and ValueError for a name that is
        taken: names tell the pools apart.
        """
        if not isinstance(pool, BasePool):
            raise TypeError(
                "metrics are of a ConnectionPool, NullPool or EPPPool, not {!r}".format(
                    pool
                )
            )
        for known, _ in self.read():
            if known.name == pool.name:
                raise ValueError(
                    "a pool named {!r} is there already: give each its own "
                    "name=".format(pool.name)
                )
        self._pools.append(weakref.ref(pool))

    def read(self) -> Iterator[Tuple[BasePool[Any], PoolStats]]:
        """Yield each pool that is still there with its numbers of this moment."""
        for reference in list(self._pools):
            pool = reference()
            if pool is None:
                try:
                    self._pools.remove(reference)
                except ValueError:
                    # Another read, at the same time, was faster.
                    pass
            else:
                yield pool, pool.stats()
