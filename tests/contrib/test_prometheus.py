"""Prometheus reads every number of a pool from a real endpoint."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import time
import weakref
from typing import Any

import gevent
import pytest

from geventconnpool_ext import (
    ConnectionPool,
    NullPool,
    PoolFull,
    PoolStats,
    PoolTimeout,
)

pytest.importorskip("prometheus_client")

from prometheus_client import CollectorRegistry

from geventconnpool_ext.contrib import numbers
from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks

from ..support.clients import lose
from .scrape import endpoint, scrape, value


@pytest.fixture
def metrics():
    """A registry of metrics of its own."""
    return CollectorRegistry()


@pytest.fixture
def scraped(metrics):
    """Scrapes the endpoint that serves those metrics."""
    with endpoint(metrics) as port:
        yield lambda: scrape(port)


def lived(new_pool):
    """A pool in the midst of its life: (pool, what ends it)."""
    pool = new_pool(2, name="lived", max_waiting=1)
    lose(pool)
    pool.wait(timeout=5)
    held = [pool.acquire(timeout=5) for _ in range(2)]
    with pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    waiter = gevent.spawn(pool.acquire)
    gevent.sleep(0.01)
    with pytest.raises(PoolFull):
        pool.acquire(timeout=5)
    return pool, held, waiter


def test_each_number_of_a_pool_is_scraped(new_pool, metrics, scraped):
    pool, held, waiter = lived(new_pool)
    PoolCollector(pool, registry=metrics)
    samples = scraped()
    stats = pool.stats()
    assert (stats.in_use, stats.waiting, stats.timeouts, stats.rejected) == (2, 1, 1, 1)
    for state in numbers.STATES:
        shown = value(samples, "connections", pool="lived", state=state)
        assert shown == getattr(stats, state), state
    for number in (*numbers.GAUGES, *numbers.COUNTERS):
        shown = value(samples, number.prometheus, pool="lived")
        assert shown == getattr(stats, number.field), number.field
    assert value(samples, "discarded_total", pool="lived", reason="error") == 1
    # There before it happens: or else a rate would not see the first.
    assert value(samples, "discarded_total", pool="lived", reason="ping") == 0
    pool.release(held.pop())
    held.append(waiter.get())
    later = scraped()
    assert value(later, "waiting_callers", pool="lived") == 0
    assert value(later, "gets_waited_total", pool="lived") == pool.stats().gets_waited
    for connection in held:
        pool.release(connection)


def test_no_number_of_the_stats_is_left_out():
    shown = {number.field for number in (*numbers.GAUGES, *numbers.COUNTERS)}
    assert {*shown, *numbers.STATES, "discarded"} == set(PoolStats._fields)


def test_counters_are_told_from_gauges_as_prometheus_wants(new_pool, metrics):
    PoolCollector(new_pool(1), registry=metrics)
    PrometheusHooks("other", registry=metrics)
    for family in metrics.collect():
        assert family.name.startswith("geventconnpool_ext_")
        assert family.documentation
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")


def test_several_pools_share_one_endpoint(new_pool, peer, metrics, scraped):
    one, other = new_pool(1, name="one"), NullPool(3, connect=peer.connect, name="two")
    collector = PoolCollector(one, registry=metrics)
    collector.add(other)
    with other.get():
        samples = scraped()
    assert value(samples, "max_connections", pool="one") == 1
    assert value(samples, "max_connections", pool="two") == 3
    assert value(samples, "connections", pool="two", state="in_use") == 1
    other.close()


def test_a_collector_keeps_no_pool_alive(peer, metrics, scraped):
    pool = NullPool(1, connect=peer.connect, name="gone")
    PoolCollector(pool, registry=metrics)
    assert value(scraped(), "max_connections", pool="gone") == 1
    watched = weakref.ref(pool)
    del pool
    gc.collect()
    assert watched() is None
    assert [labels for _, labels in scraped() if labels] == []


@pytest.fixture
def eager_threads():
    """Native threads take turns after each few bytecodes."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


