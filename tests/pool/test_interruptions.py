"""A kill or a timeout in each state a connection or a caller can be in."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff

from ..support.clients import start
from ..support.clock import settle


@pytest.fixture(params=[gevent.Timeout, gevent.GreenletExit])
def interruption(request):
    """What is thrown into the greenlet."""
    return request.param()


def whole(pool, peer, clock):
    """Assert that all slots are there and the pool serves *size* callers."""
    clock.advance(100)
    stats = pool.stats()
    assert (stats.waiting, stats.in_use, stats.opening, stats.closing) == (0, 0, 0, 0)
    callers = [start(pool.acquire, timeout=100) for _ in range(stats.size)]
    clock.advance(100)
    connections = [caller.get(timeout=1) for caller in callers]
    assert len(set(connections)) == stats.size
    for connection in connections:
        connection.ask()
        pool.release(connection)
    assert peer.most_present <= stats.size
    assert all(c.closes <= 1 for c in peer.connections)


def throw(greenlet, error):
    greenlet.kill(error, block=False)
    settle()


def test_while_waiting(new_pool, peer, clock, interruption):
    pool = new_pool(1)
    with pool.get():
        waiter = start(pool.acquire)
        throw(waiter, interruption)
        assert pool.stats().waiting == 0
    assert waiter.ready()
    whole(pool, peer, clock)


def test_while_being_handed_a_connection(new_pool, peer, clock, interruption):
    pool = new_pool(1)
    connection = pool.acquire()
    waiter = start(pool.acquire)
    waiter.kill(interruption, block=False)
    pool.release(connection)
    assert pool.stats().in_use == 1, "it is put before the waiter"
    settle()
    assert waiter.ready()
    assert pool.stats().in_use == 0
    whole(pool, peer, clock)


def test_while_being_handed_one_with_another_caller_behind(
    new_pool, peer, clock, interruption
):
    pool = new_pool(1)
    connection = pool.acquire()
    first, second = start(pool.acquire), start(pool.acquire)
    first.kill(interruption, block=False)
    pool.release(connection)
    settle()
    pool.release(second.get(timeout=1))
    whole(pool, peer, clock)


def test_while_being_handed_one_that_close_takes_away(new_pool, clock, interruption):
    pool = new_pool(1)
    connection = pool.acquire()
    waiter = start(pool.acquire)
    waiter.kill(interruption, block=False)
    pool.release(connection)
    closing = start(pool.close, timeout=1)
    clock.advance(2)
    assert closing.successful()
    assert waiter.ready()
    assert connection.closes == 1


def test_while_in_use(new_pool, peer, clock, interruption):
    pool = new_pool(1)
    user = start(lambda: use(pool, 1000))
    throw(user, interruption)
    assert pool.stats().discarded["interrupted"] == 1
    whole(pool, peer, clock)


def test_while_a_new_connection_is_opened_for_the_caller(
    new_pool, peer, clock, interruption
):
    pool = new_pool(1, min_size=0)
    peer.connect_gate = Event()
    caller = start(pool.acquire)
    throw(caller, interruption)
    peer.connect_gate.set()
    settle()
    assert pool.stats().idle == 1, "the connect was not for nothing"
    whole(pool, peer, clock)


def test_the_opener_while_it_connects(new_pool, peer, clock, interruption):
    peer.connect_gate = Event()
    pool = new_pool(1)
    (opener,) = pool._engine.opener.running
    throw(opener, interruption)
    assert pool.stats().connect_errors == 1
    peer.connect_gate.set()
    whole(pool, peer, clock)


def test_the_pinger_while_it_pings(new_pool, peer, clock, interruption):
    pool = new_pool(1, keepalive=10)
    peer.ping_gate = Event()
    clock.advance(11)
    (pinger,) = pool._engine.pinger.running
    throw(pinger, interruption)
    assert pool.stats().discarded["ping"] == 1
    peer.ping_gate.set()
    whole(pool, peer, clock)


def test_the_closer_while_it_closes(new_pool, peer, clock, interruption):
    pool = new_pool(1)
    peer.close_gate = Event()
    pool.release(pool.acquire(), discard=True)
    settle()
    (closer,) = pool._engine.closer.running
    throw(closer, interruption)
    assert pool.stats().closing == 0
    peer.close_gate.set()
    whole(pool, peer, clock)


@pytest.mark.parametrize("part", ["opener", "pinger", "closer"])
def test_a_background_greenlet_killed_before_it_starts(
    new_pool, peer, clock, interruption, part
):
    pool = new_pool(1, keepalive=10, open=part != "opener")
    if part == "opener":
        pool.open()
    elif part == "pinger":
        pool._engine.pinger.start(pool._engine.state.idle[0])
    else:
        pool.release(pool.acquire(), discard=True)
    (greenlet,) = getattr(pool._engine, part).running
    # By class: gevent 1.5 itself stumbles over an instance here.
    throw(greenlet, type(interruption))
    whole(pool, peer, clock)


@pytest.mark.parametrize("call", ["wait", "check", "close"])
def test_while_waiting_in(new_pool, peer, clock, interruption, call):
    pool = new_pool(2, ping=peer.ping)
    peer.ping_gate = Event()
    if call == "wait":
        peer.connect_gate = Event()
        pool.resize(3)
    held = pool.acquire()
    caller = start(getattr(pool, call))
    assert not caller.ready()
    throw(caller, interruption)
    assert caller.ready()
    peer.ping_gate.set()
    if peer.connect_gate is not None:
        peer.connect_gate.set()
    pool.release(held)
    if call != "close":
        whole(pool, peer, clock)
    else:
        again = start(pool.close, timeout=1)
        clock.advance(10)
        assert again.successful()
        assert peer.present == 0


def use(pool, seconds):
    with pool.get() as connection:
        connection.ask(seconds)


def test_all_at_once_and_the_pool_is_whole(new_pool, peer, clock, interruption):
    pool = new_pool(3, keepalive=5, max_lifetime=30, reconnect=Backoff(0.1, 1))
    users = [gevent.spawn(use, pool, 0.001 * n) for n in range(30)]
    for _ in range(10):
        gevent.sleep(0)
        clock.advance(3)
        engine = pool._engine
        for part in (engine.opener, engine.pinger, engine.closer):
            for greenlet in list(part.running):
                throw(greenlet, interruption)
        for user in users[::3]:
            throw(user, interruption)
    gevent.joinall(users, timeout=5)
    whole(pool, peer, clock)
