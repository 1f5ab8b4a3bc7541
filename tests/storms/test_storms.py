"""Everybody at once: thousands of waiters, a peer that dies, sessions of one age."""

from __future__ import annotations

import gc
import os
import random
import sys
import tracemalloc

import gevent
import pytest

from geventconnpool_ext import Backoff, ConnectionPool
from geventconnpool_ext.epp import (
    CheckDomain,
    EPPHooks,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)
from geventconnpool_ext.testing import Certificates, Registry, Server

from ..support.clock import VirtualClock, settle
from ..support.peer import ConnectRefused, Peer

WAITERS = 10_000
CONNECTIONS = 8
PASSWORD = "StormPassword9"


class Attempts(Peer):
    """A peer that notes when each connect came."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.times = []

    def connect(self):
        self.times.append(self.clock.time)
        return super().connect()


def virtual_pool(peer, clock, size, **options):
    class VirtualPool(ConnectionPool):
        _clock = clock
        SPAWN_FREQUENCY = 0.0

    pool = VirtualPool(size, connect=peer.connect, **options)
    settle()
    return pool


def after_the_storm(seed):
    """10,000 waiters, a peer that dies and comes back; return what was seen."""
    random.seed(seed)
    clock = VirtualClock()
    peer = Attempts(clock)
    pool = virtual_pool(
        peer, clock, CONNECTIONS, max_opening=3, reconnect=Backoff(1.0, 30.0)
    )
    held = [pool.acquire() for _ in range(CONNECTIONS)]
    served = []

    def caller(number):
        with pool.get():
            served.append(number)

    callers = [gevent.spawn(caller, number) for number in range(WAITERS)]
    settle()
    assert pool.stats().waiting == WAITERS
    # The peer dies: every connection breaks and no new one comes about.
    peer.failing = ConnectRefused("down")
    peer.times.clear()
    for connection in held:
        pool.release(connection, discard=True)
    clock.advance(300)
    # Those of one wave, max_opening of them at most, begin together.
    down = sorted(set(peer.times))
    assert max(map(peer.times.count, down)) <= 3
    assert served == []
    assert pool.stats().waiting == WAITERS
    # Some lose their patience meanwhile: the order of the others stays.
    for caller_ in callers[::100]:
        caller_.kill(block=False)
    settle()
    peer.failing = None
    clock.advance(31)
    gevent.joinall(callers)
    assert served == [n for n in range(WAITERS) if n % 100]
    assert peer.most_connecting <= 3
    assert pool.stats().open == CONNECTIONS
    assert pool.stats().waiting == 0
    pool.close(timeout=0)
    settle()
    assert peer.present == 0
    return down


@pytest.mark.timeout(90)
def test_ten_thousand_waiters_outlive_a_peer_that_dies_in_order():
    attempts = after_the_storm(1)
    # With full jitter from 1 to 30 s: some dozens in 300 s, not hundreds.
    assert 8 <= len(attempts) <= 60, len(attempts)
    gaps = [round(b - a, 3) for a, b in zip(attempts, attempts[1:])]
    assert len(set(gaps)) > 0.8 * len(gaps), "no jitter"
    # Another process does not come at the same moments.
    others = after_the_storm(2)
    assert len(set(attempts[1:]) & set(others[1:])) <= 1


@pytest.mark.timeout(90)
def test_memory_returns_after_a_storm(unlogged):
    def kept():
        gc.collect()
        return tracemalloc.get_traced_memory()[0], len(gc.get_objects())

    # What is loaded or cached on first use is no leak.
    after_the_storm(3)
    tracemalloc.start()
    try:
        before, objects_before = kept()
        after_the_storm(4)
        _, peak = tracemalloc.get_traced_memory()
        after, objects_after = kept()
    finally:
        tracemalloc.stop()
    assert peak - before > 2_000_000, "there was no storm"
    assert objects_after - objects_before < 2_000
    # Coverage keeps a stack of its own for every greenlet there ever was.
    if sys.gettrace() is None and "coverage" not in sys.modules:
        assert after - before < 200_000


@pytest.fixture(scope="module")
def certificates():
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def server(certificates):
    registry = Registry({"client": PASSWORD})
    with Server(registry, certificates=certificates) as running:
        yield running


def epp_pool(server, size, hooks=None, reconnect=None, **rules):
    class StormPool(EPPPool):
        SPAWN_FREQUENCY = 0.0

    return StormPool(
        client_factory("localhost", server.port, ca_file=server.certificates.ca_file),
        lambda: Login("client", PASSWORD),
        size,
        policy=SessionPolicy(**rules),
        hooks=hooks,
        reconnect=reconnect or Backoff(0.05, 0.4),
        max_opening=2,
    )


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.timeout(90)
def test_a_registry_that_dies_under_ten_thousand_callers_answers_them_all(server):
    registry = server.registry
    gevent.spawn(epp_pool(server, 1).close).join()
    gc.collect()
    before = descriptors()
    pool = epp_pool(server, CONNECTIONS)
    pool.wait(timeout=20)
    served = []

    def caller(number):
        name = "storm{}.example".format(number)
        if number % 20:
            with pool.get():
                served.append(number)
            return
        answer = pool.send(CheckDomain(name), timeout=None)
        assert name.encode() in answer.xml
        served.append(number)

    held = [pool.acquire() for _ in range(CONNECTIONS)]
    callers = [gevent.spawn(caller, number) for number in range(WAITERS)]
    gevent.sleep(0)
    assert pool.stats().waiting == WAITERS
    server.stop()
    connections = registry.counters().connections
    for session in held:
        pool.release(session)
    gevent.sleep(0.5)
    server.start()
    while len(served) < WAITERS / 2:
        gevent.sleep(0.01)
    server.kill_sessions()
    gevent.joinall(callers, raise_error=True)
    assert len(served) == WAITERS
    assert registry.counters().most_sessions <= CONNECTIONS
    # Two deaths of eight sessions are made good by some more connects than that.
    assert registry.counters().connections - connections <= 6 * CONNECTIONS
    pool.wait(timeout=20)
    pool.close()
    gc.collect()
    assert descriptors() <= before + 1


def test_fifty_connections_due_at_one_moment_leave_one_by_one(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    clock = VirtualClock()
    peer = Peer()
    pool = virtual_pool(peer, clock, 50, max_lifetime=100, max_opening=50)
    assert peer.present == 50
    lowest = []
    close = peer.close

    def closing(connection):
        lowest.append(pool.stats().open)
        gevent.sleep(0)
        close(connection)

    monkeypatch.setattr(peer, "close", closing)
    clock.advance(95)
    assert len(lowest) == 50
    assert min(lowest) == 49, "two were out at once"
    assert peer.most_present == 50
    pool.close(timeout=0)


@pytest.mark.timeout(60)
def test_fifty_sessions_of_one_age_leave_one_by_one(server, monkeypatch):
    """At the registry: never two missing, never one too many."""
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    counted = []
    ended = []

    class Watching(EPPHooks):
        def session_expiring(self, session, reason):
            counted.append(server.registry.tally.sessions)

        def session_expired(self, session, reason):
            ended.append(str(reason))

        def logged_in(self, session, answer):
            counted.append(server.registry.tally.sessions)

    pool = epp_pool(server, 50, hooks=Watching(), max_age=4)
    pool.wait(timeout=20)
    counted.clear()
    with gevent.Timeout(30):
        while len(ended) < 50:
            gevent.sleep(0.01)
    assert set(ended) == {"max_age"}
    assert min(counted) >= 49, "two were out at once"
    assert server.registry.counters().most_sessions == 50
    pool.close()
