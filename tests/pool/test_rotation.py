"""Planned replacement: by age, by idleness and by drain."""

from __future__ import annotations

import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff

from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused


def test_an_idle_connection_is_replaced_before_max_lifetime(new_pool, peer, clock):
    # G12: there was no maximum age.
    pool = new_pool(1, max_lifetime=100)
    clock.advance(89.9)
    assert peer.connections[0].closes == 0
    clock.advance(10.2)
    assert peer.connections[0].closes == 1
    assert pool.stats().discarded["lifetime"] == 1
    assert pool.stats().open == 1


def test_each_connection_has_a_limit_of_its_own_up_to_ten_percent_below(
    new_pool, peer, clock
):
    pool = new_pool(50, min_size=50, max_lifetime=1000, max_opening=50)
    assert pool.stats().open == 50
    gone = []
    for _ in range(110):
        gone.append(sum(1 for c in peer.connections[:50] if c.closes))
        clock.advance(10)
    assert gone[89] == 0, "one left before 90 % of max_lifetime"
    assert gone[101] == 50, "one outlived max_lifetime"
    assert 5 < gone[95] < 45, "they all left together"


def test_rotations_never_coincide(new_pool, peer, clock):
    lowest = []

    def connect():
        # While one is out for its replacement, all others are there.
        lowest.append(pool.stats().open if pool is not None else None)
        return peer.connect()

    pool = None
    pool = new_pool(20, max_lifetime=100, max_opening=20, connect=connect)
    # The pool is full: from here on every connect belongs to a rotation.
    lowest.clear()
    clock.advance(101)
    assert len(lowest) == 20
    assert min(lowest) == 19


def test_rotation_goes_on_one_at_a_time_while_replacements_are_slow(
    new_pool, peer, clock
):
    pool = new_pool(10, max_lifetime=100, max_opening=10)
    peer.connect_gate = Event()
    clock.advance(200)
    assert pool.stats().open == 9
    assert len(peer.closed) == 1
    peer.connect_gate.set()
    clock.advance(10)
    assert pool.stats().open == 10


def test_a_peer_that_lets_nobody_in_costs_one_connection_not_all(new_pool, peer, clock):
    pool = new_pool(5, max_lifetime=100, reconnect=Backoff(1, 10))
    peer.failing = ConnectRefused()
    clock.advance(1000)
    assert pool.stats().open == 4
    peer.failing = None
    clock.advance(20)
    assert pool.stats().open == 5


def test_rotation_breaks_before_it_makes(new_pool, peer, clock):
    pool = new_pool(3, max_lifetime=100)
    clock.advance(500)
    assert peer.most_present == 3
    assert pool.stats().open == 3


def test_rotation_waits_for_the_close_before_it_connects(new_pool, peer, clock):
    pool = new_pool(1, max_lifetime=100, close_timeout=60)
    peer.close_gate = Event()
    clock.advance(101)
    assert pool.stats().closing == 1
    assert peer.attempts == 1
    peer.close_gate.set()
    settle()
    assert peer.attempts == 2


def test_a_connection_in_use_is_replaced_when_it_comes_back(new_pool, peer, clock):
    pool = new_pool(1, max_lifetime=100)
    with pool.get() as connection:
        clock.advance(500)
        assert connection.closes == 0
        connection.ask()
    settle()
    assert connection.closes == 1
    assert pool.stats().discarded["lifetime"] == 1
    assert pool.stats().open == 1


def test_busy_connections_past_their_time_rotate_one_at_a_time(new_pool, peer, clock):
    pool = new_pool(6, max_lifetime=100)
    held = [pool.acquire() for _ in range(6)]
    clock.advance(500)
    peer.connect_gate = Event()
    for connection in held:
        pool.release(connection)
    settle()
    assert pool.stats().open == 5
    peer.connect_gate.set()
    clock.advance(60)
    assert all(c.closes for c in held)
    assert pool.stats().open == 6


def test_above_min_size_an_idle_connection_is_closed_after_max_idle(
    new_pool, peer, clock
):
    pool = new_pool(5, min_size=2, max_idle=30)
    held = [start(pool.acquire).get() for _ in range(5)]
    for connection in held:
        pool.release(connection)
    assert pool.stats().open == 5
    clock.advance(29)
    assert pool.stats().open == 5
    clock.advance(2)
    assert pool.stats().open == 2
    assert pool.stats().discarded["idle"] == 3
    clock.advance(1000)
    assert pool.stats().open == 2


