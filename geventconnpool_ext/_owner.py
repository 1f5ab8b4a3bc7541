"""The thread a pool belongs to, and the one way in from other threads."""

from __future__ import annotations

from typing import Any, Callable, Optional

from gevent.monkey import get_original

from ._compat import async_watcher, free
from .errors import PoolError

# Under patch_all the ident that Python gives differs per greenlet.
get_thread_ident: Callable[[], int] = get_original("_thread", "get_ident")


class Owner:
    """Remembers who opened the pool *name*, and has *called* run in its loop."""

    __slots__ = ("_called", "_name", "_watcher", "thread")

    def __init__(self, name: str, called: Callable[[], None]) -> None:
        self._name = name
        self._called = called
        self._watcher: Any = None
        self.thread: Optional[int] = None

    def take(self) -> None:
        """Make the calling thread the owner."""
        self.thread = get_thread_ident()
        self._watcher = async_watcher(ref=False)
        self._watcher.start(self._called)

    @property
    def is_current(self) -> bool:
        """True in the owner's thread, and while there is no owner."""
        return self.thread is None or self.thread == get_thread_ident()

    def check(self) -> None:
        """Raise PoolError in a thread that is not the owner."""
        if not self.is_current:
            raise PoolError(
                "{}: used from thread {}, but it belongs to thread {}, which opened "
                "it; open one pool per thread, or use NullPool".format(
                    self._name, get_thread_ident(), self.thread
                )
            )

    def call(self) -> None:
        """Have the owner's event loop call, soon. Takes no lock: safe in any
        thread, and in a finalizer."""
        watcher = self._watcher
        if watcher is not None:
            watcher.send()

    def stop_listening(self) -> None:
        """Free what calling took; ``call`` does nothing from now on."""
        if self._watcher is not None:
            free(self._watcher)
            self._watcher = None
