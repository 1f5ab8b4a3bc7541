"""``close()`` and the hooks in a connect's greenlet: neither ends the other."""

from __future__ import annotations

import pytest
from gevent.event import Event

from geventconnpool_ext import PoolHooks

from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused


class Slow(PoolHooks):
    """Its ``connected`` lasts until the gate opens."""

    def __init__(self):
        self.gate = Event()
        self.told = []

    def connected(self, connection):
        self.told.append("begun")
        self.gate.wait()
        self.told.append("over")


@pytest.mark.parametrize("hook", ["connected", "connect_failed"])
def test_a_hook_may_close_the_pool(new_pool, peer, clock, hook):
    told = []

    class Closing(PoolHooks):
        def closed(self):
            told.append("closed")

    def close(what):
        if pool.stats().in_use:
            told.append(hook)
            pool.close(timeout=1)
            told.append("returned")

    hooks = Closing()
    setattr(hooks, hook, close)
    pool = new_pool(2, min_size=1, hooks=hooks, open=False)
    pool.open()
    with pool.get() as connection:
        if hook == "connect_failed":
            peer.failing = ConnectRefused()
        waiter = start(pool.acquire)
        clock.advance(2)
        assert connection.closes == 1
    assert told == [hook, "closed", "returned"]
    assert waiter.ready()


def test_a_close_by_somebody_else_lets_a_hook_end(new_pool, clock):
    hooks = Slow()
    pool = new_pool(1, hooks=hooks)
    assert hooks.told == ["begun"]
    closing = start(pool.close, timeout=1)
    assert closing.successful()
    hooks.gate.set()
    settle()
    assert hooks.told == ["begun", "over"]


def test_so_does_a_close_just_when_the_connect_ends(new_pool, peer):
    peer.connect_gate = Event()
    hooks = Slow()
    # Called before the connect goes on, in the same turn of the loop.
    peer.connect_gate.rawlink(lambda gate: pool._engine.close())
    pool = new_pool(1, hooks=hooks)
    peer.connect_gate.set()
    settle()
    assert hooks.told == ["begun"]
    hooks.gate.set()
    settle()
    assert hooks.told == ["begun", "over"]


def test_a_connect_under_way_ends_with_the_pool(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(1)
    assert peer.connecting == 1
    closing = start(pool.close, timeout=60)
    assert closing.successful()
    assert peer.connecting == 0
