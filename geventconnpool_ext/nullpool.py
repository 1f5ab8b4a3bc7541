"""NullPool: the same interface, one connection per call.

The fallback. It keeps nothing, runs nothing in the background but the close of
a connection, and works from any number of native threads. Its state is changed
under a lock, which is held for a few lines that cannot switch greenlets.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional, Set, Tuple

from gevent import Greenlet

from . import _arguments, _options
from ._abandon import abandon_all
from ._base import BasePool
from ._bounded import call_bounded
from ._closer import Close, Closer
from ._entry import Entry
from ._generic import C
from ._lock import Lock
from ._slots import ENDED, TOO_LATE, TOO_MANY, Slots
from ._state import PoolState
from ._turns import Turns
from ._waiter import Interrupt, ThreadChanges, pause
from .errors import PoolError
from .hooks import DiscardReason

__all__ = ["NullPool"]

# A timer of the loop counts from the loop's last look at the clock, so it may go off
# that many seconds too soon.
_EARLY = 0.01


class NullPool(BasePool[C]):
    """Opens a connection for each lease and closes it afterwards.

    At most *size* are open at once; further callers wait in order. Takes the
    arguments of ``ConnectionPool``; those about connections that are kept
    (*min_size*, *keepalive*, *max_idle*, *max_lifetime*, *check_after_idle*,
    *order*, *max_opening*) are checked and have nothing to act on.

    A connect runs in the caller's greenlet. One that fails is repeated, after
    the pauses of *reconnect*, until the caller's timeout. A timeout of 0 does
    not wait for others, but lets one connect run, as *connect_timeout* bounds.
    """

    def _assemble(self) -> None:
        options, clock = self._options, self._clock
        self._lock = lock = Lock()
        self._state = state = PoolState(options.size, 0)
        self._reconnect = reconnect = self._make_reconnect()
        self._changes = changes = ThreadChanges(clock, lock)
        self._slots = slots = Slots(state, lock, clock, changes)
        self._turns = Turns(self.name, state, slots, changes, reconnect, clock, lock)
        self._closer = Closer(
            clock, self._make_close(), slots.closed, options.close_timeout, self.name
        )
        # Sent when the pool is closed or forked, to callers who connect.
        self._interrupts: Set[Interrupt] = set()
        self._take = _take_nothing
        self._give_back = self._return
        self._leaks = self._make_leaks()

    # -- life ----------------------------------------------------------------

    def open(self) -> None:
        """Begin to hand out. Raises PoolClosed after ``close()``."""
        self._check_not_ended()
        self._state.accepting = True

    def wait(self, timeout: Optional[float] = 30.0) -> None:
        """Open one connection and close it, to see that the peer is there.

        Arguments:
            timeout: seconds to wait at most; None waits for ever.

        Raises what entering a lease does.
        """
        with self.get(timeout):
            pass

    def resize(self, size: int, min_size: Optional[int] = None) -> None:
        """Change how many connections may be open at once.

        Raises TypeError or ValueError for numbers that make no sense, and
        PoolClosed.
        """
        _arguments.integer("size", size, 1)
        _options.minimum_size(min_size, size)
        self._check_accepting()
        # A forked child makes its pool of the options.
        self._options = self._options._replace(size=size)
        with self._lock:
            self._state.resize(size, 0)
            self._slots.serve()

    def drain(self) -> None:
        """Nothing: every connection is replaced after its use anyway."""
        self._check_accepting()

    def check(self) -> None:
        """Nothing: there is no idle connection.

        Raises RuntimeError if the pool has no way to ping, and PoolClosed.
        """
        self._check_can_check()
        self._check_accepting()

    _told_closed = False

    def close(self, timeout: Optional[float] = 5.0) -> None:
        """Close the pool for good; wait until its connections are closed.

        No more gets; waiters get PoolClosed; connections in use close when
        their users leave or, after *timeout* seconds, under them. A second call
        only waits. None waits for every user.

        Raises TypeError or ValueError for a wrong *timeout*.
        """
        bound = _arguments.timeout(timeout)
        self._ended = True
        state, changes = self._state, self._changes

        def over() -> bool:
            return state.gone or state.dead

        with self._lock:
            state.close()
            self._slots.fail_all(self._turns.ended)
            for interrupt in self._interrupts:
                interrupt.send()
        if not changes.wait_for(over, bound):
            with self._lock:
                entries = state.revoke()
            for entry in entries:
                state.revoked[id(entry.connection)] = entry.connection
                self._begin_close(entry, DiscardReason.closed)
            changes.wait_for(over, self._options.close_timeout)
        if state.dead:
            # Copied by a fork: it is the parent whose close() this is.
            return
        if self._leaks is not None:
            self._leaks.stop()
        # Only now: a close() that is cut short leaves the hook to the next one.
        with self._lock:
            told, self._told_closed = self._told_closed, True
        if not told:
            self._observer.closed()

    def _forked(self) -> None:
        # Another thread may have held it when it was copied.
        self._lock.renew()
        was_open = self._state.accepting
        entries = self._state.abandon()
        self._slots.fail_all(self._turns.ended)
        for interrupt in self._interrupts:
            interrupt.send()
        self._changes.announce()
        closing = self._closer.abandon()
        if self._leaks is not None:
            self._leaks.abandon()
        self._assemble()
        self._state.accepting = was_open
        for entry in entries:
            self._state.revoked[id(entry.connection)] = entry.connection
        abandon_all(entries + closing, self._make_abandon())

    # -- a connection for a caller -------------------------------------------

    def _obtain(
        self,
        holder: Any,
        timeout: Optional[float],
        opened_after: Optional[float] = None,
    ) -> Entry:
        # Every connection is opened for its caller, so it is new enough.
        self._check_accepting()
        # After a fork the pool has others: what is counted here is settled here.
        turns = self._turns
        state, slots = turns.state, turns.slots
        if self._leaks is not None:
            self._leaks.look_if_late()
        started = self._now()
        self._reserve(turns, timeout)
        try:
            connection = self._connect(turns, started, timeout)
            if state.dead:
                raise self._abandoned(turns, connection)
            with self._lock:
                entry = state.opened(connection, state.generation, self._now())
                if entry is None:
                    raise PoolError(
                        "{}: the connect returned a connection that is in use "
                        "already".format(self.name)
                    )
                turns.succeeded()
                waited = self._now() - started
                state.lease(entry, holder, waited)
        except BaseException:
            slots.free()
            raise
        try:
            self._observer.connected(connection)
        except BaseException:
            # Killed inside of the hook: the block is not entered.
            self._discard(entry, DiscardReason.interrupted)
            raise
        if not state.accepting:
            self._discard(entry, DiscardReason.closed)
            raise turns.ended()
        if self._observer.waited is not None:
            self._report_wait(entry, waited)
            if state.dead:
                # Forked inside of the hook.
                raise turns.ended()
        return entry

    def _reserve(self, turns: Turns, timeout: Optional[float]) -> None:
        """Wait for a slot; ``state.opening`` counts it from then on."""
        turns.check_hopeless()
        outcome = turns.slots.reserve(timeout, self._options.max_waiting)
        if outcome is TOO_LATE:
            raise self._exhausted(timeout)
        if outcome is TOO_MANY:
            raise self._full()
        if outcome is ENDED:
            raise turns.ended()

    def _abandoned(self, turns: Turns, connection: C) -> PoolError:
        """Let go of a connection that is the parent's; return the error to raise."""
        entry = Entry(connection, self._now(), 0, 0)
        abandon_all([entry], self._make_abandon())
        return turns.ended()

    @contextmanager
    def _ended_with_the_pool(self, turns: Turns) -> Iterator[None]:
        """Let a close or a fork end what happens inside, and nothing after it."""
        interrupt = Interrupt()
        try:
            with interrupt:
                with self._lock:
                    self._interrupts.add(interrupt)
                try:
                    yield
                finally:
                    with self._lock:
                        self._interrupts.discard(interrupt)
        except Interrupt as caught:
            if caught is not interrupt:
                raise
            raise turns.ended() from None

    def _connect(self, turns: Turns, started: float, timeout: Optional[float]) -> C:
        """Connect, again and again, until the caller's time is over."""
        deadline = started + timeout if timeout else None
        failed_before = False
        failures, delay = 0, 0.0
        while True:
            with self._ended_with_the_pool(turns):
                if not (turns.begin() if timeout == 0 else turns.wait(deadline)):
                    raise self._exhausted(timeout)
                try:
                    return self._connect_once(deadline)
                except Exception as error:
                    if turns.state.dead:
                        raise turns.ended() from None
                    failure = error
                    # Cut short by the caller's own time, it tells less of the peer
                    # than what the attempt before ended with.
                    cut_short = (
                        failed_before
                        and deadline is not None
                        and isinstance(error, TimeoutError)
                        and deadline - self._now() < _EARLY
                    )
                    if not cut_short:
                        failed_before = True
                        failures, delay = turns.failed(failure)
                finally:
                    turns.end()
                if cut_short:
                    self._wait_out(deadline)
                    raise self._exhausted(timeout)
            # The hook may close the pool, which would end the hook in there.
            self._observer.connect_failed(failure, failures, delay)
            turns.check_going()
            turns.check_fatal()
            if timeout == 0:
                raise self._exhausted(timeout)

    def _wait_out(self, deadline: Optional[float]) -> None:
        left = 0 if deadline is None else deadline - self._now()
        if left > 0:
            pause(self._clock, left)

    def _connect_once(self, deadline: Optional[float]) -> C:
        bounds = [self._options.connect_timeout]
        if deadline is not None:
            bounds.append(deadline - self._now())
        connection: C = call_bounded(
            self._clock,
            min((bound for bound in bounds if bound is not None), default=None),
            "connect",
            self._new_connection,
        )
        if not connection:
            raise PoolError(
                "the connect returned {!r}: no connection yet".format(connection)
            )
        return connection

    def _count(self, counted: Callable[[], None]) -> None:
        with self._lock:
            counted()

    # -- coming back ---------------------------------------------------------

    def _return(self, entry: Entry, now: float) -> bool:
        with self._lock:
            self._state.give_back(entry, now)
            if self._why_ended(entry) is None:
                self._reconnect.proven()
            else:
                self._state.count_loss()
        return False

    def _settle(self, entry: Entry) -> None:
        closed = None if self._state.accepting else DiscardReason.closed
        self._discard(entry, closed or DiscardReason.idle, returned=True)

    def _report_return(self, entry: Entry, exc: Optional[BaseException]) -> None:
        """Nothing: ``_settle`` has told of the return, before the discard."""

    def _discard(
        self, entry: Entry, reason: DiscardReason, returned: bool = False
    ) -> None:
        # In a greenlet of its own, so that a kill of this one does not cut it
        # short; waited for, since this thread's loop may not run again.
        changes = self._changes
        begun = self._begin_close(entry, reason, returned)
        if begun is None:
            return
        closing, close = begun
        closing.join(self._options.close_timeout)
        if not close.settled:
            # It began late, and its own bound counts from then on.
            changes.wait_for(lambda: close.settled, None)

    def _begin_close(
        self, entry: Entry, reason: DiscardReason, returned: bool = False
    ) -> Optional[Tuple[Greenlet[..., Any], Close]]:
        reason = self._why_ended(entry) or reason
        if self._leaks is not None:
            # First, so that the wait for the close is long enough for its report.
            self._leaks.ended(entry, self._now())
        with self._lock:
            if not self._state.discard(entry, reason):
                return None
            if not entry.proven and not reason.planned:
                self._reconnect.dropped(self._now(), entry.opened_at)
            self._turns.fail_hopeless()
        closing = self._closer.start(entry, reason)
        close = self._closer.running[closing]
        if returned:
            super()._report_return(entry, None)
        self._observer.discarded(entry.connection, reason)
        return closing, close


def _take_nothing(holder: Any) -> Optional[Entry]:
    """There is never an idle connection to take."""
    return None
