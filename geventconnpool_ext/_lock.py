"""Lock: excludes native threads for a few lines, and is usable after a fork."""

from __future__ import annotations

from typing import Any

from gevent.monkey import get_original


class Lock:
    """A re-entrant lock of native threads. Never hold it across a switch."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Make it free in a forked child: the thread that held it is not there."""
        self._lock: Any = get_original("_thread", "RLock")()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *exc_info: object) -> None:
        self._lock.release()
