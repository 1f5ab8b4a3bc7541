"""LeaseTimes: hooks that measure how long a lease was waited for and held."""

from __future__ import annotations

from time import monotonic
from typing import Any, Dict, Tuple
from weakref import WeakSet, ref

from gevent import getcurrent

from ..hooks import DiscardReason, PoolHooks

__all__ = ["LeaseTimes"]


class LeaseTimes(PoolHooks):
    """Override ``got_after`` and ``held_for``; one object serves any pools.

    A lease counts as held until its connection is idle again or, where it is lost,
    until its discard is told. One that a fork ends is not measured.
    """

    def __init__(self) -> None:
        # By id: a connection is not kept alive, and need not be hashable.
        self._waits: Dict[int, float] = {}
        # With who took it, weakly: a greenlet that nobody has any more must end.
        self._since: Dict[int, Tuple[float, ref[Any]]] = {}
        # Who took a lease that ended before its ``released`` came.
        self._late: Dict[int, WeakSet[Any]] = {}

    def got_after(self, seconds: float) -> None:
        """A caller got a connection after waiting for *seconds*, 0 for an idle one."""

    def held_for(self, seconds: float) -> None:
        """A lease ended that had lasted for *seconds*."""

    def waited(self, connection: Any, seconds: float) -> None:
        """Remember the wait until the caller has the connection."""
        self._waits[id(connection)] = seconds

    def acquired(self, connection: Any) -> None:
        """A lease begins, and with it the one before has ended.

        Combined with hooks that block, the ``released`` of that one may come later,
        or never if its caller is killed there.
        """
        key = id(connection)
        now = monotonic()
        before = self._since.get(key)
        self._since[key] = now, ref(getcurrent())
        wait = self._waits.pop(key, 0.0) if self._waits else 0.0
        if before is not None:
            user = before[1]()
            if user is not None:
                self._late.setdefault(key, WeakSet()).add(user)
            self.held_for(now - before[0])
        self.got_after(wait)

    def released(self, connection: Any) -> None:
        """A lease ends, and nothing is wrong."""
        key = id(connection)
        if self._late and self._is_late(key):
            return
        self._end(key)

    def _is_late(self, key: int) -> bool:
        """Whether the caller's lease has ended already, and another one began."""
        late = self._late.get(key)
        caller = getcurrent()
        if late is None or caller not in late:
            return False
        late.discard(caller)
        if not late:
            del self._late[key]
        noted = self._since.get(key)
        # Killed in the hook before, it may have come back for another lease.
        return noted is None or noted[1]() is not caller

    def _end(self, key: int) -> None:
        noted = self._since.pop(key, None)
        if noted is not None:
            self.held_for(monotonic() - noted[0])

    def discarded(self, connection: Any, reason: DiscardReason) -> None:
        """A lease ends if there was one: the connection may have been idle."""
        key = id(connection)
        self._waits.pop(key, None)
        self._late.pop(key, None)
        self._end(key)
