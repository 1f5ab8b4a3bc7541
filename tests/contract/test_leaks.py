"""Who holds a connection for too long is reported, once, with where it was taken."""

from __future__ import annotations

import logging
import sys
import traceback
import weakref

import gevent
import pytest

from geventconnpool_ext import PoolHooks
from geventconnpool_ext.lease import TimelessLease

from ..support.clients import start
from ..support.clock import settle


class Leaks(PoolHooks):
    """Notes what it is told of leaks."""

    def __init__(self):
        self.told = []

    def leaked(self, connection, seconds, stack):
        self.told.append((connection, seconds, stack))

    @property
    def connections(self):
        return [connection for connection, _, _ in self.told]


@pytest.fixture
def hooks():
    return Leaks()


@pytest.fixture
def lines(caplog):
    """A function that returns the lines about leaks."""

    def found():
        records = [r for r in caplog.records if "not given back" in r.msg]
        assert all(record.levelno == logging.WARNING for record in records)
        return [record.getMessage() for record in records]

    return found


def test_a_lease_held_too_long_is_reported_once_with_its_stack(
    new_pool, clock, hooks, lines
):
    pool = new_pool(1, leak_after=60, hooks=hooks, name="leaky")
    with pool.get() as connection:
        clock.advance(59)
        assert hooks.told == []
        clock.advance(500)
        ((told, seconds, stack),) = hooks.told
        assert told is connection
        assert 60 <= seconds < 61
        here = stack[-1]
        assert here.filename == __file__
        assert here.name == "test_a_lease_held_too_long_is_reported_once_with_its_stack"
        assert here.line == "with pool.get() as connection:"
    settle()
    assert len(hooks.told) == 1
    (line,) = lines()
    assert line.startswith(
        "leaky: connection not given back for 60.0 s, taken at: {}:{} in {} <- ".format(
            __file__, here.lineno, here.name
        )
    )


def test_what_acquire_returned_is_reported_too(new_pool, clock, hooks, lines):
    pool = new_pool(1, leak_after=60, hooks=hooks)
    connection = pool.acquire()
    clock.advance(100)
    ((told, _, stack),) = hooks.told
    assert told is connection
    assert stack[-1].name == "test_what_acquire_returned_is_reported_too"
    pool.release(connection)
    settle()
    assert len(lines()) == 1


def test_without_hooks_there_is_a_line_all_the_same(new_pool, clock, lines):
    pool = new_pool(1, leak_after=60)
    with pool.get():
        clock.advance(61)
    assert len(lines()) == 1


def test_leases_in_time_are_not_reported(new_pool, clock, lines):
    pool = new_pool(2, leak_after=60)
    for _ in range(20):
        with pool.get():
            clock.advance(50)
            pool.release(pool.acquire())
    clock.advance(1000)
    assert lines() == []


def test_each_is_reported_at_its_own_time_in_the_order_of_taking(
    new_pool, clock, hooks
):
    pool = new_pool(3, leak_after=60, hooks=hooks)
    first = pool.acquire()
    clock.advance(10)
    second = pool.acquire()
    clock.advance(10)
    third = pool.acquire()
    pool.release(second)
    clock.advance(41)
    assert hooks.connections == [first]
    second = pool.acquire()
    clock.advance(20)
    assert hooks.connections == [first, third]
    clock.advance(60)
    assert hooks.connections == [first, third, second]
    for connection in (first, second, third):
        pool.release(connection)


def test_the_next_lease_is_reported_on_its_own(new_pool, clock, hooks):
    pool = new_pool(1, leak_after=60, hooks=hooks)
    for number in range(3):
        with pool.get():
            clock.advance(61)
            assert len(hooks.told) == number + 1


def test_a_caller_that_waited_is_reported_from_when_it_was_served(
    new_pool, clock, hooks
):
    pool = new_pool(1, leak_after=60, hooks=hooks)
    held = pool.acquire()
    waiter = start(pool.acquire)
    clock.advance(50)
    pool.release(held)
    clock.advance(50)
    assert hooks.told == []
    clock.advance(20)
    ((connection, seconds, _),) = hooks.told
    assert connection is waiter.get()
    assert 60 <= seconds < 61
    pool.release(connection)


class Mistake(Exception):
    """Leaves a block, and is not about its connection."""


@pytest.mark.parametrize(
    "way", ["with", "release", "discard", "release discard", "error", "lost", "killed"]
)
def test_who_blocks_the_event_loop_is_reported_at_the_end(
    new_pool, clock, hooks, lines, way
):
    pool = new_pool(1, leak_after=60, hooks=hooks)

    def work():
        if way.startswith("release"):
            connection = pool.acquire()
            clock.time += 100
            pool.release(connection, discard=way != "release")
            return
        lease = pool.get()
        with lease:
            # No timer can fire meanwhile.
            clock.time += 100
            if way == "discard":
                lease.discard()
            errors = {
                "error": Mistake,
                "lost": ConnectionResetError,
                "killed": gevent.GreenletExit,
            }
            if way in errors:
                raise errors[way]

    def client():
        try:
            work()
        except (Mistake, ConnectionResetError):
            pass

    start(client)
    ((_, seconds, _),) = hooks.told
    assert seconds == 100
    clock.advance(1000)
    assert len(hooks.told) == len(lines()) == 1


