"""This package, by ``with pool.get():``, no hook overridden."""

from __future__ import annotations

from typing import Optional

from benchmarks.peers.opened import Connection, Leases
from geventconnpool_ext import ConnectionPool
from geventconnpool_ext.hooks import PoolHooks

connection = Connection


class Pool(ConnectionPool[Connection]):
    """Opens its connections at once, not one every tenth of a second."""

    SPAWN_FREQUENCY = 0.0

    def _new_connection(self) -> Connection:
        return connection()


def open_pool(size: int, hooks: Optional[PoolHooks] = None) -> Leases:
    pool = Pool(size, hooks=hooks)
    pool.wait()
    return Leases(pool.get, pool.close)
