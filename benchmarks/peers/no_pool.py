"""No pool at all: what is done while a connection is held, and nothing else."""

from __future__ import annotations

from benchmarks.peers.opened import Connection, Held

connection = Connection


class NoPool:
    """Everybody has a connection at once."""

    def turns(self, number: int) -> None:
        for _ in range(number):
            pass

    def holding(self, number: int, held: Held) -> None:
        for _ in range(number):
            held()

    def close(self) -> None:
        pass


def open_pool(size: int) -> NoPool:
    return NoPool()
