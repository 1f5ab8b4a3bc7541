"""A whole ConnectionPool in virtual time, driven by hypothesis.

Callers, kills, a peer that refuses, hangs and recovers, hours that pass, drain,
resize and close, in any order: the numbers must add up after each step, and in
the end the pool must be whole again.
"""

from __future__ import annotations

import pytest

pytest.importorskip("hypothesis")

import gevent
from gevent.event import AsyncResult, Event
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from geventconnpool_ext import Backoff, ConnectionPool, PoolError

from ..support.clock import VirtualClock, settle
from ..support.peer import ConnectRefused, Peer

ALL_GATES = ("connect_gate", "ping_gate", "close_gate")


class Stop(Exception):
    """Tells a caller to leave its block with an error that isn't the connection's."""


class VirtualLife(RuleBasedStateMachine):
    """The life of one pool."""

    @initialize(
        size=st.integers(1, 4),
        spare=st.integers(0, 4),
        keepalive=st.sampled_from([None, 10]),
        lifetime=st.sampled_from([None, 60]),
        max_idle=st.sampled_from([None, 30]),
        check=st.sampled_from([None, 5]),
        order=st.sampled_from(["fifo", "lifo"]),
        max_waiting=st.sampled_from([None, 3]),
    )
    def begin(
        self, size, spare, keepalive, lifetime, max_idle, check, order, max_waiting
    ):
        self.peer = Peer()
        self.clock = VirtualClock()
        virtual = type("VirtualPool", (ConnectionPool,), {"_clock": self.clock})
        self.pool = virtual(
            size,
            connect=self.peer.connect,
            ping=self.peer.ping,
            min_size=max(0, size - spare),
            keepalive=keepalive,
            max_lifetime=lifetime,
            max_idle=max_idle,
            check_after_idle=check,
            order=order,
            max_waiting=max_waiting,
            connect_timeout=7,
            close_timeout=3,
            reconnect=Backoff(0.1, 5),
        )
        self.largest = size
        self.given_up_closes = False
        self.callers = []
        self.unexpected = []
        self.closed = False
        settle()

    def call(self, timeout):
        leave = AsyncResult()

        def caller():
            how = None
            try:
                with self.pool.get(timeout) as connection:
                    connection.ask()
                    how = leave.get()
                    if how is not None:
                        raise how
                    connection.ask()
            except (PoolError, Stop, ConnectionResetError, gevent.Timeout):
                pass
            except AssertionError as error:
                if connection.closes and (self.closed or how is not None):
                    return  # taken from its user by close()
                self.unexpected.append(error)

        greenlet = gevent.spawn(caller)
        self.callers.append(greenlet)
        greenlet.leave = leave
        settle()

    def present(self):
        """The callers that are not done, in their order of arrival."""
        return [caller for caller in self.callers if not caller.ready()]

    @rule(timeout=st.sampled_from([None, 0, 1, 20]))
    def a_caller_comes(self, timeout):
        self.call(timeout)

    @rule(count=st.integers(2, 8))
    def a_crowd_comes(self, count):
        for _ in range(count):
            self.call(None)

    @rule(
        which=st.integers(0, 50),
        how=st.sampled_from([None, None, Stop, ConnectionResetError]),
    )
    def a_caller_is_done(self, which, how):
        present = self.present()
        if present:
            present[which % len(present)].leave.set(how() if how else None)
        settle()

    @rule(which=st.integers(0, 50), error=st.sampled_from([None, gevent.Timeout]))
    def a_caller_is_killed(self, which, error):
        present = self.present()
        if present:
            caller = present[which % len(present)]
            caller.kill(error or gevent.GreenletExit, block=False)
        settle()

    @rule(which=st.integers(0, 50), whom=st.integers(0, 50))
    def a_caller_is_killed_as_another_leaves(self, which, whom):
        # The one may just have been put before the other, who has not woken yet.
        present = self.present()
        if len(present) > 1:
            leaver = present[which % 2]
            leaver.leave.set(Stop())
            present.remove(leaver)
            present[whom % len(present)].kill(block=False)
        settle()

    @rule(seconds=st.sampled_from([0.05, 2, 11, 70]))
    def time_passes(self, seconds):
        if self.peer.close_gate is not None and seconds > 2:
            self.given_up_closes = True
        self.clock.advance(seconds)

    @rule(refuse=st.booleans())
    def the_peer_refuses_or_accepts(self, refuse):
        self.peer.failing = ConnectRefused() if refuse else None

    @rule(broken=st.booleans())
    def pings_fail_or_not(self, broken):
        self.peer.ping_failing = ConnectionResetError() if broken else None

    @rule(gate=st.sampled_from(ALL_GATES))
    def something_hangs_or_goes_on(self, gate):
        event = getattr(self.peer, gate)
        if event is None:
            setattr(self.peer, gate, Event())
        else:
            event.set()
            setattr(self.peer, gate, None)
        settle()

    @precondition(lambda self: not self.closed)
    @rule()
    def drain(self):
        self.pool.drain()
        settle()

    @precondition(lambda self: not self.closed)
    @rule(size=st.integers(1, 5), spare=st.integers(0, 5))
    def resize(self, size, spare):
        self.pool.resize(size, max(0, size - spare))
        self.largest = max(self.largest, size)
        settle()

    @precondition(lambda self: not self.closed and self.clock.time > 1100)
    @rule(timeout=st.sampled_from([0, 1]))
    def close(self, timeout):
        self.closed = True
        gevent.spawn(self.pool.close, timeout)
        settle()

    @invariant()
    def the_numbers_add_up(self):
        assert self.unexpected == []
        stats = self.pool.stats()
        assert min(stats[:8]) >= 0
        assert stats.connects == stats.open + sum(stats.discarded.values())
        assert stats.open + stats.opening + stats.closing <= self.largest
        if not self.given_up_closes:
            assert self.peer.most_present <= self.largest
        assert all(c.closes <= 1 for c in self.peer.connections)
        if stats.idle and self.pool._options.check_after_idle is None:
            assert stats.waiting == 0

    def teardown(self):
        """Everything ends well: then all must be there again."""
        if not hasattr(self, "pool"):
            return
        self.peer.failing = self.peer.ping_failing = None
        for gate in ALL_GATES:
            event = getattr(self.peer, gate)
            if event is not None:
                event.set()
                setattr(self.peer, gate, None)
        for caller in self.present():
            caller.leave.set(None)
        self.clock.advance(40)
        # Those without a timeout are served as the others leave.
        assert all(caller.ready() for caller in self.callers)
        self.the_numbers_add_up()
        stats = self.pool.stats()
        assert (stats.in_use, stats.waiting) == (0, 0)
        if not self.closed:
            callers = [gevent.spawn(self.pool.acquire, 30) for _ in range(stats.size)]
            if self.pool._options.max_waiting is None:
                self.clock.advance(31)
                held = [caller.get(timeout=1) for caller in callers]
                assert len(set(held)) == stats.size
                for connection in held:
                    self.pool.release(connection)
            else:
                gevent.killall(callers)
        closing = gevent.spawn(self.pool.close, 0)
        self.clock.advance(10)
        assert closing.successful()
        assert self.peer.present == 0


VirtualLife.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None
)
TestVirtualLife = pytest.mark.timeout(100)(VirtualLife.TestCase)
