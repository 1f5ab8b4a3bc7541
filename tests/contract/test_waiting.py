"""How a caller waits, and how its wait ends without a connection."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import Backoff, ConnectFailed, PoolFull, PoolTimeout

from ..support.clients import start
from ..support.clock import settle
from ..support.peer import ConnectRefused


class Refused(Exception):
    """A connect error that waiting doesn't cure."""


def use(pool, timeout):
    with pool.get(timeout) as connection:
        return connection


def test_timeout_zero_never_waits(new_pool, clock):
    pool = new_pool(1)
    with pool.get():
        with pytest.raises(PoolTimeout):
            pool.get(timeout=0).__enter__()
        assert pool.stats().waiting == 0
        assert pool.stats().timeouts == 1


@pytest.mark.parametrize("how", ["get", "pool"])
def test_the_timeout_ends_the_wait_at_its_time(new_pool, clock, how):
    pool = new_pool(1, timeout=7 if how == "pool" else None)
    with pool.get():
        waiter = start(lambda: pool.acquire(*([] if how == "pool" else [7])))
        clock.advance(6.9)
        assert not waiter.ready()
        clock.advance(0.2)
        assert isinstance(waiter.exception, PoolTimeout)
    assert pool.stats().timeouts == 1
    assert pool.stats().waiting == 0


def test_none_waits_for_ever_even_where_the_pool_has_a_timeout(new_pool, clock):
    pool = new_pool(1, timeout=1)
    with pool.get():
        waiter = start(use, pool, None)
        clock.advance(100_000)
        assert not waiter.ready()
    assert waiter.get() is not None


def test_pool_timeout_is_a_timeout_error_and_tells_what_was_waited_for(new_pool, clock):
    pool = new_pool(2, name="registry")
    with pool.get(), pool.get():
        waiter = start(use, pool, 2.5)
        clock.advance(3)
    error = waiter.exception
    assert isinstance(error, TimeoutError)
    text = str(error)
    assert text.startswith("registry: ")
    for part in ("2.5 s", "connection", "size 2", "2 in use", "last connect error"):
        assert part in text


def test_what_a_caller_is_told_stands_in_the_log(new_pool, clock, caplog):
    pool = new_pool(1, name="registry", max_waiting=1)
    with pool.get():
        waiter = start(use, pool, 2.5)
        with pytest.raises(PoolFull) as full:
            pool.get().__enter__()
        clock.advance(3)
    lines = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert lines == [str(full.value), str(waiter.exception)]


def test_pool_timeout_has_the_last_connect_error_as_its_cause(new_pool, peer, clock):
    refusal = ConnectRefused("nobody listens")
    peer.failing = refusal
    pool = new_pool(1)
    waiter = start(use, pool, 5)
    clock.advance(6)
    error = waiter.exception
    assert isinstance(error, PoolTimeout)
    assert error.__cause__ is refusal
    assert "ConnectRefused: nobody listens" in str(error)


def test_the_timeout_bounds_a_connect_that_stalls(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(1)
    waiter = start(use, pool, 0.3)
    clock.advance(0.31)
    assert isinstance(waiter.exception, PoolTimeout)


def test_more_than_max_waiting_are_turned_away_at_once(new_pool):
    pool = new_pool(1, max_waiting=2, name="short")
    with pool.get():
        waiters = [start(use, pool, None) for _ in range(2)]
        with pytest.raises(PoolFull) as caught:
            pool.get().__enter__()
        assert str(caught.value).startswith("short: ")
        assert "2 callers wait already" in str(caught.value)
        assert pool.stats().rejected == 1
        assert pool.stats().waiting == 2
    gevent.joinall(waiters, raise_error=True)


def test_max_waiting_zero_still_serves_who_need_not_wait(new_pool):
    pool = new_pool(1, max_waiting=0)
    with pool.get(timeout=10), pytest.raises(PoolFull):
        pool.get().__enter__()
    with pool.get(timeout=10):
        pass


def test_a_waiter_that_timed_out_makes_room_for_another(new_pool, clock):
    pool = new_pool(1, max_waiting=1)
    with pool.get():
        start(use, pool, 1)
        clock.advance(2)
        waiter = start(use, pool, None)
        assert not waiter.ready()
    assert waiter.get() is not None


def test_who_waits_gets_the_slot_of_a_discarded_connection(new_pool, clock):
    pool = new_pool(1)
    broken = pool.acquire()
    waiter = start(use, pool, 30)
    pool.release(broken, discard=True)
    clock.advance(1)
    assert waiter.successful()
    assert waiter.value is not broken


@pytest.mark.parametrize("by", ["kill", "timeout"])
def test_a_waiter_that_goes_away_takes_nothing_with_it(new_pool, by):
    pool = new_pool(1)
    with pool.get():
        leaver = start(use, pool, None)
        stayer = start(use, pool, None)
        if by == "kill":
            leaver.kill()
        else:
            gevent.kill(leaver, gevent.Timeout())
            settle()
        assert pool.stats().waiting == 1
    assert stayer.get() is not None
    with pool.get(timeout=5):
        pass


@pytest.mark.parametrize("order", ["kill first", "hand first"])
def test_a_waiter_killed_as_it_is_served_loses_nothing(new_pool, clock, order):
    pool = new_pool(1)
    lease = pool.get()
    lease.__enter__()
    served = start(use, pool, None)
    stayer = start(use, pool, None)
    if order == "kill first":
        served.kill(block=False)
        lease.__exit__(None, None, None)
    else:
        lease.__exit__(None, None, None)
        served.kill(block=False)
    clock.advance(1)
    assert served.ready()
    assert stayer.successful()
    stats = pool.stats()
    assert (stats.in_use, stats.waiting) == (0, 0)


def test_fatal_connect_errors_fail_waiters_at_once(new_pool, peer, clock):
    refusal = Refused("wrong password")
    peer.failing = refusal
    pool = new_pool(
        1, fatal_exc_classes=(Refused,), name="locked", reconnect=Backoff(60, 60)
    )
    waiter = start(use, pool, None)
    clock.advance(0.1)
    error = waiter.exception
    assert isinstance(error, ConnectFailed)
    assert error.__cause__ is refusal
    assert str(error).startswith("locked: ")
    assert "Refused: wrong password" in str(error)


def test_other_connect_errors_do_not_fail_waiters(new_pool, peer, clock):
    peer.errors = [ConnectRefused()] * 3
    pool = new_pool(
        1, fatal_exc_classes=(Refused,), reconnect=Backoff(initial=1, maximum=1)
    )
    waiter = start(use, pool, None)
    clock.advance(10)
    assert waiter.ready()
    assert waiter.get() is not None


def test_hundreds_share_a_few_connections_and_all_are_served(new_pool, peer):
    pool = new_pool(4)
    crossed = []

    def client(number):
        with pool.get() as connection:
            connection.ask(0.001)
            crossed.append(number)

    gevent.joinall([gevent.spawn(client, n) for n in range(300)], raise_error=True)
    assert sorted(crossed) == list(range(300))
    stats = pool.stats()
    assert (stats.waiting, stats.in_use, stats.gets) == (0, 0, 300)
    assert stats.gets_waited <= 300
