"""Greenlets that wait: for a connection, or for a pool to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, Optional

from gevent import getcurrent
from gevent.hub import Waiter as GeventWaiter

from ._compat import async_watcher, free

if TYPE_CHECKING:
    from ._clock import Clock
    from ._entry import Entry

    _Waiter = GeventWaiter[Any]
else:
    _Waiter = GeventWaiter


class Waiter(_Waiter):
    """One caller waiting for a connection.

    gevent's Waiter remembers whether its greenlet still waits, so waking one
    that was killed in between reaches nobody.
    """

    __slots__ = ("entry", "error", "opened_after")

    def __init__(self, opened_after: Optional[float] = None) -> None:
        GeventWaiter.__init__(self)
        self.opened_after = opened_after
        self.entry: Optional[Entry] = None
        self.error: Optional[BaseException] = None

    def wake(self) -> None:
        """Have the greenlet continue, soon; switches nothing now."""
        hub: Any = self.hub
        hub.loop.run_callback(self.switch, None)

    def fail(self, error: BaseException) -> None:
        """Have the greenlet continue without a connection."""
        self.error = error
        self.wake()


class ThreadWaiter(Waiter):
    """A Waiter that any thread may wake. ``done()`` must follow its use."""

    __slots__ = ("_watcher",)

    def __init__(self) -> None:
        super().__init__()
        self._watcher = async_watcher()
        self._watcher.start(self.switch, None)

    def wake(self) -> None:
        """Have the greenlet continue, soon; switches nothing now."""
        self._watcher.send()

    def done(self) -> None:
        """Free what waking took. Nobody may wake it any more."""
        free(self._watcher)


class Interrupt(BaseException):
    """``with interrupt:`` can be ended from any thread, by ``send()``.

    It is itself what is then raised in the greenlet inside the block, which
    must be ready for it.
    """

    def __enter__(self) -> Interrupt:
        self._watcher: Any = async_watcher()
        self._watcher.start(getcurrent().throw, self)
        return self

    def send(self) -> None:
        """End the block, soon. Not after the block has been left."""
        self._watcher.send()

    def __exit__(self, *exc_info: object) -> None:
        free(self._watcher)


class Changes:
    """Lets greenlets wait until something about a pool has become true."""

    __slots__ = ("_clock", "_waiters")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiters: List[Waiter] = []

    def announce(self) -> None:
        """Have everybody look again; switches nothing now."""
        for waiter in self._waiters:
            waiter.wake()

    def _begin(self) -> Waiter:
        waiter = Waiter()
        self._waiters.append(waiter)
        return waiter

    def _end(self, waiter: Waiter) -> None:
        self._waiters.remove(waiter)

    def wait_for(self, true: Callable[[], bool], timeout: Optional[float]) -> bool:
        """Wait until *true()*, at most *timeout* seconds; return *true()*."""
        deadline = None if timeout is None else self._clock.now() + timeout
        while True:
            # It must be there before the look, or a change in between is missed.
            waiter = self._begin()
            timer = None
            try:
                if true():
                    return True
                if deadline is not None:
                    left = deadline - self._clock.now()
                    if left <= 0:
                        return False
                    timer = self._clock.call_later(left, waiter.switch, None)
                waiter.get()
            finally:
                self._end(waiter)
                if timer is not None:
                    timer.stop()


class ThreadChanges(Changes):
    """Changes of a pool that several threads use, under its *lock*."""

    __slots__ = ("_lock",)

    def __init__(self, clock: Clock, lock: Any) -> None:
        super().__init__(clock)
        self._lock = lock

    def announce(self) -> None:
        """Have everybody look again; switches nothing now."""
        with self._lock:
            super().announce()

    def _begin(self) -> Waiter:
        waiter = ThreadWaiter()
        with self._lock:
            self._waiters.append(waiter)
        return waiter

    def _end(self, waiter: Waiter) -> None:
        with self._lock:
            super()._end(waiter)
            if isinstance(waiter, ThreadWaiter):
                waiter.done()


def pause(clock: Clock, seconds: float) -> None:
    """Let the calling greenlet sleep for *seconds* of *clock*."""
    waiter = Waiter()
    timer = clock.call_later(seconds, waiter.switch, None)
    try:
        waiter.get()
    finally:
        timer.stop()
