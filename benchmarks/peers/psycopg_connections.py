"""psycopg_pool, by ``with pool.connection():``, with connections to no database.

Its pool asks a *connection_class* for ``connect``, for the transaction's status and to
be a context manager; all of that is here, and nothing of it does anything. So what is
measured is the pool, without psycopg's own commit on leaving the block.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from benchmarks.peers.opened import Leases

# It tells of each get and return at INFO; nobody listens.
logging.getLogger("psycopg.pool").setLevel(logging.WARNING)


class _Status:
    """Says that no transaction is open."""

    transaction_status = TransactionStatus.IDLE


class Connection:
    """What the pool asks of a connection, doing nothing."""

    pgconn = _Status()
    closed = False

    def __init__(self) -> None:
        self._created_at = monotonic()

    @classmethod
    def connect(cls, conninfo: str = "", **_options: Any) -> Connection:
        return cls()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def close(self) -> None:
        pass


connection = Connection


def open_pool(size: int) -> Leases:
    connection_class: Any = Connection
    pool = ConnectionPool(
        connection_class=connection_class, min_size=size, max_size=size, open=True
    )
    pool.wait()
    return Leases(pool.connection, pool.close)
