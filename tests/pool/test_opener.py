"""When the pool connects, how often, how many at once, and who waits for it."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import (
    Backoff,
    ConnectFailed,
    ConnectionPool,
    PoolClosed,
    PoolTimeout,
)

from ..support.clients import lose, start
from ..support.clock import settle
from ..support.peer import ConnectRefused

QUICK = Backoff(initial=1.0, maximum=8.0)


def test_the_pool_fills_itself_to_size(new_pool, peer):
    pool = new_pool(5)
    assert pool.stats().open == 5
    assert peer.attempts == 5


def test_min_size_is_kept_and_the_rest_comes_on_demand(new_pool, peer):
    pool = new_pool(5, min_size=2)
    assert pool.stats().open == 2
    held = [start(pool.acquire).get() for _ in range(4)]
    settle()
    assert pool.stats().open == 4
    for connection in held:
        pool.release(connection)
    settle()
    assert pool.stats().open == 4


def test_min_size_zero_connects_only_when_asked(new_pool, peer, clock):
    pool = new_pool(3, min_size=0)
    clock.advance(100)
    assert peer.attempts == 0
    with pool.get():
        assert peer.attempts == 1


def test_one_idle_connection_serves_callers_in_turn_without_growth(new_pool, peer):
    pool = new_pool(5, min_size=0)
    for _ in range(10):
        with pool.get() as connection:
            connection.ask()
    assert peer.attempts == 1


def test_first_opens_are_staggered_by_spawn_frequency(peer, clock):
    class Staggered(ConnectionPool):
        _clock = clock
        SPAWN_FREQUENCY = 0.1

    pool = Staggered(4, connect=peer.connect)
    settle()
    seen = []
    for _ in range(8):
        seen.append(peer.attempts)
        clock.advance(0.0501)
    assert seen == [1, 1, 2, 2, 3, 3, 4, 4]
    pool.close()


def test_the_stagger_can_be_set_on_the_subclass(peer, clock):
    class Staggered(ConnectionPool):
        _clock = clock
        SPAWN_FREQUENCY = 2.0

    pool = Staggered(2, connect=peer.connect)
    clock.advance(1.9)
    assert peer.attempts == 1
    clock.advance(0.2)
    assert peer.attempts == 2
    pool.close()


def test_no_more_than_max_opening_connects_are_under_way(new_pool, peer):
    peer.connect_gate = Event()
    pool = new_pool(10, max_opening=3)
    waiters = [start(pool.acquire) for _ in range(10)]
    assert peer.connecting == 3
    peer.connect_gate.set()
    settle()
    for waiter in waiters:
        pool.release(waiter.get())
    assert peer.most_connecting == 3


def test_max_opening_is_two_by_default(new_pool, peer):
    peer.connect_gate = Event()
    new_pool(10)
    assert peer.connecting == 2
    peer.connect_gate.set()


def test_a_connect_that_stalls_keeps_nobody_from_an_idle_connection(new_pool, peer):
    pool = new_pool(3, min_size=1)
    peer.connect_gate = Event()
    with pool.get():
        waiter = start(pool.acquire)
        assert peer.connecting >= 1
    pool.release(waiter.get(timeout=1))


def test_a_stalled_connect_is_bounded_by_connect_timeout(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(1, connect_timeout=3, reconnect=Backoff(0.1, 0.1))
    waiter = start(pool.acquire, timeout=10)
    clock.advance(2.9)
    assert pool.stats().connect_errors == 0
    clock.advance(0.2)
    assert pool.stats().connect_errors == 1
    peer.connect_gate.set()
    clock.advance(1)
    pool.release(waiter.get())


def test_connect_timeout_is_named_in_the_error(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(1, connect_timeout=3)
    waiter = start(pool.acquire, timeout=3.05)
    clock.advance(3.06)
    assert "connect took longer than 3 s" in str(waiter.exception)
    assert isinstance(waiter.exception.__cause__, TimeoutError)


def test_failed_connects_back_off_and_never_spin(new_pool, peer, clock):
    peer.failing = ConnectRefused()
    new_pool(4, reconnect=Backoff(initial=1.0, maximum=60.0))
    clock.advance(600)
    # Twice in a row at every step: jitter may halve the waits, no more.
    assert 5 <= peer.attempts <= 120


def test_waits_between_failed_connects_grow_and_are_jittered(new_pool, peer, clock):
    moments = []

    def connect():
        moments.append(clock.now())
        raise ConnectRefused

    new_pool(1, connect=connect, reconnect=Backoff(1.0, 64.0, 2.0))
    clock.advance(2000)
    gaps = [b - a for a, b in zip(moments, moments[1:])]
    bounds = [min(2.0**n, 64.0) for n in range(len(gaps))]
    assert all(gap <= bound + 1e-6 for gap, bound in zip(gaps, bounds))
    assert max(gaps) > 8
    assert len({round(gap, 3) for gap in gaps}) > len(gaps) // 2, "no jitter"


def test_the_pool_recovers_by_itself_when_the_peer_does(new_pool, peer, clock):
    peer.failing = ConnectRefused()
    pool = new_pool(3, reconnect=QUICK)
    clock.advance(100)
    assert pool.stats().open == 0
    peer.failing = None
    clock.advance(30)
    assert pool.stats().open == 3


def test_the_backoff_starts_over_once_a_connection_has_proved_itself(
    new_pool, peer, clock
):
    pool = new_pool(1, reconnect=Backoff(initial=1.0, maximum=1000.0, factor=10.0))
    peer.errors = [ConnectRefused()] * 3
    lose(pool)
    clock.advance(3000)
    with pool.get(timeout=0):
        pass
    peer.errors = [ConnectRefused()]
    lose(pool, timeout=0)
    clock.advance(1.01)
    assert pool.stats().open == 1


def test_a_proven_connection_that_breaks_is_replaced_at_once(new_pool, peer, clock):
    # Upstream waits a second, always.
    pool = new_pool(1)
    with pool.get():
        pass
    lose(pool)
    settle()
    assert pool.stats().open == 1
    assert clock.now() == 1000.0


def test_a_peer_that_accepts_and_drops_is_not_hammered(new_pool, peer, clock):
    pool = new_pool(1, reconnect=Backoff(initial=1.0, maximum=60.0))
    stop = []

    def client():
        while not stop:
            try:
                with pool.get():
                    raise ConnectionResetError
            except ConnectionResetError:
                pass

    greenlet = start(client)
    clock.advance(600)
    stop.append(True)
    assert peer.attempts < 120
    greenlet.kill()


def test_a_ping_that_fails_before_the_first_lease_counts_as_a_failed_connect(
    new_pool, peer, clock
):
    peer.ping_failing = ConnectionResetError()
    new_pool(1, keepalive=1.0, reconnect=Backoff(initial=10.0, maximum=60.0))
    clock.advance(600)
    assert peer.attempts < 60


def test_a_duplicate_connection_is_an_error_and_takes_no_second_slot(peer, clock):
    only = peer.connect()

    class Duplicating(ConnectionPool):
        _clock = clock
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self):
            return only

    pool = Duplicating(3)
    clock.advance(5)
    assert pool.stats().open == 1
    assert pool.stats().connects == 1
    assert pool.stats().connect_errors >= 1
    with pool.get():
        waiter = start(pool.acquire, 1)
        clock.advance(2)
        assert isinstance(waiter.exception, PoolTimeout)
        assert "already holds" in str(waiter.exception)
    assert only.closes == 0, "the one that is in the pool must stay open"
    pool.close()


@pytest.mark.parametrize(
    "error",
    [gevent.Timeout(1), gevent.GreenletExit(), ValueError(), PoolClosed()],
    ids=lambda error: type(error).__name__,
)
def test_whatever_leaves_a_connect_its_slot_is_free_again(new_pool, peer, clock, error):
    # U4, G1: the slot was gone for good.
    peer.errors = [error]
    pool = new_pool(1)
    waiter = start(pool.acquire, timeout=100)
    clock.advance(10)
    pool.release(waiter.get())
    assert pool.stats().connect_errors == 1


def test_an_opener_killed_before_it_starts_leaves_its_slot(new_pool, peer, clock):
    pool = new_pool(1, open=False)
    pool.open()
    for greenlet in list(pool._engine.opener.running):
        greenlet.kill(block=False)
    waiter = start(pool.acquire, timeout=100)
    clock.advance(10)
    pool.release(waiter.get())
    assert pool.stats().opening == 0


def test_wait_returns_when_min_size_is_open(new_pool, peer, clock):
    peer.connect_gate = Event()
    pool = new_pool(5, min_size=3)
    waiting = start(pool.wait, 10)
    assert not waiting.ready()
    peer.connect_gate.set()
    settle()
    assert waiting.successful()
    assert pool.stats().open == 3


def test_wait_ends_with_the_last_connect_error_as_cause(new_pool, peer, clock):
    refusal = ConnectRefused("nobody there")
    peer.failing = refusal
    pool = new_pool(2, name="cold")
    waiting = start(pool.wait, 5)
    clock.advance(6)
    error = waiting.exception
    assert isinstance(error, PoolTimeout)
    assert error.__cause__ is refusal
    assert str(error).startswith("cold: waited 5 s in vain for 2 connections")


def test_wait_ends_when_the_pool_is_closed(new_pool, peer):
    peer.connect_gate = Event()
    pool = new_pool(1)
    waiting = start(pool.wait, None)
    pool.close(timeout=0)
    settle()
    assert isinstance(waiting.exception, PoolClosed)


def test_wait_ends_at_once_with_a_fatal_connect_error(new_pool, peer, clock):
    peer.failing = PermissionError("no")
    pool = new_pool(1, fatal_exc_classes=(PermissionError,))
    waiting = start(pool.wait, 1000)
    clock.advance(0.1)
    assert isinstance(waiting.exception, ConnectFailed)
    assert waiting.exception.__cause__ is peer.failing


def test_fatal_errors_do_not_fail_waiters_while_a_connection_is_open(
    new_pool, peer, clock
):
    pool = new_pool(2, min_size=1, fatal_exc_classes=(PermissionError,))
    peer.failing = PermissionError("no")
    with pool.get():
        waiter = start(pool.acquire, timeout=1000)
        clock.advance(100)
        assert not waiter.ready()
    pool.release(waiter.get())


def test_who_waits_is_told_as_a_newcomer_is_when_the_last_connection_goes(
    new_pool, peer, clock
):
    pool = new_pool(
        2, min_size=1, fatal_exc_classes=(ConnectRefused,), reconnect=Backoff(60, 60)
    )
    held = pool.acquire()
    peer.failing = ConnectRefused("no")
    waiter = start(pool.acquire)
    settle()
    assert not waiter.ready()
    pool.release(held, discard=True)
    settle()
    with pytest.raises(ConnectFailed):
        waiter.get(timeout=1)
    peer.failing = None


def test_a_fatal_error_is_forgotten_once_a_connect_succeeds(new_pool, peer, clock):
    peer.errors = [PermissionError("no")]
    pool = new_pool(1, fatal_exc_classes=(PermissionError,), reconnect=QUICK)
    clock.advance(20)
    assert pool.stats().open == 1
    with pool.get(timeout=0):
        pass


def test_a_new_caller_after_a_fatal_error_is_told_without_waiting(
    new_pool, peer, clock
):
    peer.failing = PermissionError("no")
    pool = new_pool(
        1, fatal_exc_classes=(PermissionError,), reconnect=Backoff(1000, 1000)
    )
    clock.advance(0.01)
    caller = start(pool.acquire)
    assert isinstance(caller.exception, ConnectFailed)


def test_a_caller_waits_as_long_as_its_connect_not_as_long_as_a_killed_one(
    new_pool, peer, clock
):
    # A waiter that is killed must not take the connect with it that others need.
    peer.connect_gate = Event()
    pool = new_pool(1, min_size=0)
    first = start(pool.acquire)
    second = start(pool.acquire)
    first.kill()
    peer.connect_gate.set()
    settle()
    pool.release(second.get())


def test_hundreds_of_waiters_open_no_more_than_size(new_pool, peer, clock):
    pool = new_pool(3, min_size=0, max_opening=100)
    done = []

    def client():
        with pool.get() as connection:
            connection.ask(0.001)
            done.append(1)

    gevent.joinall([gevent.spawn(client) for _ in range(200)], raise_error=True)
    assert len(done) == 200
    assert peer.most_present == 3


def test_polling_without_waiting_gets_a_connection_in_the_end(new_pool, peer, clock):
    pool = new_pool(2, min_size=0)
    with pytest.raises(PoolTimeout):
        pool.acquire(timeout=0)
    clock.advance(1)
    pool.release(pool.acquire(timeout=0))


@pytest.mark.parametrize("check_after_idle", [0, 0.001, 10])
def test_polling_gets_a_connection_however_little_it_may_have_idled(
    new_pool, peer, clock, check_after_idle
):
    pool = new_pool(2, check_after_idle=check_after_idle)
    clock.advance(11)
    for ping in range(1, 4):
        with pytest.raises(PoolTimeout):
            pool.acquire(timeout=0)
        clock.advance(0.5)
        pool.release(pool.acquire(timeout=0))
        assert peer.pings == ping
        clock.advance(11)


def test_a_ping_of_long_ago_does_not_do_for_who_polls(new_pool, peer, clock):
    pool = new_pool(1, check_after_idle=0)
    clock.advance(1)
    for _ in range(3):
        with pytest.raises(PoolTimeout):
            pool.acquire(timeout=0)
        clock.advance(2)
    assert peer.pings == 3


def test_when_a_connection_works_the_others_are_not_held_back(new_pool, peer, clock):
    # One connect that fails while the next succeeds: the peer came back in between.
    peer.errors = [ConnectRefused()]
    pool = new_pool(2, max_opening=2, reconnect=Backoff(1000, 1000))
    assert (pool.stats().open, peer.attempts) == (1, 2)
    with pool.get():
        pass
    settle()
    assert pool.stats().open == 2


def test_what_works_already_does_not_say_that_a_fatal_error_is_over(
    new_pool, peer, clock
):
    pool = new_pool(
        2,
        min_size=1,
        fatal_exc_classes=(PermissionError,),
        reconnect=Backoff(1000, 1000),
    )
    with pool.get():
        peer.failing = PermissionError("no")
        waiter = start(pool.acquire)
        assert peer.attempts == 2
    pool.release(waiter.get(timeout=1))
    with pool.get():
        start(pool.acquire, timeout=0.001)
        assert peer.attempts == 2
        clock.advance(0.01)


def test_many_connections_lost_at_once_count_as_one_failure(new_pool, peer, clock):
    new_pool(20, keepalive=10, reconnect=Backoff(0.1, 600), max_opening=20)
    peer.ping_failing = ConnectionResetError()
    clock.advance(10.5)
    peer.ping_failing = None
    clock.advance(30)
    assert len(peer.alive) == 20


def test_an_error_that_cannot_be_made_takes_no_waiter_from_the_queue(new_pool):
    def fail():
        raise ZeroDivisionError

    pool = new_pool(1)
    with pool.get():
        waiter = start(pool.acquire)
        with pytest.raises(ZeroDivisionError):
            pool._engine.fail_waiters(fail)
    pool.release(waiter.get(timeout=5))


def test_an_error_without_a_text_does_not_stop_the_connects(new_pool, peer, clock):
    class Mute(ConnectRefused):
        def __str__(self):
            return self.no_such_attribute

    peer.errors = [Mute(), Mute(), Mute()]
    pool = new_pool(1, fatal_exc_classes=Mute, reconnect=Backoff(0.1, 0.1))
    clock.advance(5)
    assert pool.stats().connect_errors == 3
    with pool.get(timeout=0):
        pass