class Quick(ConnectionPool[Any]):
    """Opens its connections one after the other, without a pause."""

    SPAWN_FREQUENCY = 0.0


def test_a_native_thread_can_collect_while_the_pool_works(
    peer, metrics, unlogged, eager_threads
):
    pool = Quick(200, connect=peer.connect, max_opening=50)
    pool.wait(timeout=5)
    PoolCollector(pool, registry=metrics)
    done = []

    def collect():
        rounds = 0
        while not done:
            assert list(metrics.collect())
            rounds += 1
        return rounds

    collecting = gevent.get_hub().threadpool.spawn(collect)
    ends = time.monotonic() + 0.5
    while time.monotonic() < ends:
        pool.release(pool.acquire(timeout=5), discard=True)
        gevent.sleep(0)
    done.append(True)
    assert collecting.get() > 0
    pool.close()


def test_two_pools_of_one_name_are_refused(new_pool):
    with pytest.raises(ValueError, match="named 'same' is there already"):
        PoolCollector(new_pool(name="same"), new_pool(name="same"), registry=None)


def test_what_is_no_pool_is_refused():
    with pytest.raises(TypeError, match="not 'pool'"):
        PoolCollector("pool", registry=None)
    with pytest.raises(TypeError, match="name of a pool, not None"):
        PrometheusHooks(None, registry=CollectorRegistry())


def test_a_second_collector_is_refused_by_the_registry(new_pool, metrics):
    PoolCollector(new_pool(), registry=metrics)
    with pytest.raises(ValueError, match=r"[Dd]uplicate"):
        PoolCollector(new_pool(), registry=metrics)


# -- histograms ------------------------------------------------------------------------


def test_a_get_of_an_idle_connection_counts_as_no_wait(new_pool, metrics, scraped):
    pool = new_pool(1, hooks=PrometheusHooks("p", registry=metrics))
    for _ in range(3):
        with pool.get():
            pass
    samples = scraped()
    assert value(samples, "get_duration_seconds_count", pool="p") == 3
    assert value(samples, "get_duration_seconds_sum", pool="p") == 0
    assert value(samples, "get_duration_seconds_bucket", pool="p", le="0.0005") == 3


def test_the_waits_add_up_to_those_of_the_stats(new_pool, metrics, scraped):
    pool = new_pool(1, hooks=PrometheusHooks("p", registry=metrics))

    def use():
        with pool.get():
            gevent.sleep(0.02)

    gevent.joinall([gevent.spawn(use) for _ in range(4)], raise_error=True)
    samples, stats = scraped(), pool.stats()
    assert value(samples, "get_duration_seconds_count", pool="p") == stats.gets == 4
    total = value(samples, "get_duration_seconds_sum", pool="p")
    assert total == pytest.approx(stats.wait_seconds)
    assert total > 0.1
    assert value(samples, "get_duration_seconds_bucket", pool="p", le="0.01") == 1


def test_a_hold_lasts_until_the_connection_is_back(new_pool, metrics, scraped):
    pool = new_pool(1, hooks=PrometheusHooks("p", registry=metrics))
    with pool.get():
        gevent.sleep(0.06)
    samples = scraped()
    assert value(samples, "hold_duration_seconds_count", pool="p") == 1
    assert 0.05 < value(samples, "hold_duration_seconds_sum", pool="p") < 3
    assert value(samples, "hold_duration_seconds_bucket", pool="p", le="0.05") == 0


@pytest.mark.parametrize("how", ["lost", "killed", "discarded", "acquired"])
def test_a_lease_that_ends_badly_is_measured_once(new_pool, metrics, scraped, how):
    pool = new_pool(1, hooks=PrometheusHooks("p", registry=metrics))

    def hold():
        with pool.get():
            gevent.sleep(60)

    if how == "lost":
        lose(pool)
    elif how == "killed":
        holder = gevent.spawn(hold)
        gevent.sleep(0.01)
        holder.kill()
    elif how == "discarded":
        lease = pool.get()
        with lease:
            lease.discard()
    else:
        pool.release(pool.acquire(), discard=True)
    pool.wait(timeout=5)
    pool.drain()
    pool.wait(timeout=5)
    # Retired while idle: nobody held those.
    assert value(scraped(), "hold_duration_seconds_count", pool="p") == 1


