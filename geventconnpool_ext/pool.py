"""ConnectionPool: the pool itself, as its user sees it.

What it holds is in ``_state``, what goes on in the background in ``_engine``.
Here is what a caller can ask for, and the wait for a connection.
"""

from __future__ import annotations

import weakref
from typing import Any, Optional

from . import _arguments, _options
from ._base import BasePool
from ._engine import Engine
from ._entry import Entry
from ._generic import C
from ._owner import get_thread_ident
from ._waiter import Waiter
from .hooks import DiscardReason

__all__ = ["ConnectionPool"]


class ConnectionPool(BasePool[C]):
    """A pool of connections for gevent.

    Subclass it and override ``_new_connection`` (and ``_keepalive``), or pass
    *connect* (and *ping*). It belongs to the thread that opens it. Times are in
    seconds; None means: not at all, or without bound.

    Arguments:
        size: most connections at once, 1 or more.
        exc_classes: exceptions that, leaving a ``with`` block, mean that its
            connection is broken. A ``PoolError`` counts only if it is named.
        keepalive: a connection idle for this long is pinged.
        connect: called without arguments, returns a new connection.
        ping: called with an idle connection; any Exception means broken. One
            ping is bounded by *connect_timeout*, or else by 30 seconds.
        close_connection: called with a connection that left the pool. Default:
            its ``close()``, if it has one.
        abandon: called in a forked child with a connection of the parent, and
            must say nothing on the wire. Default: close its descriptor.
        min_size: connections kept open when nobody asks, 0 to *size*. Default:
            *size*.
        timeout: bound on ``get``; 0 never waits. Default None: for ever.
        max_waiting: callers beyond this many waiting get ``PoolFull`` at once.
        max_lifetime: a connection is replaced when it is this old, or up to
            10 % sooner, so that they do not all come due together; one at a
            time.
        max_idle: above *min_size*, a connection unused for this long is closed.
        check_after_idle: a connection idle for longer is pinged before it is
            handed out.
        order: "fifo" hands out what was idle longest, "lifo" what was idle
            shortest.
        connect_timeout: bound on one connect.
        close_timeout: bound on one close; after it the slot is used again.
        reconnect: the pauses after failed connects.
        max_opening: connects under way at once, 1 or more.
        fatal_exc_classes: connect errors that waiting does not cure: while no
            connection is open, callers get ``ConnectFailed`` at once.
        leak_after: a connection in use for longer is reported, once per lease, by
            a WARNING and the hook ``leaked``, with the stack where it was taken.
        hooks: a ``PoolHooks`` instance.
        name: for log lines and errors. Default: the class's name and a number.
        open: False leaves the pool closed until ``open()``, for programs that
            fork first.

    Raises TypeError or ValueError, which name the argument and what would be
    right.
    """

    _engine: Engine

    def _assemble(self) -> None:
        self._engine = engine = Engine(
            weakref.ref(self),
            self._options,
            self._clock,
            self._make_reconnect(),
            self._observer,
            self._make_close(),
            self._make_abandon(),
            self._judge,
            self._worn,
            self._lifetime_reason,
            self._ping_timeout,
            self.SPAWN_FREQUENCY,
        )
        self._state = state = engine.state
        self._give_back = state.give_back
        leaks = self._make_leaks()
        if leaks is not None:
            self._leaks = leaks
            self._give_back = leaks.watching(state.give_back)
        if self._options.check_after_idle is None:
            self._take = state.take
        else:
            now = self._now
            self._take = lambda holder: state.take_fresh(holder, now())
        self._finalizer = weakref.finalize(self, engine.pool_is_gone)
        self._finalizer.atexit = False

    # -- life ----------------------------------------------------------------

    def open(self) -> None:
        """Begin to connect; the calling thread owns the pool from now on.

        Does nothing on an open pool. Raises PoolClosed after ``close()`` and
        PoolError in another thread than the owner's.
        """
        self._check_not_ended()
        if self._engine.started:
            self._engine.owner.check()
        else:
            self._engine.start()

    def wait(self, timeout: Optional[float] = 30.0) -> None:
        """Wait until *min_size* connections are open.

        Arguments:
            timeout: seconds to wait at most; None waits for ever.

        Raises PoolTimeout, whose ``__cause__`` is the last connect error,
        ConnectFailed, PoolClosed, and PoolError in another thread.
        """
        bound = _arguments.timeout(timeout)
        engine = self._ready()
        state = engine.state

        def decided() -> bool:
            return (
                len(state.entries) >= state.min_size
                or not state.accepting
                or engine.fatal_error() is not None
            )

        if not engine.changes.wait_for(decided, bound):
            raise self._timed_out("{} connections".format(state.min_size), bound)
        if not state.accepting:
            raise self._ended_meanwhile(state)
        fatal = engine.fatal_error()
        if fatal is not None and state.min_size > 0:
            raise fatal

    def resize(self, size: int, min_size: Optional[int] = None) -> None:
        """Change the pool's size; what is too many closes, idle ones first.

        Arguments:
            size: most connections at once, 1 or more.
            min_size: connections to keep open. Default: as before, within the
                new *size*; where it was equal to *size*, it stays so.

        Raises TypeError, ValueError, PoolClosed or PoolError (wrong thread).
        """
        _arguments.integer("size", size, 1)
        engine = self._ready()
        state = engine.state
        if min_size is None and state.min_size != state.size:
            min_size = min(state.min_size, size)
        least = _options.minimum_size(min_size, size)
        # A forked child makes its pool of the options.
        self._options = self._options._replace(size=size, min_size=least)
        idle = state.resize(size, least)
        engine.opener.give_up_surplus()
        for entry in idle:
            engine.retire(entry, DiscardReason.resized)
        engine.opener.kick()
        engine.maintenance.look()
        engine.changes.announce()

    def drain(self) -> None:
        """Have every connection replaced: idle ones now, used ones on return.

        Raises PoolClosed or PoolError (wrong thread).
        """
        engine = self._ready()
        for entry in engine.state.drain():
            engine.retire(entry, DiscardReason.drained)

    def check(self) -> None:
        """Ping every connection that is idle now, and wait for the outcome.

        Broken ones are discarded. At most half are out for a ping at a time, so
        others stay free for callers. Raises RuntimeError if the pool has no way
        to ping, PoolClosed, or PoolError (wrong thread).
        """
        self._check_can_check()
        engine = self._ready()
        state = engine.state
        check_round = state.begin_check()

        def checked() -> bool:
            # A connection used in between may come back unnoticed: look again.
            engine.maintenance.look()
            return not state.accepting or not state.check_pending(check_round)

        engine.changes.wait_for(checked, None)

    _told_closed = False

    def close(self, timeout: Optional[float] = 5.0) -> None:
        """Close the pool for good; wait until its connections are closed.

        No more gets; waiters get PoolClosed; idle connections close now, used
        ones when they come back or, after *timeout* seconds, under their users.
        A second call only waits. None waits for every user.

        Raises TypeError or ValueError for a wrong *timeout*, and PoolError in
        another thread.
        """
        bound = _arguments.timeout(timeout)
        engine = self._engine
        engine.owner.check()
        self._ended = True
        self._finalizer.detach()
        engine.close()
        state = engine.state
        if not engine.changes.wait_for(lambda: state.gone, bound):
            engine.revoke()
            engine.changes.wait_for(lambda: state.gone, self._options.close_timeout)
        if self._leaks is not None:
            self._leaks.stop()
        # Only now: a close() that is cut short leaves the hook to the next one.
        if not self._told_closed:
            self._told_closed = True
            self._observer.closed()

    def _forked(self) -> None:
        was_open = self._state.accepting
        self._finalizer.detach()
        revoked = self._engine.abandon()
        if self._leaks is not None:
            self._leaks.abandon()
        self._assemble()
        self._state.revoked.update(revoked)
        # The child connects when it first asks, not by the mere fork.
        self._state.accepting = was_open

    # -- waiting for a connection --------------------------------------------

    def _obtain(
        self,
        holder: Any,
        timeout: Optional[float],
        opened_after: Optional[float] = None,
    ) -> Entry:
        engine = self._ready()
        state = engine.state
        if opened_after is not None:
            newer = state.take_newer(holder, opened_after)
            if newer is not None:
                return newer
        started = self._now()
        refusal = None if state.entries else engine.refusal()
        if refusal is not None:
            raise refusal
        if timeout == 0:
            engine.prepare_one()
            raise self._exhausted(timeout)
        most = self._options.max_waiting
        if most is not None and len(state.queue) >= most:
            engine.prepare_one()
            raise self._full()
        waiter = Waiter(opened_after)
        timer = None
        try:
            engine.enqueue(waiter)
            if timeout is not None:
                timer = self._clock.call_later(timeout, waiter.switch, None)
            waiter.get()
        except BaseException:
            engine.leave(waiter)
            raise
        finally:
            if timer is not None:
                timer.stop()
        entry = waiter.entry
        if entry is None:
            engine.leave(waiter)
            if waiter.error is not None:
                raise waiter.error
            raise self._exhausted(timeout)
        # No switch since the greenlet woke: what was put before it is still there.
        waited = self._now() - started
        if not state.accept(entry, waiter, holder, waited):
            raise self._ended_meanwhile(state)
        if self._observer.waited is not None:
            self._report_wait(entry, waited)
        return entry

    def _ready(self) -> Engine:
        """Return the engine, if the pool is open and belongs to this thread."""
        engine = self._engine
        if not engine.state.accepting:
            self._check_accepting()
        owner = engine.owner.thread
        if owner is None:
            # A forked child asks for the first time.
            engine.start()
        elif owner != get_thread_ident():
            engine.owner.check()
        return engine

    # -- coming back ---------------------------------------------------------

    def _settle(self, entry: Entry) -> None:
        engine = self._engine
        if engine.owner.thread != get_thread_ident() and not engine.owner.is_current:
            engine.settle_from_thread(entry)
            engine.owner.check()
        # Most returns to a pool that others wait for need no more than this.
        waiter = self._state.hand_over(entry)
        if waiter is not None:
            waiter.wake()
        else:
            engine.settle_returned(entry)

    def _discard(self, entry: Entry, reason: DiscardReason) -> None:
        engine = self._engine
        reason = self._why_ended(entry) or reason
        if not engine.owner.is_current:
            engine.settle_from_thread(entry, reason)
            engine.owner.check()
        if self._leaks is not None:
            self._leaks.ended(entry, self._now())
        if engine.discard(entry, reason):
            self._observer.discarded(entry.connection, reason)
