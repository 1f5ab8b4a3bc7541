"""Greenlets that wait: for a connection, or for a pool to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, Optional

from gevent import get_hub, getcurrent
from gevent.hub import Waiter as GeventWaiter

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
        super().__init__()
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
        hub: Any = self.hub
        self._watcher = hub.loop.async_()
        self._watcher.start(self.switch, None)

    def wake(self) -> None:
        """Have the greenlet continue, soon; switches nothing now."""
        self._watcher.send()

    def done(self) -> None:
        """Free what waking took. Nobody may wake it any more."""
        self._watcher.stop()
        self._watcher.close()


class Interrupt(BaseException):
    """``with interrupt:`` can be ended from any thread, by ``send()``.

    It is itself what is then raised in the greenlet inside the block, which
    must be ready for it.
    """

    def __enter__(self) -> Interrupt:
        self._watcher: Any = get_hub().loop.async_()
        self._watcher.start(getcurrent().throw, self)
        return self

    def send(self) -> None:
        """End the block, soon. Not after the block has been left."""
        self._watcher.send()

    def __exit__(self, *exc_info: object) -> None:
        self._watcher.stop()
        self._watcher.close()


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

    def wait_for(self, true: Callable[[], bool], timeout: Optional[float]) -> bool:
        """Wait until *true()*, at most *timeout* seconds; return *true()*."""
        deadline = None if timeout is None else self._clock.now() + timeout
        while not true():
            left = None if deadline is None else deadline - self._clock.now()
            if left is not None and left <= 0:
                return False
            waiter = Waiter()
            self._waiters.append(waiter)
            timer = None
            try:
                if left is not None:
                    timer = self._clock.call_later(left, waiter.switch, None)
                waiter.get()
            finally:
                self._waiters.remove(waiter)
                if timer is not None:
                    timer.stop()
        return True


def pause(clock: Clock, seconds: float) -> None:
    """Let the calling greenlet sleep for *seconds* of *clock*."""
    waiter = Waiter()
    timer = clock.call_later(seconds, waiter.switch, None)
    try:
        waiter.get()
    finally:
        timer.stop()