def test_without_leak_after_nothing_of_it_is_there(new_pool, clock, lines):
    class Acquired(PoolHooks):
        def acquired(self, connection):
            pass

    pool = new_pool(1)
    assert type(pool.get()) is TimelessLease
    for made in (pool, new_pool(1, hooks=Acquired()), new_pool(1, hooks=Leaks())):
        with made.get():
            (entry,) = made._state.entries.values()
            assert entry.taken is None
            clock.advance(10_000)
    assert lines() == []


def test_the_hooks_of_a_lease_are_called_as_ever(new_pool, clock):
    told = []

    class Hooks(Leaks):
        def acquired(self, connection):
            told.append("acquired")

        def leaked(self, connection, seconds, stack):
            told.append("leaked")

        def released(self, connection):
            told.append("released")

    pool = new_pool(1, leak_after=60, hooks=Hooks())
    with pool.get():
        clock.advance(61)
    settle()
    assert told == ["acquired", "leaked", "released"]


def test_a_hook_that_raises_is_logged_and_harmless(new_pool, clock, caplog):
    class Raising(PoolHooks):
        def leaked(self, connection, seconds, stack):
            raise ZeroDivisionError("in the hook")

    pool = new_pool(2, leak_after=60, hooks=Raising(), name="raising")
    held = [pool.acquire(), pool.acquire()]
    clock.advance(61)
    line = "raising: hook leaked raised: ZeroDivisionError: in the hook"
    assert [r.getMessage() for r in caplog.records].count(line) == 2
    for connection in held:
        pool.release(connection)
    assert pool.stats().in_use == 0


@pytest.mark.skipif(
    sys.version_info < (3, 8),
    reason="before Python 3.8 a call of several lines has the number of its last one",
)
def test_every_line_is_that_of_its_call(new_pool, clock, hooks):
    pool = new_pool(1, leak_after=60, hooks=hooks)

    def take(*unused):
        for _ in range(2):
            pass
        here = traceback.extract_stack()
        try:
            return (
                here,
                pool.acquire(
                    timeout=None,
                ),
            )
        finally:
            del here

    here, connection = take(
        1,
        sorted((1, 2)),
    )
    clock.advance(61)
    ((_, _, stack),) = hooks.told
    assert stack[-1].line.startswith("pool.acquire(")
    assert [(call.filename, call.lineno, call.name) for call in stack[:-1]] == [
        (call.filename, call.lineno, call.name) for call in here[-len(stack) : -1]
    ]
    pool.release(connection)


def test_the_variables_of_callers_are_not_kept(new_pool, clock):
    class Big:
        pass

    def take():
        big = Big()
        connection = pool.acquire()
        return connection, weakref.ref(big)

    pool = new_pool(1, leak_after=60)
    connection, reference = take()
    assert reference() is None
    pool.release(connection)


def test_a_line_does_not_quote_the_source(new_pool, clock, lines):
    pool = new_pool(1, leak_after=60)
    with pool.get(timeout=86399):
        clock.advance(61)
    (line,) = lines()
    assert "86399" not in line


def test_deep_stacks_are_cut(new_pool, clock, hooks):
    pool = new_pool(1, leak_after=60, hooks=hooks)

    def deep(levels):
        return deep(levels - 1) if levels else pool.acquire()

    connection = deep(500)
    clock.advance(61)
    ((_, _, stack),) = hooks.told
    assert 20 < len(stack) <= 32
    assert {call.name for call in stack} == {"deep"}
    pool.release(connection)


def test_one_timer_serves_all_leases(new_pool, clock):
    pool = new_pool(3, leak_after=60)
    held = [pool.acquire() for _ in range(3)]
    before = len(clock.timers)
    for _ in range(50):
        pool.release(held.pop(0))
        held.append(pool.acquire())
        clock.advance(1)
    assert len(clock.timers) <= before
    for connection in held:
        pool.release(connection)
    clock.advance(200)
    assert not any(not timer.ref for timer in clock.timers)


def test_a_kill_of_the_report_loses_none_of_it(new_pool, clock, hooks, lines):
    pool = new_pool(2, leak_after=60, hooks=hooks)
    held = [pool.acquire(), pool.acquire()]
    clock.time += 61
    pool._leaks.look()
    for _ in range(3):
        (report,) = pool._leaks.running
        report.kill(block=False)
        gevent.sleep(0)
    settle()
    assert hooks.connections == held
    assert len(lines()) == 2
    assert pool._leaks.running == {}
    for connection in held:
        pool.release(connection)


def test_a_close_that_waits_for_users_still_reports(new_pool, clock, lines):
    pool = new_pool(1, leak_after=60)
    connection = pool.acquire()
    closing = start(pool.close, None)
    clock.advance(61)
    assert len(lines()) == 1
    pool.release(connection)
    clock.advance(1)
    assert closing.successful()
