"""Prometheus metrics of pools: a collector, and hooks for histograms::

    PoolCollector(pool)                            # every number of pool.stats()
    hooks = PrometheusHooks("registry")            # waits and holds, as histograms
    pool = ConnectionPool(8, hooks=hooks, name="registry", ...)

Needs prometheus-client, the extra ``prometheus``; importing this module without it
raises ImportError with the install line. Serve the metrics with
``prometheus_client.make_wsgi_app()`` on gevent's pywsgi, or by a native thread:
reading the numbers takes no lock and never switches greenlets.

With several processes (gunicorn's workers) a scrape that reaches one of them shows
the ``PoolCollector`` of that one only, and each has pools of its own. What works:

- an endpoint for each worker, such as a pywsgi server on a port of its own that
  ``post_fork`` starts, and every one of them a target of the scrape;
- for the histograms also prometheus-client's multiprocess mode: they are summed over
  all workers then (``PROMETHEUS_MULTIPROC_DIR``). Its registry leaves out every
  collector that is no metric class of its own, so the numbers of ``PoolCollector`` do
  not appear there.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Iterator, Optional, Sequence, Tuple

try:
    from prometheus_client import REGISTRY, Histogram
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
    from prometheus_client.registry import Collector
except ImportError as _missing:
    raise ImportError(
        "geventconnpool_ext.contrib.prometheus needs prometheus-client: "
        'pip install "geventconnpool_ext[prometheus]"'
    ) from _missing

from .lease_times import LeaseTimes
from .numbers import BUCKETS, COUNTERS, GAUGES, STATES, Pools, discards

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

    from .._base import BasePool

__all__ = ["PoolCollector", "PrometheusHooks"]

PREFIX = "geventconnpool_ext_"


class PoolCollector(Collector):
    """Shows every number of ``pool.stats()``, read when it is scraped.

    Connections by state, callers waiting and the pool's bounds are gauges; what
    has happened since the start is counters; each has the label ``pool``, the
    pool's name. A pool is not kept alive by it, and is left out once it is gone.

    Arguments:
        pools: pools whose names differ; ``add`` takes more.
        registry: where it registers itself. Default: prometheus-client's own; None:
            nowhere.

    Raises TypeError for what is no pool, and ValueError for a name that is there
    already or, by the registry, for a second collector: use ``add``.
    """

    def __init__(
        self,
        *pools: BasePool[Any],
        registry: Optional[CollectorRegistry] = REGISTRY,
    ) -> None:
        self._pools = Pools()
        for pool in pools:
            self.add(pool)
        if registry is not None:
            registry.register(self)

    def add(self, pool: BasePool[Any]) -> None:
        """Show *pool*, too. Raises as the constructor does."""
        self._pools.add(pool)

    def describe(self) -> Iterator[Metric]:
        """Yield the metrics without numbers: their names are taken at once."""
        connections, gauges, counters, discarded = _families()
        yield from (connections, *gauges, *counters, discarded)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics with the numbers of this moment."""
        connections, gauges, counters, discarded = _families()
        for pool, stats in self._pools.read():
            for state in STATES:
                connections.add_metric([pool.name, state], getattr(stats, state))
            for number, gauge in zip(GAUGES, gauges):
                gauge.add_metric([pool.name], getattr(stats, number.field))
            for number, counter in zip(COUNTERS, counters):
                counter.add_metric([pool.name], getattr(stats, number.field))
            for reason, count in discards(pool, stats).items():
                discarded.add_metric([pool.name, reason], count)
        yield from (connections, *gauges, *counters, discarded)


def _families() -> Tuple[
    GaugeMetricFamily,
    Sequence[GaugeMetricFamily],
    Sequence[CounterMetricFamily],
    CounterMetricFamily,
]:
    connections = GaugeMetricFamily(
        PREFIX + "connections",
        "Connections by state",
        labels=["pool", "state"],
    )
    gauges = [
        GaugeMetricFamily(PREFIX + number.prometheus, number.meaning, labels=["pool"])
        for number in GAUGES
    ]
    counters = [
        CounterMetricFamily(PREFIX + number.prometheus, number.meaning, labels=["pool"])
        for number in COUNTERS
    ]
    discarded = CounterMetricFamily(
        PREFIX + "discarded_total",
        "Connections that left the pool, by reason",
        labels=["pool", "reason"],
    )
    return connections, gauges, counters, discarded


class PrometheusHooks(LeaseTimes):
    """Hooks that fill two histograms: how long callers wait, and hold.

    ``geventconnpool_ext_get_duration_seconds`` counts every get that succeeded, those
    that found an idle connection as 0; ``geventconnpool_ext_hold_duration_seconds``
    every lease that ended. Both have the label ``pool``. With hooks of your own:
    ``hooks=CombinedHooks(PrometheusHooks("registry"), mine)`` from
    ``geventconnpool_ext.contrib.combined``. They cost some 3 us per lease.

    Arguments:
        pool: the pool's name, as given to it by ``name=``.
        registry: where the histograms are registered. Default: prometheus-client's.
        buckets: upper bounds in seconds, the same for all of a registry.

    Raises TypeError for a name that is no text, and ValueError for other buckets
    than the registry's first hooks had.
    """

    def __init__(
        self,
        pool: str,
        *,
        registry: CollectorRegistry = REGISTRY,
        buckets: Sequence[float] = BUCKETS,
    ) -> None:
        super().__init__()
        if not isinstance(pool, str) or not pool:
            raise TypeError("pool must be the name of a pool, not {!r}".format(pool))
        waits, holds = _histograms(registry, tuple(buckets))
        self._waits_seen = waits.labels(pool)
        self._holds_seen = holds.labels(pool)

    def got_after(self, seconds: float) -> None:
        """Count a get."""
        self._waits_seen.observe(seconds)

    def held_for(self, seconds: float) -> None:
        """Count a lease that ended."""
        self._holds_seen.observe(seconds)


_Made = Tuple[Tuple[float, ...], Histogram, Histogram]
_made: weakref.WeakKeyDictionary[Any, _Made] = weakref.WeakKeyDictionary()


def _histograms(
    registry: CollectorRegistry, buckets: Tuple[float, ...]
) -> Tuple[Histogram, Histogram]:
    """The two histograms of *registry*, which all its pools share."""
    if registry not in _made:
        _made[registry] = (
            buckets,
            Histogram(
                PREFIX + "get_duration_seconds",
                "Time until a caller had a connection, 0 where one was idle",
                ["pool"],
                registry=registry,
                buckets=buckets,
            ),
            Histogram(
                PREFIX + "hold_duration_seconds",
                "Time from getting a connection to giving it back",
                ["pool"],
                registry=registry,
                buckets=buckets,
            ),
        )
    known, waits, holds = _made[registry]
    if known != buckets:
        raise ValueError(
            "buckets must be those of the first hooks of this registry, {}, "
            "not {}".format(known, buckets)
        )
    return waits, holds
