"""BasePool: what ConnectionPool and NullPool have in common.

Options, leases and numbers. How a connection is obtained, and what becomes of
it, is left to the two pools.
"""

from __future__ import annotations

import itertools
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    ClassVar,
    Optional,
    Tuple,
    Type,
    Union,
)

from . import _arguments, _options
from ._arguments import UNSET, Unset
from ._clock import Clock
from ._entry import Entry
from ._exceptions import BrokenConnection
from ._fork import tell_when_forked
from ._generic import C
from ._leaks import LeakWatch
from ._observer import Observer
from ._overridable import Overridable
from ._reconnect import LastError, Reconnect
from ._refusals import Refusals
from .hooks import DiscardReason, PoolHooks
from .lease import Lease, ObservedLease, TimelessLease, WatchedLease
from .retry import Backoff

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from .stats import PoolStats

_numbers = itertools.count(1)
_new = object.__new__


class BasePool(Refusals, Overridable[C]):
    """The part of a pool's interface that does not depend on how it works."""

    SPAWN_FREQUENCY: ClassVar[float] = 0.1

    # Replaced in tests by a clock whose hours pass at once.
    _clock: Clock = Clock()
    _observer_class: ClassVar[Type[Observer]] = Observer

    _take: Callable[[Any], Optional[Entry]]
    _give_back: Callable[[Entry, float], bool]

    def __init__(
        self,
        size: int,
        exc_classes: _arguments.ExceptionClasses = (OSError,),
        keepalive: Optional[float] = None,
        *,
        connect: Optional[Callable[[], C]] = None,
        ping: Optional[Callable[[C], None]] = None,
        close_connection: Optional[Callable[[C], None]] = None,
        abandon: Optional[Callable[[C], None]] = None,
        min_size: Optional[int] = None,
        timeout: Optional[float] = None,
        max_waiting: Optional[int] = None,
        max_lifetime: Optional[float] = None,
        max_idle: Optional[float] = None,
        check_after_idle: Optional[float] = None,
        order: str = "fifo",
        connect_timeout: Optional[float] = None,
        close_timeout: float = 5.0,
        reconnect: Backoff = Backoff(),  # noqa: B008 - immutable in use
        max_opening: int = 2,
        fatal_exc_classes: _arguments.ExceptionClasses = (),
        leak_after: Optional[float] = None,
        hooks: Optional[PoolHooks] = None,
        name: Optional[str] = None,
        open: bool = True,  # noqa: A002 - the name users know
    ) -> None:
        if name is None:
            name = "{}-{}".format(type(self).__name__, next(_numbers))
        elif not isinstance(name, str) or not name:
            raise TypeError("name must be text, or None; not {!r}".format(name))
        self._options = options = _options.checked(
            size,
            exc_classes,
            keepalive,
            connect,
            ping,
            close_connection,
            abandon,
            min_size,
            timeout,
            max_waiting,
            max_lifetime,
            max_idle,
            check_after_idle,
            order,
            connect_timeout,
            close_timeout,
            reconnect,
            max_opening,
            fatal_exc_classes,
            leak_after,
            hooks,
            name,
        )
        self._check_methods()
        self._timeout = timeout
        self._timeless = options.timeless
        self.name = name
        self.keepalive = keepalive
        self.exc_classes = options.exc_classes
        self._observer = observer = self._observer_class(name, hooks)
        self._now: Callable[[], float] = self._clock.now
        self._lease_class: Type[Lease[C]] = Lease
        if leak_after is not None:
            self._lease_class = WatchedLease
        elif observer.acquired or observer.released:
            self._lease_class = ObservedLease
        elif self._timeless:
            self._lease_class = TimelessLease
        self._last_error = LastError()
        self._assemble()
        tell_when_forked(self)
        if open:
            self.open()

    @property
    def exc_classes(self) -> Tuple[Type[BaseException], ...]:
        """Exceptions that mean a broken connection; may be assigned, as upstream's."""
        return self._broken.classes

    @exc_classes.setter
    def exc_classes(self, classes: _arguments.ExceptionClasses) -> None:
        checked = _arguments.exception_classes("exc_classes", classes)
        self._broken = BrokenConnection(checked)

    # -- leases --------------------------------------------------------------

    @property
    def size(self) -> int:
        """Most connections this pool may have at once."""
        return self._state.size

    def get(self, timeout: Union[float, Unset, None] = UNSET) -> Lease[C]:
        """Return a lease: ``with pool.get() as connection:``.

        Nothing is acquired until the block is entered; then it waits.

        Arguments:
            timeout: seconds to wait at most, all in all; 0 never waits, None
                waits for ever. Default: the pool's ``timeout``.

        Raises TypeError or ValueError for a wrong *timeout*, at once. Entering
        raises PoolTimeout, PoolFull, PoolClosed or ConnectFailed.
        """
        # What Lease.__init__ does, without the call: this is the fast path.
        lease = _new(self._lease_class)
        lease._pool = self
        lease._entry = None
        if timeout is UNSET:
            lease._timeout = self._timeout
        else:
            lease._timeout = _arguments.timeout(timeout)
        return lease

    def acquire(self, timeout: Union[float, Unset, None] = UNSET) -> C:
        """Wait for a connection and return it; ``release`` must follow.

        ``get`` is safer: its block gives the connection back by itself. Takes
        and raises what ``get`` and entering its lease do.
        """
        lease = self.get(timeout)
        connection = lease.__enter__()
        entry = lease._entry
        if entry is not None and entry.holder is lease:
            entry.holder = _ACQUIRED
        return connection

    def release(self, c: C, discard: bool = False) -> None:
        """Give back a connection that ``acquire`` returned.

        Arguments:
            c: that connection.
            discard: True closes it instead, as presumed broken.

        Raises ValueError for a connection that is not in use, was released
        already, belongs to another pool, or is held by a ``with`` block.
        """
        entry = self._state.entries.get(id(c))
        if entry is None or entry.connection is not c:
            revoked = self._state.revoked
            if id(c) in revoked and revoked[id(c)] is c:
                # The pool was closed, or the process forked, in the meantime.
                del revoked[id(c)]
                return
            raise ValueError(
                "{}: release of {}, which this pool does not hold; release each "
                "connection once, to the pool that it was acquired from".format(
                    self.name, _describe(c)
                )
            )
        if entry.holder is not _ACQUIRED:
            raise ValueError(
                "{}: release of {}, which is {}; release what acquire() returned, "
                "once".format(
                    self.name,
                    _describe(c),
                    "held by a with block"
                    if isinstance(entry.holder, Lease)
                    else "not in use",
                )
            )
        if discard:
            self._discard(entry, DiscardReason.requested)
        else:
            if not self._give_back(entry, self._now()):
                self._settle(entry)
            self._report_return(entry, None)

    def stats(self) -> PoolStats:
        """Return the sizes of this moment and the counters since the start."""
        return self._state.stats()

    def _report_wait(self, entry: Entry, seconds: float) -> None:
        """Call the ``waited`` hook for the caller who now has *entry*."""
        try:
            self._observer.call(self._observer.waited, entry.connection, seconds)
        except BaseException:
            # Killed inside of the hook: the block is not entered.
            self._discard(entry, DiscardReason.interrupted)
            raise

    def _report_return(self, entry: Entry, exc: Optional[BaseException]) -> None:
        """Call the ``released`` hook if the connection came back healthy."""
        if self._observer.released is not None:
            if self._why_ended(entry) is None and self._why_broken(exc) is None:
                self._observer.call(self._observer.released, entry.connection)

    def _why_broken(self, exc: Optional[BaseException]) -> Optional[DiscardReason]:
        """Return why a block that ended with *exc* costs it its connection."""
        if exc is None:
            return None
        if self._broken.matches(exc):
            return DiscardReason.error
        return None if isinstance(exc, Exception) else DiscardReason.interrupted

    def _leave(self, entry: Entry, exc: Optional[BaseException]) -> None:
        """Take back what a block that raised *exc* held."""
        reason = self._why_broken(exc)
        if reason is not None:
            self._discard(entry, reason)
        elif not self._give_back(entry, self._now()):
            self._settle(entry)

    def _why_ended(self, entry: Entry) -> Optional[DiscardReason]:
        """Return why a connection says that it must not be used again."""
        return None if self._judge is None else self._judge(entry.connection)

    # -- what the two pools do differently -----------------------------------

    def _assemble(self) -> None:
        """Make the state and what works on it: at the start, and in a child."""
        raise NotImplementedError

    def _forked(self) -> None:
        """Let go of the parent's connections and start anew, in a forked child."""
        raise NotImplementedError

    def open(self) -> None:
        """Begin to work; does nothing on an open pool."""
        raise NotImplementedError

    def _obtain(
        self,
        holder: Any,
        timeout: Optional[float],
        opened_after: Optional[float] = None,
    ) -> Entry:
        """Wait for a connection for *holder*; with *opened_after*, a newer one."""
        raise NotImplementedError

    def _settle(self, entry: Entry) -> None:
        """Decide about a connection that came back and is not simply idle now."""
        raise NotImplementedError

    def _discard(self, entry: Entry, reason: DiscardReason) -> None:
        """Take a connection that is in use out of the pool."""
        raise NotImplementedError

    def close(self, timeout: Optional[float] = 5.0) -> None:
        """Close the pool."""
        raise NotImplementedError

    _leaks: Optional[LeakWatch] = None
    """Finds leases held for longer than ``leak_after``, if that is set."""

    def _make_leaks(self) -> Optional[LeakWatch]:
        """Return what watches the leases of the state there is now."""
        seconds = self._options.leak_after
        if seconds is None:
            return None
        return LeakWatch(self._state.entries, self._clock, self._observer, seconds)

    # As in Overridable: made of the options, not bound to the pool.

    _judge: Optional[Callable[[Any], Optional[DiscardReason]]] = None
    """Tells why a connection must not be used again, or None."""

    _worn: Optional[Callable[[Any], Optional[DiscardReason]]] = None
    """Tells why a connection should be rotated when its turn comes, or None."""

    _lifetime_reason: DiscardReason = DiscardReason.lifetime
    """What the end of ``max_lifetime`` is called."""

    _ping_timeout: Optional[float] = None
    """Bound on one ping in seconds; None: connect_timeout, or else 30."""

    def _make_reconnect(self) -> Reconnect:
        """Return the memory of failed connects."""
        options = self._options
        return Reconnect(options.reconnect, options.fatal_exc_classes, self._last_error)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        stats = self.stats()
        return "<{} {!r} size={} idle={} in_use={} waiting={}>".format(
            type(self).__name__,
            self.name,
            stats.size,
            stats.idle,
            stats.in_use,
            stats.waiting,
        )


class _Acquired:
    """Holds what ``acquire`` returned."""

    __slots__ = ()


_ACQUIRED = _Acquired()


def _describe(connection: Any) -> str:
    # Not its repr: a connection may show a password there.
    return "a {} object".format(type(connection).__name__)