def test_max_idle_never_goes_below_min_size_even_while_others_are_used(
    new_pool, peer, clock
):
    pool = new_pool(4, min_size=2, max_idle=30)
    held = [start(pool.acquire).get() for _ in range(4)]
    for connection in held[2:]:
        pool.release(connection)
    clock.advance(100)
    assert pool.stats().open == 2
    assert pool.stats().in_use == 2
    for connection in held[:2]:
        pool.release(connection)


def test_pings_do_not_count_as_use_for_max_idle(new_pool, peer, clock):
    pool = new_pool(2, min_size=0, max_idle=30, keepalive=10)
    with pool.get():
        pass
    clock.advance(45)
    assert pool.stats().open == 0
    assert peer.pings >= 1


def test_without_max_idle_nothing_shrinks(new_pool, clock):
    pool = new_pool(3, min_size=0)
    held = [start(pool.acquire).get() for _ in range(3)]
    for connection in held:
        pool.release(connection)
    clock.advance(100_000)
    assert pool.stats().open == 3


def test_drain_replaces_idle_ones_now_and_used_ones_on_return(new_pool, peer, clock):
    pool = new_pool(3)
    before = list(peer.connections)
    with pool.get() as used:
        pool.drain()
        settle()
        assert sum(c.closes for c in before) == 2
        assert used.closes == 0
        used.ask()
    settle()
    assert all(c.closes == 1 for c in before)
    clock.advance(1)
    stats = pool.stats()
    assert stats.open == 3
    assert stats.discarded["drained"] == 3
    assert peer.most_present == 3


def test_drain_also_replaces_what_is_just_being_opened(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(1)
    assert peer.connecting == 1
    pool.drain()
    peer.connect_gate.set()
    clock.advance(2)
    assert peer.connections[0].closes == 1
    assert pool.stats().open == 1
    assert pool.stats().discarded["drained"] == 1


def test_drain_also_replaces_what_is_just_being_pinged(new_pool, peer, clock):
    pool = new_pool(1, keepalive=10)
    peer.ping_gate = Event()
    clock.advance(11)
    pool.drain()
    peer.ping_gate.set()
    clock.advance(2)
    assert peer.connections[0].closes == 1
    assert pool.stats().open == 1


def test_waiters_are_served_during_a_drain(new_pool, peer, clock):
    pool = new_pool(1)
    with pool.get():
        waiters = [start(pool.acquire, timeout=10) for _ in range(2)]
        pool.drain()
    clock.advance(1)
    first = waiters[0].get()
    assert first is not peer.connections[0]
    pool.release(first)
    settle()
    pool.release(waiters[1].get())


@pytest.mark.parametrize("leaving", ["in time", "killed"])
def test_a_rotation_put_off_goes_on_when_who_waited_leaves(
    new_pool, peer, clock, leaving
):
    pool = new_pool(
        2, min_size=0, max_lifetime=100, reconnect=Backoff(1000, 1000), max_opening=1
    )
    held = [start(pool.acquire).get() for _ in range(2)]
    clock.advance(120)
    peer.failing = ConnectRefused()
    # One who will have neither: he lost such a connection before.
    waiter = start(pool._obtain, object(), 5, opened_after=clock.now())
    pool.release(held[0])
    pool.release(held[1])
    settle()
    assert (pool.stats().idle, held[1].closes) == (1, 0)
    if leaving == "killed":
        waiter.kill()
    else:
        clock.advance(5.1)
    settle()
    assert held[1].closes == 1


def test_a_rotation_put_off_goes_on_when_a_connect_fails(new_pool, peer, clock):
    pool = new_pool(3, min_size=0, max_lifetime=100)
    held = [start(pool.acquire).get() for _ in range(2)]
    clock.advance(120)
    peer.connect_gate, peer.failing = Event(), ConnectRefused()
    start(pool.acquire, timeout=1)
    clock.advance(2)
    assert pool.stats()[2:8] == (0, 2, 0, 1, 0, 0)
    for connection in held:
        pool.release(connection)
    settle()
    assert (pool.stats().idle, held[1].closes) == (1, 0)
    peer.connect_gate.set()
    settle()
    assert held[1].closes == 1


def test_max_idle_goes_by_what_is_open_not_by_a_connect_that_hangs(
    new_pool, peer, clock
):
    pool = new_pool(2, min_size=1, max_idle=30)
    held = pool.acquire()
    peer.connect_gate = Event()
    waiter = start(pool.acquire)
    pool.release(held)
    settle()
    pool.release(waiter.get(timeout=1))
    assert pool.stats().opening == 1
    clock.advance(100)
    assert (pool.stats().idle, held.closes) == (1, 0)
