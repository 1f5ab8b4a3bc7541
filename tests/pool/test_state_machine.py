"""PoolState driven by hypothesis: whatever happens in whatever order, it adds up.

Pure: no gevent and no clock. The machine plays the engine (it opens, pings and
closes what the state says) and the callers, and makes them fail at any time.
"""

from __future__ import annotations

import pytest

pytest.importorskip("hypothesis")

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from geventconnpool_ext import DiscardReason
from geventconnpool_ext._due import due as what_is_due
from geventconnpool_ext._entry import ASKED
from geventconnpool_ext._state import PROMISE, PoolState

pick = st.randoms(use_true_random=False)


class Caller:
    """Somebody who waits."""

    opened_after = None

    def __init__(self):
        self.entry = None
        self.awake = False
        self.error = None

    def wake(self):
        self.awake = True

    def fail(self, error):
        self.error = error


class Thing:
    """A connection."""


class PoolLife(RuleBasedStateMachine):
    """The life of one PoolState."""

    @initialize(
        size=st.integers(1, 5),
        spare=st.integers(0, 5),
        keepalive=st.sampled_from([None, 5.0]),
        max_idle=st.sampled_from([None, 9.0]),
        lifetime=st.sampled_from([None, 20.0]),
        check_after_idle=st.sampled_from([None, 3.0]),
        lifo=st.booleans(),
    )
    def begin(self, size, spare, keepalive, max_idle, lifetime, check_after_idle, lifo):
        self.state = PoolState(
            size, max(0, size - spare), keepalive, max_idle, check_after_idle, lifo
        )
        self.state.accepting = True
        self.checks = check_after_idle is not None
        self.stale_after = max(check_after_idle or 0.0, PROMISE)
        # By round: the connections that were there and have not been pinged since.
        self.unchecked = {}
        self.lifetime = lifetime
        self.now = 0.0
        self.size_shrunk = False
        self.used = {}
        self.waiting = []
        self.connecting = []
        self.pinging = []
        self.closing = []
        self.closed = 0
        self.connects = 0
        self.gets = self.returns = 0

    # -- what the engine does ------------------------------------------------

    def settle(self, entry, proven):
        if proven:
            entry.proven = True
        reason = self.state.leaving(entry, self.now)
        if reason is not None:
            self.leave(entry, reason)
        else:
            waiter = self.state.put_back(entry)
            if waiter is not None:
                waiter.wake()

    def leave(self, entry, reason, idle=False):
        if reason is DiscardReason.resized:
            assert len(self.state.entries) > self.state.size, "one too many went"
        if reason is DiscardReason.idle:
            assert len(self.state.entries) > self.state.min_size, "one too many went"
        assert self.state.discard(entry, reason, idle)
        assert not self.state.discard(entry, reason), "it left already"
        self.closing.append(entry)

    @precondition(lambda self: self.state.missing() > 0)
    @rule()
    def connect(self):
        self.connecting.append(self.state.begin_open())

    @precondition(lambda self: self.connecting)
    @rule(random=pick)
    def connect_succeeds(self, random):
        generation = self.connecting.pop(random.randrange(len(self.connecting)))
        entry = self.state.opened(Thing(), generation, self.now)
        assert entry is not None
        self.connects += 1
        if self.lifetime is not None:
            entry.expires_at = self.now + self.lifetime
        self.settle(entry, proven=False)

    @precondition(lambda self: self.connecting and self.state.entries)
    @rule()
    def connect_returns_what_is_there_already(self):
        before = self.state.stats()
        entry = next(iter(self.state.entries.values()))
        assert self.state.opened(entry.connection, 0, self.now) is None
        assert self.state.stats() == before

    @precondition(lambda self: self.connecting)
    @rule()
    def connect_fails(self):
        self.connecting.pop()
        self.state.open_failed()

    @precondition(lambda self: self.connecting)
    @rule()
    def connect_is_given_up(self):
        self.connecting.pop()
        self.state.open_given_up()

    @rule()
    def maintain(self):
        if not self.state.accepting:
            return
        due = what_is_due(self.state, self.now)
        for entry, reason in due.retire:
            self.leave(entry, reason, idle=True)
        for entry in due.ping:
            self.state.begin_ping(entry)
            self.pinging.append(entry)
        assert due.next_at > self.now, "it would look again at once, for ever"

    @precondition(lambda self: self.state.stale_for_waiter() is not None)
    @rule()
    def ping_for_a_waiter(self):
        entry = self.state.stale_for_waiter()
        self.state.begin_ping(entry, asked=True)
        self.pinging.append(entry)

    @precondition(lambda self: self.pinging)
    @rule(random=pick, fine=st.booleans())
    def ping_ends(self, random, fine):
        entry = self.pinging.pop(random.randrange(len(self.pinging)))
        if fine:
            self.state.pinged(entry, self.now)
            for unchecked in self.unchecked.values():
                unchecked.discard(entry)
            self.settle(entry, proven=True)
        else:
            self.state.ping_failed()
            self.leave(entry, DiscardReason.ping)

    @precondition(lambda self: self.closing)
    @rule(random=pick)
    def close_ends(self, random):
        entry = self.closing.pop(random.randrange(len(self.closing)))
        self.state.closed(entry)
        self.closed += 1

    # -- what callers do -----------------------------------------------------

    @rule()
    def get(self):
        caller = Caller()
        if self.checks:
            entry = self.state.take_fresh(caller, self.now)
            assert entry is None or self.now - entry.idle_since <= self.stale_after
        else:
            entry = self.state.take(caller)
        if entry is not None:
            self.gets += 1
            self.use(caller, entry)
        elif self.state.accepting:
            self.waiting.append(caller)
            self.state.enqueue(caller)

    @precondition(lambda self: self.state.idle and not self.pinging)
    @rule()
    def poll(self):
        entry = self.state.idle[-1]
        self.state.promise(entry)
        self.state.begin_ping(entry)
        self.pinging.append(entry)

    def use(self, caller, entry):
        assert entry.holder is caller
        assert all(entry is not other for other in self.used.values())
        assert entry not in self.pinging
        assert entry not in self.closing
        self.used[caller] = entry

    @precondition(lambda self: any(caller.awake for caller in self.waiting))
    @rule()
    def a_caller_wakes(self):
        caller = next(caller for caller in self.waiting if caller.awake)
        self.waiting.remove(caller)
        if self.state.accept(caller.entry, caller, caller, 1.0):
            self.gets += 1
            self.use(caller, caller.entry)

    @precondition(lambda self: self.waiting)
    @rule(random=pick)
    def a_caller_is_killed(self, random):
        caller = self.waiting.pop(random.randrange(len(self.waiting)))
        self.state.queue.remove(caller)
        if caller.entry is not None and caller.entry.holder is caller:
            caller.entry.holder = None
            self.settle(caller.entry, proven=False)

    @precondition(lambda self: self.used)
    @rule(random=pick, fine=st.booleans())
    def give_back(self, random, fine):
        caller = random.choice(list(self.used))
        entry = self.used.pop(caller)
        if fine:
            self.returns += 1
            if not self.state.give_back(entry, self.now):
                waiter = self.state.hand_over(entry)
                if waiter is not None:
                    waiter.wake()
                else:
                    self.settle(entry, proven=True)
        else:
            self.leave(entry, DiscardReason.error)

    # -- what the program does -----------------------------------------------

    @rule(seconds=st.sampled_from([0.001, 1.0, 4.0, 30.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @precondition(lambda self: self.state.accepting)
    @rule(size=st.integers(1, 6), spare=st.integers(0, 6))
    def resize(self, size, spare):
        for entry in self.state.resize(size, max(0, size - spare)):
            self.leave(entry, DiscardReason.resized, idle=True)

    @precondition(lambda self: self.state.accepting)
    @rule()
    def drain(self):
        for entry in self.state.drain():
            self.leave(entry, DiscardReason.drained, idle=True)

    @precondition(lambda self: self.state.accepting)
    @rule()
    def check(self):
        there = set(self.state.entries.values())
        self.unchecked[self.state.begin_check()] = there

    @precondition(lambda self: self.state.accepting and self.now > 50)
    @rule()
    def close(self):
        for entry in self.state.close():
            self.leave(entry, DiscardReason.closed, idle=True)
        for waiter in self.state.queue.remove_all():
            waiter.fail(RuntimeError())
            self.waiting.remove(waiter)

    # -- what must hold, always ----------------------------------------------

    @invariant()
    def sizes_add_up(self):
        stats = self.state.stats()
        assert stats.open == len(self.state.entries)
        assert stats.pinging == len(self.pinging)
        assert stats.closing == len(self.closing)
        assert stats.opening == len(self.connecting)
        handed = [c for c in self.waiting if c.awake]
        assert stats.in_use == len(self.used) + len(handed)
        assert stats.waiting == len(self.waiting) - len(handed)
        assert min(stats[:8]) >= 0

    @invariant()
    def never_more_than_size(self):
        stats = self.state.stats()
        total = stats.open + stats.opening + stats.closing
        # A resize down converges: the total may be above, but must not grow.
        limit = max(stats.size, getattr(self, "total", 0))
        assert total <= limit
        self.total = total

    @invariant()
    def connects_are_open_or_discarded(self):
        stats = self.state.stats()
        assert stats.connects == self.connects
        assert stats.connects == stats.open + sum(stats.discarded.values())
        assert stats.connects == stats.open + stats.closing + self.closed

    @invariant()
    def nobody_waits_while_a_connection_is_idle(self):
        stats = self.state.stats()
        if not self.checks:
            assert stats.idle == 0 or stats.waiting == 0
        elif stats.idle and stats.waiting:
            # Kept apart by check_after_idle: then a ping is asked for or under way.
            assert self.state.stale_for_waiter() is not None or self.state.asked

    @invariant()
    def nobody_waits_where_a_connect_could_help(self):
        stats = self.state.stats()
        room = stats.size - stats.open - stats.opening - stats.closing
        asked = self.state.asked
        assert asked == sum(entry.status is ASKED for entry in self.pinging)
        # A ping of keepalive may hang: who waits is not left to it.
        if self.state.accepting and stats.waiting > stats.opening + asked:
            assert room <= 0 or self.state.missing() > 0

    @invariant()
    def a_check_ends_whatever_other_checks_and_pings_there_are(self):
        there = self.state.entries.values()
        for check_round, unchecked in self.unchecked.items():
            awaited = [e for e in there if e in unchecked and e.holder is None]
            assert self.state.check_pending(check_round) == bool(awaited)

    @invariant()
    def what_is_too_many_is_not_idle(self):
        assert not self.state.idle or len(self.state.entries) <= self.state.size

    @invariant()
    def everything_has_one_holder(self):
        for entry in self.state.idle:
            assert entry.holder is None
            assert self.state.entries[id(entry.connection)] is entry
        for caller, entry in self.used.items():
            assert entry.holder is caller
        places = list(self.state.idle) + self.pinging + self.closing
        places += list(self.used.values())
        assert len({id(entry) for entry in places}) == len(places)

    @invariant()
    def counters_count(self):
        stats = self.state.stats()
        assert stats.gets == self.gets
        assert stats.returned == self.returns

    def teardown(self):
        """Let everything end: all slots must come back."""
        if not hasattr(self, "state"):
            return
        for caller in list(self.waiting):
            self.waiting.remove(caller)
            self.state.queue.remove(caller)
            if caller.entry is not None and caller.entry.holder is caller:
                caller.entry.holder = None
                self.settle(caller.entry, proven=False)
        for entry in list(self.used.values()):
            if not self.state.give_back(entry, self.now):
                self.settle(entry, proven=True)
        self.used.clear()
        while self.pinging:
            entry = self.pinging.pop()
            self.state.pinged(entry, self.now)
            self.settle(entry, proven=True)
        while self.connecting:
            self.connecting.pop()
            self.state.open_failed()
        while self.closing:
            self.state.closed(self.closing.pop())
        stats = self.state.stats()
        assert stats.idle == stats.open
        assert (stats.in_use, stats.pinging, stats.closing, stats.opening) == (
            0,
            0,
            0,
            0,
        )
        if self.state.accepting:
            while self.state.missing() > 0:
                generation = self.state.begin_open()
                entry = self.state.opened(Thing(), generation, self.now)
                self.settle(entry, proven=False)
            assert len(self.state.entries) >= self.state.min_size
            assert len(self.state.entries) <= self.state.size


PoolLife.TestCase.settings = settings(
    max_examples=60, stateful_step_count=60, deadline=None
)
TestPoolLife = pytest.mark.timeout(100)(PoolLife.TestCase)
