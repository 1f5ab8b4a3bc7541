"""The bare minimum that can wait: a deque of connections, a deque of greenlets.

What is given back goes to whoever waits longest, as in a pool. A greenlet that is
killed while it waits takes a connection with it: this is no pool to use.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from gevent import get_hub, getcurrent

from benchmarks.peers.opened import Connection, Leases

connection = Connection


class Lease:
    """Takes or waits on entering, puts back or hands over on leaving."""

    __slots__ = ("_pool", "_connection")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def __enter__(self) -> Any:
        pool = self._pool
        if pool.idle:
            taken = pool.idle.popleft()
        else:
            pool.waiting.append(getcurrent())
            taken = pool.hub.switch()
        self._connection = taken
        return taken

    def __exit__(self, *exc_info: object) -> None:
        pool = self._pool
        if pool.waiting:
            pool.run_callback(pool.waiting.popleft().switch, self._connection)
        else:
            pool.idle.append(self._connection)


class Pool:
    """Some connections, and who waits for them."""

    __slots__ = ("hub", "idle", "run_callback", "waiting")

    def __init__(self, size: int) -> None:
        self.idle: deque[Any] = deque(connection() for _ in range(size))
        self.waiting: deque[Any] = deque()
        self.hub: Any = get_hub()
        self.run_callback = self.hub.loop.run_callback

    def get(self) -> Lease:
        return Lease(self)


def open_pool(size: int) -> Leases:
    return Leases(Pool(size).get, lambda: None)
