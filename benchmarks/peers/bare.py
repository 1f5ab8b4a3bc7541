"""The bare minimum: a slotted context object over a deque, no line, no promise."""

from __future__ import annotations

from collections import deque

from benchmarks.peers.opened import Connection, Leases

connection = Connection


class Lease:
    """Takes on entering, puts back on leaving, whatever happened in between."""

    __slots__ = ("_idle", "_connection")

    def __init__(self, idle: deque[Connection]) -> None:
        self._idle = idle

    def __enter__(self) -> Connection:
        self._connection = taken = self._idle.popleft()
        return taken

    def __exit__(self, *exc_info: object) -> None:
        self._idle.append(self._connection)


class Pool:
    """Some connections."""

    def __init__(self, size: int) -> None:
        self._idle = deque(connection() for _ in range(size))

    def get(self) -> Lease:
        return Lease(self._idle)


def open_pool(size: int) -> Leases:
    return Leases(Pool(size).get, lambda: None)
