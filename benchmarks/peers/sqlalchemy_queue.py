"""SQLAlchemy's QueuePool on its own: ``pool.connect()``, then ``close()``.

A connection is reset on return by a rollback unless one says otherwise; there is
nothing to roll back here, so it is told.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.pool import QueuePool

from benchmarks.peers.opened import Connection, Held

connection = Connection


class Checkouts:
    """A QueuePool, used as its documentation does."""

    def __init__(self, pool: QueuePool) -> None:
        self._pool = pool

    def turns(self, number: int) -> None:
        connect = self._pool.connect
        for _ in range(number):
            taken = connect()
            try:
                pass
            finally:
                taken.close()

    def holding(self, number: int, held: Held) -> None:
        connect = self._pool.connect
        for _ in range(number):
            taken = connect()
            try:
                held()
            finally:
                taken.close()

    def close(self) -> None:
        self._pool.dispose()


def open_pool(size: int) -> Checkouts:
    create: Any = connection
    pool = QueuePool(create, pool_size=size, max_overflow=0, reset_on_return=None)
    # It connects when asked: all at once, so that all are there.
    for taken in [pool.connect() for _ in range(size)]:
        taken.close()
    return Checkouts(pool)
