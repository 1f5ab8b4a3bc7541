"""The numbers of ``stats()``, and that they hold at every moment."""

from __future__ import annotations

import contextlib
import random
import sys
import time

import gevent
import pytest
from gevent.event import Event
from gevent.monkey import get_original

from geventconnpool_ext import DiscardReason, PoolStats, PoolTimeout

from ..support.clock import settle
from ..support.peer import ConnectRefused


def check(stats):
    assert stats.open == stats.idle + stats.in_use + stats.pinging
    assert stats.open + stats.opening + stats.closing <= stats.size
    assert stats.connects == stats.open + sum(stats.discarded.values())
    assert min(stats[:8]) >= 0
    assert stats.idle == 0 or stats.waiting == 0


def test_stats_is_a_named_tuple_of_these_fields():
    assert PoolStats._fields == (
        "size",
        "min_size",
        "idle",
        "in_use",
        "pinging",
        "opening",
        "closing",
        "waiting",
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


def test_the_reasons_are_these_and_compare_as_text():
    reasons = [
        "error",
        "interrupted",
        "ping",
        "lifetime",
        "idle",
        "drained",
        "resized",
        "requested",
        "forked",
        "closed",
    ]
    for reason in reasons:
        assert getattr(DiscardReason, reason) == reason
        assert isinstance(getattr(DiscardReason, reason), DiscardReason)


def test_a_reason_that_never_happened_counts_zero(new_pool):
    discarded = new_pool(1).stats().discarded
    assert discarded["error"] == 0
    assert sum(discarded.values()) == 0


def test_stats_are_of_their_moment_and_do_not_change_later(new_pool):
    pool = new_pool(1)
    before = pool.stats()
    pool.release(pool.acquire(), discard=True)
    assert before.discarded["requested"] == 0
    assert before.gets == 0


def test_changing_what_stats_returned_changes_nothing(new_pool):
    pool = new_pool(1)
    pool.stats().discarded["error"] = 99
    assert pool.stats().discarded["error"] == 0


def test_waits_are_counted_and_timed(new_pool, clock):
    pool = new_pool(1)
    lease = pool.get()
    lease.__enter__()
    waiter = gevent.spawn(pool.acquire)
    clock.advance(4)
    lease.__exit__(None, None, None)
    clock.advance(1)
    pool.release(waiter.get())
    stats = pool.stats()
    assert (stats.gets, stats.gets_waited) == (2, 1)
    assert stats.wait_seconds == pytest.approx(4)


@pytest.mark.parametrize("seed", range(6))
def test_the_numbers_add_up_at_every_moment_of_a_stormy_life(
    new_pool, peer, clock, seed
):
    dice = random.Random(seed)
    pool = new_pool(
        4,
        min_size=1,
        keepalive=5,
        max_idle=20,
        max_lifetime=40,
        max_opening=4,
        close_timeout=1,
    )
    clients = []

    def client():
        try:
            with pool.get(timeout=dice.choice([0, 1, 5])) as connection:
                connection.ask()
                gate.wait(timeout=None)
                if dice.random() < 0.3:
                    raise ConnectionResetError
        except (ConnectionResetError, PoolTimeout):
            pass

    gate = Event()
    for _ in range(120):
        roll = dice.random()
        if roll < 0.4:
            clients.append(gevent.spawn(client))
        elif roll < 0.5 and clients:
            clients.pop(dice.randrange(len(clients))).kill(block=False)
        elif roll < 0.6:
            peer.failing = None if peer.failing else ConnectRefused()
        elif roll < 0.65:
            peer.ping_failing = None if peer.ping_failing else ConnectRefused()
        elif roll < 0.7:
            pool.drain()
        elif roll < 0.8:
            gate.set()
            settle()
            gate.clear()
        else:
            clock.advance(dice.choice([0.01, 1, 7]))
        check(pool.stats())
        gevent.sleep(0)
        check(pool.stats())
    peer.failing = peer.ping_failing = None
    gate.set()
    clock.advance(120)
    assert all(c.ready() for c in clients)
    stats = pool.stats()
    check(stats)
    assert (stats.in_use, stats.waiting, stats.closing, stats.opening) == (0, 0, 0, 0)
    assert peer.most_present <= 4
    held = [gevent.spawn(pool.acquire, 60) for _ in range(4)]
    clock.advance(60)
    for greenlet in held:
        pool.release(greenlet.get())


def test_the_repr_shows_name_and_sizes_and_no_connection(new_pool):
    pool = new_pool(2, name="shown")
    with pool.get():
        text = repr(pool)
    assert "shown" in text
    assert "size=2" in text
    assert "in_use=1" in text
    assert "connection " not in text


def test_every_pool_has_a_name_of_its_own(new_pool):
    first, second = new_pool(1), new_pool(1)
    assert first.name != second.name


@pytest.fixture
def hasty_threads():
    """Native threads that take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
def test_what_was_returned_never_falls_for_another_thread(new_pool):
    pool = new_pool(4, connect=object)
    falls, reads, stop = [], [0], []
    stopped = get_original("_thread", "allocate_lock")()
    stopped.acquire()

    def read():
        last = 0
        while not stop:
            now = pool.stats().returned
            if now < last:
                falls.append((last, now))
            last = now
            reads[0] += 1
        stopped.release()

    get_original("_thread", "start_new_thread")(read, ())
    try:
        ends = time.monotonic() + 1
        while time.monotonic() < ends:
            for _ in range(500):
                with pool.get():
                    pass
            with contextlib.suppress(OSError), pool.get():
                raise OSError
            settle()
    finally:
        stop.append(True)
        stopped.acquire(True, 10)
    assert reads[0] > 100
    assert falls == []
    stats = pool.stats()
    assert stats.returned == stats.gets - stats.discarded["error"]
