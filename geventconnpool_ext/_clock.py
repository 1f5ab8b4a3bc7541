"""The one place from which a pool takes time and timers.

Tests put a virtual clock in its place, so that hours pass without sleeping.
Callbacks run in the event loop and must not switch greenlets, with one
exception that gevent allows: to switch or throw into a greenlet that waits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable

from gevent import get_hub

from ._compat import free

if TYPE_CHECKING:
    from typing_extensions import Protocol

    class Timer(Protocol):
        """A call to come, until it is stopped."""

        def stop(self) -> None:
            """Forget the call. Harmless when it was made already."""


# libuv cannot wait for less, and gevent warns of whoever tries.
SHORTEST = 0.001
# Some thirty years. The loops count in numbers that end, libuv in whole milliseconds.
LONGEST = 1e9


class _LoopTimer:
    """A one-shot timer of the event loop that frees its watcher."""

    __slots__ = ("_watcher",)

    def __init__(self, watcher: Any) -> None:
        self._watcher = watcher

    def stop(self) -> None:
        free(self._watcher)


class Clock:
    """Monotonic seconds, and timers on the event loop of the calling thread."""

    __slots__ = ()

    now = staticmethod(time.monotonic)

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, ref: bool = True
    ) -> Timer:
        """Call *callback* in the event loop after *delay* seconds.

        With ``ref=False`` the timer alone does not keep the loop running, so
        that ``gevent.wait()`` returns and a deadlock is still reported.
        """
        seconds = min(max(delay, SHORTEST), LONGEST) if delay > 0 else 0.0
        watcher = get_hub().loop.timer(seconds, ref=ref)
        watcher.start(callback, *args, update=True)
        return _LoopTimer(watcher)
