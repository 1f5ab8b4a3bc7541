"""The thread a pool belongs to, and the one way in from other threads."""

from __future__ import annotations

from typing import Any, Callable, Optional

from gevent import get_hub
from gevent.monkey import get_original

from ._compat import async_watcher, free, is_destroyed
from .errors import PoolError

# Under patch_all the ident that Python gives differs per greenlet.
get_thread_ident: Callable[[], int] = get_original("_thread", "get_ident")

# The owner once its event loop is gone: no thread has this ident.
NOBODY = -1


class Owner:
    """Remembers who opened the pool *name*, and has *called* run in its loop."""

    __slots__ = ("_called", "_loop", "_name", "_watcher", "thread")

    def __init__(self, name: str, called: Callable[[], None]) -> None:
        self._name = name
        self._called = called
        self._loop: Any = None
        self._watcher: Any = None
        self.thread: Optional[int] = None

    def take(self) -> None:
        """Make the calling thread the owner."""
        self.thread = get_thread_ident()
        self._loop = get_hub().loop
        self._watcher = async_watcher(ref=False)
        self._watcher.start(self._called)

    @property
    def is_current(self) -> bool:
        """True in the owner's thread, and while there is no owner."""
        if self.thread is None:
            return True
        if self.thread != get_thread_ident():
            return False
        # Idents are used again: by another thread, which has a loop of its own.
        if get_hub().loop is not self._loop:
            self.thread = NOBODY
            return False
        return True

    def check(self) -> None:
        """Raise PoolError in a thread that is not the owner."""
        if self.is_current:
            return
        if self.thread == NOBODY:
            raise PoolError(
                "{}: the event loop of the thread that opened it is gone, so nothing "
                "works in it any more; close a pool in its thread, before that ends, "
                "and open another".format(self._name)
            )
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
        if watcher is None:
            return
        if is_destroyed(self._loop):
            self.thread = NOBODY
        else:
            watcher.send()

    def stop_listening(self) -> None:
        """Free what calling took; ``call`` does nothing from now on."""
        if self._watcher is not None:
            free(self._watcher)
            self._watcher = None
