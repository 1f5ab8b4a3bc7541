"""OpenTelemetry's SDK reads a pool's numbers, waits and holds."""

from __future__ import annotations

import gc
import weakref

import gevent
import pytest

from geventconnpool_ext import NullPool, PoolTimeout

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from geventconnpool_ext.contrib import numbers
from geventconnpool_ext.contrib.opentelemetry import (
    OpenTelemetryHooks,
    PoolInstruments,
)

from ..support.clients import lose

POOL = "db.client.connection.pool.name"
STATE = "db.client.connection.state"


class Readings:
    """What one collection found: metrics by name, points by attributes."""

    def __init__(self, data):
        resources = data.resource_metrics if data is not None else []
        self.metrics = {
            metric.name: metric
            for resource in resources
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def points(self, name):
        return self.metrics[name].data.data_points

    def point(self, name, **attributes):
        wanted = {key.replace("__", "."): text for key, text in attributes.items()}
        (found,) = [
            point
            for point in self.points(name)
            if wanted.items() <= dict(point.attributes).items()
        ]
        return found


@pytest.fixture
def reader():
    return InMemoryMetricReader()


@pytest.fixture
def provider(reader):
    made = MeterProvider(metric_readers=[reader])
    yield made
    made.shutdown()


@pytest.fixture
def read(reader, provider):
    return lambda: Readings(reader.get_metrics_data())


def test_each_number_of_a_pool_is_observed(new_pool, provider, read):
    pool = new_pool(2, min_size=1, name="seen")
    lose(pool)
    pool.wait(timeout=5)
    held = [pool.acquire(timeout=5) for _ in range(2)]
    with pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    waiter = gevent.spawn(pool.acquire)
    gevent.sleep(0.01)
    instruments = PoolInstruments(pool, meter_provider=provider)
    found, stats = read(), pool.stats()
    assert (stats.in_use, stats.waiting, stats.timeouts) == (2, 1, 1)
    for number in (*numbers.GAUGES, *numbers.COUNTERS):
        (point,) = found.points(number.opentelemetry)
        assert point.value == getattr(stats, number.field), number
        assert dict(point.attributes) == {POOL: "seen"}
        metric = found.metrics[number.opentelemetry]
        assert metric.unit == number.unit
        assert metric.data.is_monotonic is (number in numbers.COUNTERS)
    states = {
        dict(point.attributes)[STATE]: point.value
        for point in found.points("db.client.connection.count")
    }
    assert states == {"idle": 0, "used": 2, "pinging": 0, "opening": 0, "closing": 0}
    lost = found.point(
        "geventconnpool_ext.discarded", geventconnpool_ext__reason="error"
    )
    assert lost.value == 1
    pool.release(held.pop())
    held.append(waiter.get())
    assert read().points("db.client.connection.pending_requests")[0].value == 0
    assert instruments is not None
    for connection in held:
        pool.release(connection)


def test_the_names_of_the_semantic_conventions_are_used_where_they_fit():
    semantic = pytest.importorskip(
        "opentelemetry.semconv._incubating.metrics.db_metrics"
    )
    known = {text for text in vars(semantic).values() if isinstance(text, str)}
    used = {n.opentelemetry for n in (*numbers.GAUGES, *numbers.COUNTERS)}
    used |= {"db.client.connection.count"}
    used |= {"db.client.connection.wait_time", "db.client.connection.use_time"}
    for name in used:
        if not name.startswith("geventconnpool_ext."):
            assert name in known


def test_pools_can_be_added_with_attributes(new_pool, provider, read):
    instruments = PoolInstruments(
        new_pool(1, name="one"),
        meter_provider=provider,
        attributes={"server.address": "epp.example"},
    )
    instruments.add(new_pool(3, name="two"))
    found = read()
    for name, size in (("one", 1), ("two", 3)):
        point = found.point(
            "db.client.connection.max",
            db__client__connection__pool__name=name,
            server__address="epp.example",
        )
        assert point.value == size


def test_instruments_keep_no_pool_alive(peer, provider, read):
    pool = NullPool(1, connect=peer.connect)
    PoolInstruments(pool, meter_provider=provider)
    assert read().points("db.client.connection.max")
    watched = weakref.ref(pool)
    del pool
    gc.collect()
    assert watched() is None
    assert "db.client.connection.max" not in read().metrics


def test_wrong_arguments_are_refused(new_pool, provider):
    with pytest.raises(TypeError, match="not 'pool'"):
        PoolInstruments("pool", meter_provider=provider)
    with pytest.raises(ValueError, match="named 'same' is there already"):
        PoolInstruments(
            new_pool(name="same"), new_pool(name="same"), meter_provider=provider
        )
    with pytest.raises(TypeError, match="name of a pool, not 3"):
        OpenTelemetryHooks(3, meter_provider=provider)


def test_waits_and_holds_are_recorded_in_seconds(new_pool, provider, read):
    hooks = OpenTelemetryHooks(
        "p", meter_provider=provider, attributes={"server.address": "epp.example"}
    )
    pool = new_pool(1, hooks=hooks)

    def use():
        with pool.get():
            gevent.sleep(0.02)

    gevent.joinall([gevent.spawn(use) for _ in range(3)], raise_error=True)
    found, stats = read(), pool.stats()
    (wait,) = found.points("db.client.connection.wait_time")
    assert (wait.count, stats.gets) == (3, 3)
    assert wait.sum == pytest.approx(stats.wait_seconds)
    assert wait.min == 0
    assert tuple(wait.explicit_bounds) == numbers.BUCKETS
    assert dict(wait.attributes) == {POOL: "p", "server.address": "epp.example"}
    (hold,) = found.points("db.client.connection.use_time")
    assert hold.count == 3
    assert 0.06 <= hold.sum < 3
    assert found.metrics["db.client.connection.use_time"].unit == "s"
