"""OpenTelemetry: instruments for pools, and spans for EPP commands::

    PoolInstruments(pool)                          # every number of pool.stats()
    hooks = CombinedHooks(OpenTelemetryHooks("registry"), CommandSpans())
    pool = EPPPool(..., hooks=hooks, name="registry")

Needs opentelemetry-api, the extra ``opentelemetry``; importing this module without it
raises ImportError with the install line. The names follow the semantic conventions
for database client connection pools where one fits; what they have no word for begins
with ``geventconnpool_ext.`` or, on spans, with ``epp.``.

The SDK's exporters run in a thread. Reading the numbers takes no lock and never
switches greenlets, so it may be a native one. Start the SDK after a fork, in each
worker, as its own documentation says.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Mapping, Optional

try:
    from opentelemetry import metrics, trace
    from opentelemetry.metrics import Observation
    from opentelemetry.trace import SpanKind, Status, StatusCode
except ImportError as _missing:
    raise ImportError(
        "geventconnpool_ext.contrib.opentelemetry needs opentelemetry-api: "
        'pip install "geventconnpool_ext[opentelemetry]"'
    ) from _missing

from ..hooks import PoolHooks
from .lease_times import LeaseTimes
from .numbers import BUCKETS, COUNTERS, GAUGES, STATES, Pools, discards

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from .._base import BasePool
    from ..epp.hooks import CommandReport

    Attributes = Optional[Mapping[str, str]]
    Observed = Iterable[Observation]

__all__ = ["CommandSpans", "OpenTelemetryHooks", "PoolInstruments"]

SCOPE = "geventconnpool_ext"
POOL_NAME = "db.client.connection.pool.name"
STATE = "db.client.connection.state"
# The conventions know "used" and "idle"; a state of ours they allow.
STATE_NAMES = {"in_use": "used"}


class PoolInstruments:
    """Observable instruments for every number of ``pool.stats()``.

    Each observation carries the pool's name. A pool is not kept alive by it, and is
    left out once it is gone. Make one for a meter provider and ``add`` pools to it:
    the SDK ignores instruments that it has already.

    Arguments:
        pools: pools whose names differ; ``add`` takes more.
        meter_provider: whose meter to use. Default: the global one.
        attributes: more attributes for each observation, such as
            ``{"server.address": "epp.example"}``.

    Raises TypeError for what is no pool, and ValueError for a name that is there
    already.
    """

    def __init__(
        self,
        *pools: BasePool[Any],
        meter_provider: Optional[MeterProvider] = None,
        attributes: Attributes = None,
    ) -> None:
        self._attributes = dict(attributes or {})
        self._pools = Pools()
        for pool in pools:
            self.add(pool)
        meter = metrics.get_meter(SCOPE, meter_provider=meter_provider)
        meter.create_observable_up_down_counter(
            "db.client.connection.count",
            callbacks=[self._observe_states],
            unit="{connection}",
            description="Connections by state",
        )
        for number in GAUGES:
            meter.create_observable_up_down_counter(
                number.opentelemetry,
                callbacks=[self._observer_of(number.field)],
                unit=number.unit,
                description=number.meaning,
            )
        for number in COUNTERS:
            meter.create_observable_counter(
                number.opentelemetry,
                callbacks=[self._observer_of(number.field)],
                unit=number.unit,
                description=number.meaning,
            )
        meter.create_observable_counter(
            "geventconnpool_ext.discarded",
            callbacks=[self._observe_discarded],
            unit="{connection}",
            description="Connections that left the pool, by reason",
        )

    def add(self, pool: BasePool[Any]) -> None:
        """Observe *pool*, too. Raises as the constructor does."""
        self._pools.add(pool)

    def _observer_of(self, field: str) -> Callable[[CallbackOptions], Observed]:
        def observe(options: CallbackOptions) -> Observed:
            for pool, stats in self._pools.read():
                yield self._observation(pool, getattr(stats, field))

        return observe

    def _observe_states(self, options: CallbackOptions) -> Observed:
        for pool, stats in self._pools.read():
            for state in STATES:
                named = {STATE: STATE_NAMES.get(state, state)}
                yield self._observation(pool, getattr(stats, state), named)

    def _observe_discarded(self, options: CallbackOptions) -> Observed:
        for pool, stats in self._pools.read():
            for reason, count in discards(pool, stats).items():
                named = {"geventconnpool_ext.reason": reason}
                yield self._observation(pool, count, named)

    def _observation(
        self, pool: BasePool[Any], value: float, more: Attributes = None
    ) -> Observation:
        return Observation(
            value, {**self._attributes, POOL_NAME: pool.name, **(more or {})}
        )


class OpenTelemetryHooks(LeaseTimes):
    """Hooks that fill two histograms: how long callers wait, and hold.

    ``db.client.connection.wait_time`` records every get that succeeded, those that
    found an idle connection as 0; ``db.client.connection.use_time`` every lease that
    ended. With other hooks: ``CombinedHooks`` in ``geventconnpool_ext.contrib``'s
    module ``combined``. With the SDK they cost some 15 us per lease.

    Arguments:
        pool: the pool's name, as given to it by ``name=``.
        meter_provider: whose meter to use. Default: the global one.
        attributes: more attributes for each measurement.

    Raises TypeError for a name that is no text.
    """

    def __init__(
        self,
        pool: str,
        *,
        meter_provider: Optional[MeterProvider] = None,
        attributes: Attributes = None,
    ) -> None:
        super().__init__()
        if not isinstance(pool, str) or not pool:
            raise TypeError("pool must be the name of a pool, not {!r}".format(pool))
        self._attributes = {**(attributes or {}), POOL_NAME: pool}
        meter = metrics.get_meter(SCOPE, meter_provider=meter_provider)
        # Else the SDK's own bounds are taken, which are made for milliseconds.
        self._waits_seen = meter.create_histogram(
            "db.client.connection.wait_time",
            unit="s",
            description="Time until a caller had a connection, 0 where one was idle",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self._holds_seen = meter.create_histogram(
            "db.client.connection.use_time",
            unit="s",
            description="Time from getting a connection to giving it back",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )

    def got_after(self, seconds: float) -> None:
        """Record a get."""
        self._waits_seen.record(seconds, self._attributes)

    def held_for(self, seconds: float) -> None:
        """Record a lease that ended."""
        self._holds_seen.record(seconds, self._attributes)


class CommandSpans(PoolHooks):
    """Hooks that make a client span of each ``pool.send(command)`` of an EPP pool.

    Its name is ``EPP`` and what the command asks for: ``EPP domain check``. It lasts
    from the call to the answer, with waiting, login and replays, and belongs to the
    span that is current where ``send`` is called. Attributes: ``epp.command`` (the
    verb), ``epp.op``, ``epp.object``, ``epp.result_code``, ``epp.cl_tr_id``,
    ``epp.earlier_cl_tr_ids`` of attempts that were lost, ``epp.sv_tr_id``, and the
    pool's name. Nothing that a command or an answer holds is in it: no names of
    domains or persons, no passwords, no authInfo, no message.

    The span is an error, and has ``error.type``, if an exception was raised, by its
    class (``AmbiguousOutcome`` among them, with ``epp.lost_by``, the class of what
    lost the answer), or if the registry could not execute the command (2400 and
    above). Another refusal (2303, does not exist) is an answer like any other.

    Arguments:
        tracer_provider: whose tracer to use. Default: the global one.
        attributes: more attributes for each span, such as
            ``{"server.address": "epp.example"}``.
    """

    def __init__(
        self,
        *,
        tracer_provider: Optional[TracerProvider] = None,
        attributes: Attributes = None,
    ) -> None:
        self._attributes = dict(attributes or {})
        self._tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)

    def sent(self, report: CommandReport) -> None:
        """Make the span, now that everything about it is known."""
        ended = time.time_ns()
        span = self._tracer.start_span(
            "EPP {}".format(report.kind),
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, **_described(report)},
            start_time=ended - int(report.seconds * 1e9),
        )
        if report.error is not None:
            _mark_failed(span, _name_of(report.error))
        elif report.answer.code >= 2400:
            _mark_failed(span, str(report.answer.code))
        span.end(ended)


def _described(report: CommandReport) -> Dict[str, Any]:
    """What a span tells of a command and its answer."""
    kind, ids = report.kind, report.cl_tr_ids
    told: Dict[str, Any] = {
        POOL_NAME: report.pool,
        "epp.command": kind.verb,
        "epp.op": kind.op,
        "epp.object": kind.object_type,
        "epp.cl_tr_id": ids[-1] if ids else None,
        "epp.earlier_cl_tr_ids": ids[:-1] or None,
    }
    if report.answer is not None:
        told["epp.result_code"] = int(report.answer.code)
        told["epp.sv_tr_id"] = getattr(report.answer, "sv_tr_id", None)
    elif report.error is not None and report.error.__cause__ is not None:
        told["epp.lost_by"] = _name_of(report.error.__cause__)
    return {name: value for name, value in told.items() if value is not None}


def _mark_failed(span: Span, error_type: str) -> None:
    span.set_attribute("error.type", error_type)
    # Not record_exception(): a message can quote what the command held.
    span.set_status(Status(StatusCode.ERROR, error_type))


def _name_of(error: BaseException) -> str:
    made = type(error)
    if made.__module__ == "builtins":
        return made.__qualname__
    return "{}.{}".format(made.__module__, made.__qualname__)
