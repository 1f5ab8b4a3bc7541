"""The engine: what of a pool goes on in the background.

It ties the state to the opener, the closer, the pinger and maintenance, and
holds the pool itself by a weak reference only, strong during one connect or
ping: a pool that nobody uses any more can so be collected, and the engine
closes what it leaves behind.

Methods switch no greenlet unless they say so.
"""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, Optional, Tuple

from ._abandon import abandon_all
from ._closer import Closer
from ._entry import Entry
from ._maintenance import Maintenance
from ._message import forked, overtaken, refused
from ._opener import Opener
from ._owner import Owner
from ._pinger import Pinger
from ._state import PoolState
from ._waiter import Changes, Waiter
from .errors import PoolClosed, PoolError
from .hooks import DiscardReason

if TYPE_CHECKING:
    import weakref

    from ._base import BasePool
    from ._clock import Clock
    from ._observer import Observer
    from ._options import Options
    from ._reconnect import Reconnect

# A ping is a round trip: where connect_timeout does not bound it, this does.
PING_TIMEOUT = 30.0


class Engine:
    """The background of one pool, in one process, on one thread's event loop."""

    def __init__(
        self,
        pool: weakref.ref[BasePool[Any]],
        options: Options,
        clock: Clock,
        reconnect: Reconnect,
        observer: Observer,
        close: Callable[[Any, DiscardReason], None],
        abandon: Callable[[Any], None],
        judge: Optional[Callable[[Any], Optional[DiscardReason]]],
        worn: Optional[Callable[[Any], Optional[DiscardReason]]],
        lifetime_reason: DiscardReason,
        ping_timeout: Optional[float],
        stagger: float,
    ) -> None:
        self._pool = pool
        self.options = options
        self.clock = clock
        self.reconnect = reconnect
        self.observer = observer
        self._abandon = abandon
        self._judge = judge
        self._worn = worn
        self._lifetime_reason = lifetime_reason
        self.name = options.name
        self.state = state = PoolState(
            options.size,
            options.min_size,
            options.keepalive,
            options.max_idle,
            options.check_after_idle,
            options.order == "lifo",
        )
        state.always_judge = judge is not None
        self.owner = Owner(self.name, self._called_from_outside)
        self.changes = Changes(clock)
        self._from_threads: Deque[Tuple[Entry, Optional[DiscardReason]]] = deque()
        self.opener = Opener(
            state,
            clock,
            reconnect,
            self._connect,
            self._opened,
            self._open_failed,
            self._open_given_up,
            self._report_open,
            options.max_opening,
            options.connect_timeout,
            stagger,
        )
        self.closer = Closer(
            clock, close, self._closed, options.close_timeout, self.name
        )
        self.pinger = Pinger(
            state,
            clock,
            self._ping,
            self._ping_passed,
            self._ping_failed,
            self._report_ping,
            ping_timeout or options.connect_timeout or PING_TIMEOUT,
        )
        self.maintenance = Maintenance(
            state, clock, self.pinger.start, self.retire, options.shortest_period
        )

    # -- life ----------------------------------------------------------------

    @property
    def started(self) -> bool:
        """True once a thread has taken the pool for its own."""
        return self.owner.thread is not None

    def start(self) -> None:
        """Begin to work, on the event loop of the calling thread."""
        self.owner.take()
        self.state.accepting = True
        self.opener.kick()
        self.maintenance.look()

    def pool_is_gone(self) -> None:
        """Have the engine close itself, soon. Safe in any thread."""
        self.owner.call()

    def settle_from_thread(
        self, entry: Entry, reason: Optional[DiscardReason] = None
    ) -> None:
        """Take *entry* back, soon, from a thread that must not do it itself.

        With a *reason* it is discarded.
        """
        entry.holder = None
        self._from_threads.append((entry, reason))
        self.owner.call()

    def _called_from_outside(self) -> None:
        while self._from_threads:
            entry, reason = self._from_threads.popleft()
            if reason is None:
                self.settle_returned(entry)
            else:
                self.state.count_loss()
                self._out(entry, reason, idle=False, report=True)
        if self._pool() is None:
            self.close()

    def close(self) -> None:
        """Stop handing out, fail the waiters, close what is idle."""
        if self.state.dead:
            return
        idle = self.state.close()
        self.maintenance.stop()
        self.opener.stop()
        self.fail_waiters(
            lambda: overtaken(self.name, self.state, self.reconnect.last_error)
        )
        for entry in idle:
            self.retire(entry, DiscardReason.closed)
        self._stop_listening_if_gone()
        self.changes.announce()

    def _stop_listening_if_gone(self) -> None:
        # Until the last connection is gone, another thread may give one back.
        if not self.state.accepting and self.state.gone:
            self.owner.stop_listening()

    def revoke(self) -> None:
        """Close every connection that is still held, under its user."""
        for entry in self.state.revoke():
            self.state.revoked[id(entry.connection)] = entry.connection
            self._out(entry, DiscardReason.closed, idle=False, report=True)

    def abandon(self) -> Dict[int, Any]:
        """End in a forked child: nothing of the parent's may be touched.

        Its connections go through ``abandon``. The greenlets that fork copied end
        when they next run.
        """
        entries = self.state.abandon()
        closing = self.closer.abandon()
        self.maintenance.stop()
        abandon_all(entries + closing, self._abandon)
        self.opener.kill()
        for greenlet in list(self.pinger.running):
            greenlet.kill(block=False)
        for waiter in self.state.queue.remove_all():
            waiter.fail(forked(self.name))
        # Copied callers of wait(), check() and close() look, and see that it ended.
        self.changes.announce()
        return {id(entry.connection): entry.connection for entry in entries}

    # -- waiters -------------------------------------------------------------

    def prepare_one(self) -> None:
        """Do for a caller who will not wait what would serve one who waited.

        Else a program that only polls would never get a connection.
        """
        if self.state.idle:
            if self.state.pinging == 0:
                entry = self.state.idle[-1]
                self.state.promise(entry)
                self.pinger.start(entry)
        else:
            self.opener.begin_one()

    def enqueue(self, waiter: Waiter) -> None:
        """Have *waiter* served: by what comes back, a ping or a connect."""
        state = self.state
        state.enqueue(waiter)
        if state.idle:
            self._ping_for_waiters()
        if state.room > 0:
            self.opener.kick()

    def leave(self, waiter: Waiter) -> None:
        """Stop serving *waiter*; what was put before it goes on to the next."""
        self.state.queue.remove(waiter)
        entry = waiter.entry
        if entry is not None and entry.holder is waiter:
            entry.holder = None
            self.settle(entry, proven=False)
        self._look_again()

    def fail_waiters(self, error: Callable[[], PoolError]) -> None:
        """Have every waiter raise an *error()* of its own."""
        queue = self.state.queue
        # Made first: whoever is out of the queue must be woken.
        errors = [error() for _ in range(len(queue))]
        for waiter, raised in zip(queue.remove_all(), errors):
            waiter.fail(raised)

    def fatal_error(self) -> Optional[PoolError]:
        """Return what a caller should raise because waiting would not help."""
        if self.state.entries or self.reconnect.fatal_error is None:
            return None
        return self._refused()

    def refusal(self) -> Optional[PoolError]:
        """Return the fatal error of a pool that does not even try at the moment."""
        if self.state.opening or self.clock.now() >= self.reconnect.not_before:
            return None
        return self.fatal_error()

    def _refused(self) -> PoolError:
        return refused(self.name, self.state, self.reconnect)

    # -- connections ---------------------------------------------------------

    def settle_returned(self, entry: Entry) -> None:
        """Decide about a connection that its user gave back."""
        if self._why_ended(entry) is not None:
            self.state.count_loss()
        self.settle(entry, proven=True)

    def settle(self, entry: Entry, proven: bool) -> None:
        """Decide about a connection that nobody holds: waiter, idle, or out.

        *proven* says that it did its work just now.
        """
        state = self.state
        reason = self._why_ended(entry)
        first_proof = proven and reason is None and not entry.proven
        if first_proof:
            entry.proven = True
            self.reconnect.proven()
        if reason is None and self._worn is not None:
            worn = self._worn(entry.connection)
            if worn is not None:
                # Due now, but one rotation at a time.
                entry.expires_at, entry.expiry = self.clock.now(), worn
        if reason is None:
            reason = state.leaving(entry, self.clock.now())
        if reason is not None:
            self._out(entry, reason, idle=False, report=True)
        else:
            waiter = state.put_back(entry)
            if waiter is not None:
                waiter.wake()
        if first_proof:
            # Where connects paused because of failures, they go on.
            self.opener.kick()
        self.changes.announce()

    def _why_ended(self, entry: Entry) -> Optional[DiscardReason]:
        return None if self._judge is None else self._judge(entry.connection)

    def discard(self, entry: Entry, reason: DiscardReason) -> bool:
        """Take *entry* out and begin its close; the caller reports it.

        False if it was out already.
        """
        return self._out(entry, reason, idle=False, report=False)

    def retire(self, entry: Entry, reason: DiscardReason) -> None:
        """Take the idle *entry* out and begin its close, reported in its greenlet."""
        self._out(entry, reason, idle=True, report=True)

    def _out(
        self, entry: Entry, reason: DiscardReason, idle: bool, report: bool
    ) -> bool:
        if not self.state.discard(entry, reason, idle):
            return False
        if not entry.proven and not reason.planned:
            self.reconnect.dropped(self.clock.now(), entry.opened_at)
        self.closer.start(entry, reason, self.observer.discarded if report else None)
        # Where there is room for another, nobody has to wait for the close.
        self.opener.kick()
        refusal = self.refusal()
        if refusal is not None:
            self.fail_waiters(self._refused)
        return True

    def _closed(self, entry: Entry) -> None:
        state = self.state
        if state.dead:
            return
        state.closed(entry)
        self.opener.kick()
        self._look_again()
        self._stop_listening_if_gone()
        self.changes.announce()

    # -- connects ------------------------------------------------------------

    def _connect(self) -> Any:
        # A traceback that outlives a failure must not lead to the pool, so this
        # and _ping go through its methods only where it overrides them.
        connect = self.options.connect
        if connect is not None:
            return connect()
        pool = self._pool()
        if pool is None:
            raise PoolClosed("{}: nobody uses this pool any more".format(self.name))
        return pool._new_connection()

    def _opened(self, connection: Any, generation: int) -> bool:
        state = self.state
        if state.dead:
            self._abandon(connection)
            return True
        now = self.clock.now()
        entry = state.opened(connection, generation, now)
        if entry is None:
            return False
        if self.options.max_lifetime is not None:
            # Each gets its own limit, so that they do not come due together.
            entry.expires_at = now + self.options.max_lifetime * random.uniform(0.9, 1)
            entry.expiry = self._lifetime_reason
            self.maintenance.look_by(entry.expires_at)
        self.reconnect.connected()
        self.settle(entry, proven=False)
        self._look_again()
        self.opener.kick()
        return True

    def _open_failed(self, error: BaseException) -> None:
        if self.state.dead:
            return
        self.state.open_failed()
        self.reconnect.failed(error, self.clock.now())
        self._stop_listening_if_gone()
        if self.fatal_error() is not None:
            self.fail_waiters(self._refused)
        self._no_longer_opening()

    def _open_given_up(self) -> None:
        if self.state.dead:
            return
        self.state.open_given_up()
        self._stop_listening_if_gone()
        self._no_longer_opening()

    def _no_longer_opening(self) -> None:
        self.opener.kick()
        self._look_again()
        self.changes.announce()

    def _look_again(self) -> None:
        # A rotation that was put off waits for a pool where nothing is missing.
        if self.state.rotation.put_off:
            self.maintenance.look()

    def _report_open(self, connection: Any, error: Optional[BaseException]) -> None:
        if self.state.dead:
            return
        if error is None:
            self.observer.connected(connection)
        elif self.state.accepting:
            delay = max(self.reconnect.not_before - self.clock.now(), 0.0)
            self.observer.connect_failed(error, self.reconnect.failures, delay)

    # -- pings ---------------------------------------------------------------

    def _ping(self, connection: Any) -> None:
        ping = self.options.ping
        if ping is not None:
            ping(connection)
            return
        pool = self._pool()
        if pool is not None:
            pool._keepalive(connection)

    def _ping_passed(self, entry: Entry) -> None:
        if entry.pinging:
            self.state.pinged(entry, self.clock.now())
            self.settle(entry, proven=True)
            self.maintenance.look_soon()

    def _ping_failed(self, entry: Entry, error: BaseException) -> None:
        if entry.pinging:
            self.state.ping_failed()
            reason = self._why_ended(entry) or DiscardReason.ping
            self._out(entry, reason, idle=False, report=True)
            self._ping_for_waiters()
            self.maintenance.look_soon()
            self.changes.announce()

    def _report_ping(self, connection: Any, error: Optional[BaseException]) -> None:
        if self.state.dead:
            return
        if error is None:
            self.observer.pinged(connection)
        else:
            self.observer.ping_failed(connection, error)

    def _ping_for_waiters(self) -> None:
        # Where check_after_idle keeps a caller from what is idle, its ping runs
        # in the background: whatever comes free first serves the caller.
        stale = self.state.stale_for_waiter()
        while stale is not None:
            self.pinger.start(stale, asked=True)
            stale = self.state.stale_for_waiter()
