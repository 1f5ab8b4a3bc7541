"""geventconnpool 0.2.1, as released, by ``with pool.get():``."""

from __future__ import annotations

from typing import Any

import gevent

from benchmarks.peers.opened import Connection, Leases
from tests.upstream import shim

connection = Connection

_base: Any = shim.load().ConnectionPool


class Pool(_base):
    """Opens its connections at once, not one every tenth of a second."""

    SPAWN_FREQUENCY = 0.0

    def _new_connection(self) -> Connection:
        return connection()


def open_pool(size: int) -> Leases:
    pool = Pool(size)
    while len(pool.conn) < size:
        gevent.sleep(0.001)
    return Leases(pool.get, lambda: None)
