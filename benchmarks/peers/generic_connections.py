"""generic-connection-pool for threads, by ``with pool.connection(endpoint):``."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ContextManager, Optional

from generic_connection_pool.threading import BaseConnectionManager, ConnectionPool

from benchmarks.peers.opened import Connection, Leases

connection = Connection
ENDPOINT = "peer"


class Maker(BaseConnectionManager[str, Connection]):
    """Makes and closes connections."""

    def create(self, endpoint: str, timeout: Optional[float] = None) -> Connection:
        return connection()

    def dispose(
        self, endpoint: str, conn: Connection, timeout: Optional[float] = None
    ) -> None:
        conn.close()


def open_pool(size: int) -> Leases:
    pool: Any = ConnectionPool(
        Maker(),
        min_idle=size,
        max_size=size,
        total_max_size=size,
        idle_timeout=600.0,
        max_lifetime=3600.0,
    )

    def get() -> ContextManager[Any]:
        lease: ContextManager[Any] = pool.connection(ENDPOINT)
        return lease

    # It connects when asked: all at once, so that all are there.
    with ExitStack() as stack:
        for _ in range(size):
            stack.enter_context(get())
    return Leases(get, pool.close)