def test_a_null_pool_measures_the_connect_as_a_wait(peer, metrics, scraped):
    hooks = PrometheusHooks("p", registry=metrics)

    def connect():
        gevent.sleep(0.06)
        return peer.connect()

    pool = NullPool(1, connect=connect, hooks=hooks)
    with pool.get():
        pass
    samples = scraped()
    assert value(samples, "get_duration_seconds_sum", pool="p") > 0.05
    assert value(samples, "hold_duration_seconds_count", pool="p") == 1
    assert value(samples, "hold_duration_seconds_sum", pool="p") < 0.05
    pool.close()


def test_the_hooks_of_several_pools_share_the_histograms(metrics, scraped):
    PrometheusHooks("one", registry=metrics).got_after(0.1)
    PrometheusHooks("two", registry=metrics).got_after(0.2)
    samples = scraped()
    assert value(samples, "get_duration_seconds_sum", pool="one") == 0.1
    assert value(samples, "get_duration_seconds_sum", pool="two") == 0.2


def test_other_buckets_than_the_first_are_refused(metrics):
    PrometheusHooks("one", registry=metrics, buckets=(1, 2))
    PrometheusHooks("same", registry=metrics, buckets=[1, 2])
    with pytest.raises(ValueError, match=r"buckets must be those .* \(1, 2\)"):
        PrometheusHooks("other", registry=metrics, buckets=(1, 3))


def test_histograms_of_several_processes_are_summed(tmp_path):
    """prometheus-client's multiprocess mode, which gunicorn's workers use."""
    worker = textwrap.dedent(
        """
        from geventconnpool_ext import ConnectionPool
        from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks
        pool = ConnectionPool(1, connect=object, hooks=PrometheusHooks("p"), name="p")
        PoolCollector(pool)
        for _ in range(3):
            with pool.get(timeout=5):
                pass
        """
    )
    reader = textwrap.dedent(
        """
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector
        metrics = CollectorRegistry()
        MultiProcessCollector(metrics)
        print(generate_latest(metrics).decode())
        """
    )
    environment = dict(os.environ, PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    shown = ""
    for program in (worker, worker, reader):
        finished = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment,
        )
        assert finished.returncode == 0, finished.stderr
        shown = finished.stdout
    assert 'geventconnpool_ext_get_duration_seconds_count{pool="p"} 6.0' in shown
    assert 'geventconnpool_ext_hold_duration_seconds_count{pool="p"} 6.0' in shown
    # As the module says: the numbers of a collector are each process's own.
    assert "geventconnpool_ext_connections" not in shown


# -- EPP -------------------------------------------------------------------------------


def test_sessions_that_are_lost_and_logins_that_fail_are_seen(
    epp_pool, plan, server, metrics, scraped, until
):
    from geventconnpool_ext.epp import CheckDomain, LoginRejected
    from geventconnpool_ext.testing import Fault

    good = epp_pool(2, name="good", hooks=PrometheusHooks("good", registry=metrics))
    good.wait(timeout=5)
    bad = epp_pool(1, name="bad", password="wrongPassword1", login_failures=1)
    PoolCollector(good, bad, registry=metrics)
    plan.on("check", fault=Fault.drop_after_execute)
    assert good.send(CheckDomain("own.example")).code == 1000
    with pytest.raises(LoginRejected):
        bad.send(CheckDomain("own.example"))
    until(lambda: good.stats().idle == 2)
    samples = scraped()
    assert value(samples, "discarded_total", pool="good", reason="eof") == 1
    assert value(samples, "discarded_total", pool="bad", reason="session_gone") == 0
    assert value(samples, "connections", pool="good", state="idle") == 2
    assert value(samples, "hold_duration_seconds_count", pool="good") == 2
    assert value(samples, "connects_total", pool="bad") == 0
    assert value(samples, "connect_errors_total", pool="bad") >= 1
