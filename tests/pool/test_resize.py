"""Another size: what opens, and what has to go."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff

from ..support.clients import start
from ..support.clock import settle


def test_resize_up_opens_more_and_serves_who_waits(new_pool, peer):
    pool = new_pool(1)
    with pool.get():
        waiter = start(pool.acquire)
        assert not waiter.ready()
        pool.resize(3)
        settle()
        pool.release(waiter.get(timeout=1))
    settle()
    assert pool.size == 3
    assert pool.stats().size == 3
    assert pool.stats().open == 3


def test_resize_down_closes_idle_ones_first(new_pool, peer):
    pool = new_pool(4)
    with pool.get() as used:
        pool.resize(1)
        settle()
        assert used.closes == 0
        assert pool.stats().open == 1
        used.ask()
    settle()
    assert used.closes == 0
    assert pool.stats().discarded["resized"] == 3


def test_resize_down_converges_as_used_ones_come_back(new_pool, peer):
    pool = new_pool(3)
    held = [pool.acquire() for _ in range(3)]
    pool.resize(1)
    waiter = start(pool.acquire)
    assert pool.stats().open == 3
    pool.release(held[0])
    pool.release(held[1])
    settle()
    assert pool.stats().open == 1
    assert not waiter.ready()
    pool.release(held[2])
    settle()
    pool.release(waiter.get(timeout=1))
    assert pool.stats().open == 1


def test_resize_down_while_connects_are_under_way(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(4, max_opening=4)
    assert peer.connecting == 4
    pool.resize(2)
    peer.connect_gate.set()
    clock.advance(2)
    assert pool.stats().open == 2
    assert peer.present == 2


def test_resize_keeps_min_size_unless_told(new_pool):
    pool = new_pool(5, min_size=2)
    pool.resize(10)
    assert pool.stats().min_size == 2
    pool.resize(1)
    assert pool.stats().min_size == 1
    pool.resize(4, min_size=3)
    assert pool.stats().min_size == 3


def test_a_pool_that_was_kept_full_is_kept_full_after_resize(new_pool):
    pool = new_pool(2)
    pool.resize(5)
    settle()
    assert pool.stats().min_size == 5
    assert pool.stats().open == 5


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((0,), "size must be an integer of at least 1, not 0"),
        ((-2,), "size must be an integer of at least 1, not -2"),
        ((2.5,), "size must be an integer of at least 1, not 2.5"),
        ((2, 3), r"min_size must be at most size \(2\), not 3"),
        ((2, -1), "min_size must be an integer of at least 0, not -1"),
    ],
)
def test_a_wrong_resize_is_named_and_changes_nothing(new_pool, arguments, names):
    pool = new_pool(3, min_size=1)
    before = pool.stats()
    with pytest.raises((TypeError, ValueError), match=names):
        pool.resize(*arguments)
    assert pool.stats() == before


def test_resize_down_costs_no_connection_for_connects_that_hang(new_pool, peer, clock):
    pool = new_pool(4, min_size=2)
    peer.connect_gate = Event()
    held = [pool.acquire() for _ in range(2)]
    waiters = [start(pool.acquire, timeout=1) for _ in range(2)]
    clock.advance(2)
    assert all(waiter.ready() for waiter in waiters)
    assert pool.stats().opening == 2
    pool.release(held[0])
    pool.resize(2)
    settle()
    pool.release(held[1])
    settle()
    stats = pool.stats()
    assert (stats.open, stats.opening, stats.closing) == (2, 0, 0)
    assert not peer.closed


def test_resize_down_costs_no_connection_for_those_that_are_closing(new_pool, peer):
    pool = new_pool(4)
    peer.close_gate = Event()
    held = [pool.acquire() for _ in range(4)]
    pool.resize(1)
    for connection in held:
        pool.release(connection)
    settle()
    stats = pool.stats()
    assert (stats.open, stats.closing) == (1, 3)
    assert stats.discarded["resized"] == 3


@pytest.mark.parametrize("begun", [True, False], ids=["begun", "not begun"])
def test_resize_down_gives_the_newest_connects_up(new_pool, clock, begun):
    ended = []

    def connect():
        number = next(numbers)
        try:
            gevent.sleep(1000)
        except gevent.GreenletExit:
            ended.append(number)
            raise

    numbers = iter(range(10))
    pool = new_pool(4, connect=connect, max_opening=4, open=False)
    pool.open()
    if begun:
        settle()
    pool.resize(2)
    settle()
    assert pool.stats().opening == 2
    assert ended == ([2, 3] if begun else [])
    assert next(numbers) == (4 if begun else 2)


def test_a_connect_given_up_is_no_failure(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(3, max_opening=3, reconnect=Backoff(1000, 1000))
    pool.resize(1)
    settle()
    assert (peer.connecting, pool.stats().connect_errors) == (1, 0)
    pool.resize(3)
    settle()
    assert peer.connecting == 3
    peer.connect_gate.set()
    settle()
    assert pool.stats().open == 3


def test_a_connect_that_will_not_be_given_up_finds_no_place(new_pool, peer, clock):
    def connect():
        try:
            return peer.connect()
        except gevent.GreenletExit:
            return peer.connect()

    peer.connect_gate = Event()
    pool = new_pool(2, max_opening=2, connect=connect)
    pool.resize(1)
    settle()
    assert pool.stats().opening == 2
    peer.connect_gate.set()
    settle()
    stats = pool.stats()
    assert (stats.open, stats.opening, stats.closing) == (1, 0, 0)
    assert stats.discarded["resized"] == 1
