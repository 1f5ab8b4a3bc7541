"""Lease: what ``with pool.get()`` enters and leaves.

These few lines are the fast path: entering and leaving a lease of an idle
connection switches no greenlet and takes no lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Type

from ._entry import Entry
from ._generic import C, Generic
from .hooks import DiscardReason

if TYPE_CHECKING:
    from types import TracebackType

    from ._base import BasePool

__all__ = ["Lease", "ObservedLease", "TimelessLease"]


_WAITING: Any = Entry(None, 0.0, 0, 0)
"""Stands where the connection will be, while a lease waits for one."""


class Lease(Generic[C]):
    """A connection in use, for one ``with`` block; made by ``pool.get()``.

    Nothing is acquired before the block is entered. When it ends, the
    connection goes back, unless an exception says otherwise: one in
    ``exc_classes``, or one that is no ``Exception`` (a kill, a
    ``gevent.Timeout``), discards it.
    """

    __slots__ = ("_pool", "_timeout", "_entry")

    def __init__(self, pool: BasePool[C], timeout: Optional[float]) -> None:
        self._pool = pool
        self._timeout = timeout
        self._entry: Optional[Entry] = None

    def __enter__(self) -> C:
        """Wait for a connection and return it.

        Raises PoolTimeout, PoolFull, PoolClosed or ConnectFailed, and
        RuntimeError on a lease that was entered before.
        """
        if self._entry is not None:
            raise RuntimeError(
                "this lease was entered before; each with block needs a "
                "pool.get() of its own"
            )
        pool = self._pool
        # No switch between these two lines when a connection is idle.
        entry = pool._take(self) or self._wait()
        self._entry = entry
        return entry.connection  # type: ignore[no-any-return]

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Give the connection back, or discard it; never hides the exception."""
        entry = self._entry
        # Discarded, closed by the pool or abandoned by a fork: not ours any more.
        if entry is None or entry.holder is not self:
            return
        pool = self._pool
        if exc_type is None:
            if not pool._give_back(entry, pool._now()):
                pool._settle(entry)
        else:
            pool._leave(entry, exc)

    def _wait(self) -> Entry:
        """Wait for a connection; meanwhile this lease cannot be entered again."""
        self._entry = _WAITING
        try:
            return self._pool._obtain(self, self._timeout)
        except BaseException:
            self._entry = None
            raise

    @property
    def connection(self) -> C:
        """The connection in use. RuntimeError outside of the block."""
        return self._held("connection").connection  # type: ignore[no-any-return]

    def discard(self) -> None:
        """Close this connection instead of giving it back; the block goes on.

        RuntimeError outside of the block. A second discard does nothing.
        """
        entry = self._entry
        if entry is None or entry is _WAITING:
            self._held("discard()")
        elif entry.holder is self:
            self._pool._discard(entry, DiscardReason.requested)

    def _held(self, what: str) -> Any:
        entry = self._entry
        if entry is None or entry.holder is not self:
            state = "holds none any more"
            if entry is None:
                state = "was not entered yet"
            elif entry is _WAITING:
                state = "still waits for one"
            raise RuntimeError(
                "{} is there only inside of the with block, while the lease holds a "
                "connection; this lease {}".format(what, state)
            )
        return entry


class TimelessLease(Lease[C]):
    """A lease of a pool in which nothing ever comes due: it reads no clock."""

    __slots__ = ()

    # Lease's again, but for the clock: a call between them would cost what it saves.
    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        entry = self._entry
        if entry is None or entry.holder is not self:
            return
        pool = self._pool
        if exc_type is not None:
            pool._leave(entry, exc)
        elif not pool._give_back(entry, 0.0):
            pool._settle(entry)


class ObservedLease(Lease[C]):
    """A lease that also calls the hooks ``acquired`` and ``released``."""

    __slots__ = ()

    def __enter__(self) -> C:
        if self._entry is not None:
            return Lease.__enter__(self)  # which raises
        # As Lease does it: this is the fast path, too.
        pool = self._pool
        entry = pool._take(self) or self._wait()
        self._entry = entry
        connection: C = entry.connection
        if pool._observer.acquired is not None:
            self._announce(connection)
        return connection

    def _announce(self, connection: C) -> None:
        observer = self._pool._observer
        acquired = observer.acquired
        if acquired is None:
            return
        try:
            # As Observer.call, which would cost a call more.
            try:
                acquired(connection)
            except Exception as error:
                observer.hook_raised(acquired, error)
        except BaseException as error:
            # Killed inside of the hook, or of the log that tells what it raised: the
            # block is not entered, so nobody else gives this connection back.
            self.__exit__(type(error), error, None)
            raise

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        entry = self._entry
        if entry is None or entry.holder is not self:
            return
        pool = self._pool
        if exc_type is not None:
            pool._leave(entry, exc)
        elif pool._give_back(entry, 0.0 if pool._timeless else pool._now()):
            # Idle again, so it is healthy.
            released = pool._observer.released
            if released is not None:
                try:
                    released(entry.connection)
                except Exception as error:
                    pool._observer.hook_raised(released, error)
            return
        else:
            pool._settle(entry)
        pool._report_return(entry, exc)


class WatchedLease(ObservedLease[C]):
    """A lease that also notes when and where it was taken, for ``leak_after``."""

    __slots__ = ()

    def __enter__(self) -> C:
        connection: C = Lease.__enter__(self)
        # Before the hook, which may take its time.
        leaks, entry = self._pool._leaks, self._entry
        if leaks is not None and entry is not None:
            leaks.took(entry)
        self._announce(connection)
        return connection
