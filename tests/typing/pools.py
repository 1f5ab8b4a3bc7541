"""The type of a connection, wherever it comes from. Checked, not run."""

from __future__ import annotations

import socket
from typing import Optional, Union

from typing_extensions import assert_type

from geventconnpool_ext import (
    ConnectionPool,
    Lease,
    NullPool,
    PoolStats,
    create_pool,
)


def connect() -> socket.socket:
    return socket.create_connection(("localhost", 700))


class Subclass(ConnectionPool[socket.socket]):
    def _new_connection(self) -> socket.socket:
        return connect()

    def _keepalive(self, c: socket.socket) -> None:
        c.sendall(b"ping")


class NullSubclass(NullPool[socket.socket]):
    def _new_connection(self) -> Optional[socket.socket]:
        return None


class OwnConnection:
    """A user's class: no protocol is asked for."""

    answers = 0


pool = ConnectionPool(3, connect=connect)
assert_type(pool, ConnectionPool[socket.socket])
assert_type(pool.get(), Lease[socket.socket])
assert_type(pool.get(timeout=None).connection, socket.socket)
assert_type(pool.acquire(timeout=1), socket.socket)
assert_type(pool.stats(), PoolStats)
assert_type(pool.stats().open, int)
pool.release(pool.acquire(), discard=True)
with pool.get() as by_function:
    assert_type(by_function, socket.socket)
with Subclass(2, (OSError,), 30).get(timeout=None) as by_subclass:
    assert_type(by_subclass, socket.socket)
with ConnectionPool(2, connect=connect) as entered:
    assert_type(entered, ConnectionPool[socket.socket])
with Subclass(2) as entered_subclass:
    assert_type(entered_subclass, Subclass)
with ConnectionPool(1, connect=OwnConnection).get() as own:
    assert_type(own.answers, int)

null = NullPool(2, connect=connect)
assert_type(null, NullPool[socket.socket])
assert_type(null.acquire(), socket.socket)
with null.get() as unpooled:
    assert_type(unpooled, socket.socket)

chosen = create_pool(2, connect=connect, kind="null")
assert_type(chosen, Union[ConnectionPool[socket.socket], NullPool[socket.socket]])
with chosen.get() as from_either:
    assert_type(from_either, socket.socket)


def by_parameter(any_pool: ConnectionPool[socket.socket]) -> bytes:
    with any_pool.get() as c:
        return c.recv(1)


by_parameter(Subclass(2))
