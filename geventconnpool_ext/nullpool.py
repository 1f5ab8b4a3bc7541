"""NullPool: the same interface, one connection per call.

The fallback. It keeps nothing, runs nothing in the background but the close of
a connection, and works from any number of native threads. Its state is changed
under a lock, which is held for a few lines that cannot switch greenlets.
"""

from __future__ import annotations

from typing import Any, Callable, Optional, Set

from gevent import Greenlet
from gevent.monkey import get_original

from . import _arguments, _options
from ._abandon import abandon_all
from ._base import BasePool
from ._bounded import call_bounded
from ._closer import Closer
from ._entry import Entry
from ._generic import C
from ._message import forked
from ._slots import TOO_LATE, TOO_MANY, Slots
from ._state import PoolState
from ._waiter import Interrupt, ThreadChanges, pause
from .errors import PoolError, PoolTimeout
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
        self._lock = get_original("_thread", "RLock")()
        self._state = PoolState(self._options.size, 0)
        self._reconnect = self._make_reconnect()
        self._closer = Closer(
            self._clock,
            self._make_close(),
            self._closed,
            self._options.close_timeout,
            self._options.name,
        )
        self._slots = Slots(self._state, self._lock, self._clock)
        self._changes = ThreadChanges(self._clock, self._lock)
        self._connecting = 0
        # Sent when the pool is closed, to callers who connect.
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
        with self._lock:
            self._state.close()
            self._slots.fail_all(self._closed_meanwhile)
            for interrupt in self._interrupts:
                interrupt.send()
        if not self._changes.wait_for(lambda: self._state.gone, bound):
            with self._lock:
                entries = self._state.revoke()
            for entry in entries:
                self._state.revoked[id(entry.connection)] = entry.connection
                self._begin_close(entry, DiscardReason.closed)
            self._changes.wait_for(
                lambda: self._state.gone, self._options.close_timeout
            )
        if self._leaks is not None:
            self._leaks.stop()
        # Only now: a close() that is cut short leaves the hook to the next one.
        with self._lock:
            told, self._told_closed = self._told_closed, True
        if not told:
            self._observer.closed()

    def _forked(self) -> None:
        old = self._state
        was_open = old.accepting
        entries = old.abandon()
        # Without the old lock: another thread may have held it when it was copied.
        for waiter in old.queue.remove_all():
            waiter.fail(forked(self.name))
        if self._leaks is not None:
            self._leaks.abandon()
        self._assemble()
        self._state.accepting = was_open
        for entry in entries:
            self._state.revoked[id(entry.connection)] = entry.connection
        abandon_all(entries, self._make_abandon())

    # -- a connection for a caller -------------------------------------------

    def _obtain(
        self,
        holder: Any,
        timeout: Optional[float],
        opened_after: Optional[float] = None,
    ) -> Entry:
        # Every connection is opened for its caller, so it is new enough.
        self._check_accepting()
        if self._leaks is not None:
            self._leaks.look_if_late()
        started = self._now()
        self._reserve(timeout)
        try:
            connection = self._connect_unless_closed(started, timeout)
            with self._lock:
                state = self._state
                entry = state.opened(connection, state.generation, self._now())
                if entry is None:
                    raise PoolError(
                        "{}: the connect returned a connection that is in use "
                        "already".format(self.name)
                    )
                self._reconnect.connected()
                waited = self._now() - started
                state.lease(entry, holder, waited)
        except BaseException:
            self._slots.free()
            self._changes.announce()
            raise
        try:
            self._observer.connected(connection)
        except BaseException:
            # Killed inside of the hook: the block is not entered.
            self._discard(entry, DiscardReason.interrupted)
            raise
        if not state.accepting:
            self._discard(entry, DiscardReason.closed)
            raise self._closed_meanwhile()
        if self._observer.waited is not None:
            self._report_wait(entry, waited)
        return entry

    def _reserve(self, timeout: Optional[float]) -> None:
        """Wait for a slot; ``state.opening`` counts it from then on."""
        outcome = self._slots.reserve(timeout, self._options.max_waiting)
        if outcome is TOO_LATE:
            raise self._exhausted(timeout)
        if outcome is TOO_MANY:
            raise self._full()

    def _connect_unless_closed(self, started: float, timeout: Optional[float]) -> C:
        interrupt = Interrupt()
        try:
            with interrupt:
                with self._lock:
                    self._interrupts.add(interrupt)
                try:
                    return self._connect(started, timeout)
                finally:
                    with self._lock:
                        self._interrupts.discard(interrupt)
        except Interrupt as caught:
            if caught is not interrupt:
                raise
            raise self._closed_meanwhile() from None

    def _connect(self, started: float, timeout: Optional[float]) -> C:
        """Connect, again and again, until the caller's time is over."""
        reconnect = self._reconnect
        failed_before = False
        while True:
            left = None if timeout is None else self._time_left(started, timeout)
            delay = reconnect.not_before - self._now()
            if delay > 0 and reconnect.fatal_error and not self._state.entries:
                raise reconnect.refusal(self._message("connecting is refused"))
            if timeout == 0 and delay <= 0:
                left = None
            elif left is not None and left <= max(delay, 0):
                raise self._run_out(started, timeout)
            if delay > 0:
                pause(self._clock, delay)
                continue
            if not self._changes.wait_for(self._begin_connect, left):
                raise self._exhausted(timeout)
            failures = 0
            try:
                # Others may have failed meanwhile: then it is not our turn.
                if reconnect.not_before > self._now():
                    continue
                return self._connect_once(left)
            except Exception as error:
                failure = error
                # Cut short by the caller's own time, it tells less of the peer than
                # what the attempt before ended with.
                cut_short = (
                    failed_before
                    and bool(timeout)
                    and isinstance(error, TimeoutError)
                    and self._time_left(started, timeout) < _EARLY
                )
                if not cut_short:
                    failed_before = True
                    with self._lock:
                        self._state.open_repeated()
                        delay = reconnect.failed(failure, self._now())
                        failures = reconnect.failures
            finally:
                self._end_connect()
            if cut_short:
                raise self._run_out(started, timeout)
            self._observer.connect_failed(failure, failures, delay)
            if not self._state.accepting:
                raise self._closed_meanwhile()
            if reconnect.fatal_error is not None and not self._state.entries:
                raise reconnect.refusal(self._message("connecting is refused"))
            if timeout == 0:
                raise self._exhausted(timeout)

    def _time_left(self, started: float, timeout: Optional[float]) -> float:
        return started + (timeout or 0.0) - self._now()

    def _run_out(self, started: float, timeout: Optional[float]) -> PoolTimeout:
        """Wait for the end of the caller's time; return the error to raise."""
        left = self._time_left(started, timeout)
        if left > 0:
            pause(self._clock, left)
        return self._exhausted(timeout)

    def _begin_connect(self) -> bool:
        """Connect with others, unless so many would all be refused; the circuit."""
        with self._lock:
            if self._connecting >= self._reconnect.limit(self._state.size):
                return False
            self._connecting += 1
            return True

    def _end_connect(self) -> None:
        with self._lock:
            self._connecting -= 1
        self._changes.announce()

    def _connect_once(self, left: Optional[float]) -> C:
        bounds = [b for b in (left, self._options.connect_timeout) if b is not None]
        connection: C = call_bounded(
            self._clock,
            min(bounds) if bounds else None,
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
        closing = self._begin_close(entry, reason, returned)
        if closing is not None:
            closing.join(self._options.close_timeout)

    def _begin_close(
        self, entry: Entry, reason: DiscardReason, returned: bool = False
    ) -> Optional[Greenlet[..., Any]]:
        reason = self._why_ended(entry) or reason
        if self._leaks is not None:
            # First, so that the wait for the close is long enough for its report.
            self._leaks.ended(entry, self._now())
        with self._lock:
            if not self._state.discard(entry, reason):
                return None
            if not entry.proven and not reason.planned:
                self._reconnect.dropped(self._now(), entry.opened_at)
        closing = self._closer.start(entry, reason)
        if returned:
            super()._report_return(entry, None)
        self._observer.discarded(entry.connection, reason)
        return closing

    def _closed(self, entry: Entry) -> None:
        with self._lock:
            if not self._state.dead:
                self._state.closed(entry)
                self._slots.serve()
        self._changes.announce()


def _take_nothing(holder: Any) -> Optional[Entry]:
    """There is never an idle connection to take."""
    return None
