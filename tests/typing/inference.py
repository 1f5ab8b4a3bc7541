"""What a type checker must know of a user's code. Checked, not run."""

from __future__ import annotations

import functools
import socket
from typing import Callable, Union

from typing_extensions import assert_type

from geventconnpool_ext import ConnectionPool, Lease, NullPool, create_pool, retry
from geventconnpool_ext.epp import EPPPool, Login, Session, client_factory


def connect() -> socket.socket:
    return socket.create_connection(("localhost", 700))


class Subclass(ConnectionPool[socket.socket]):
    def _new_connection(self) -> socket.socket:
        return connect()


pool = ConnectionPool(3, connect=connect)
assert_type(pool, ConnectionPool[socket.socket])
assert_type(pool.get(), Lease[socket.socket])
assert_type(pool.acquire(timeout=1), socket.socket)
with pool.get() as by_function:
    assert_type(by_function, socket.socket)
with Subclass(2).get(timeout=None) as by_subclass:
    assert_type(by_subclass, socket.socket)
with ConnectionPool(2, connect=connect) as entered:
    assert_type(entered, ConnectionPool[socket.socket])
with NullPool(2, connect=connect).get() as unpooled:
    assert_type(unpooled, socket.socket)
chosen = create_pool(2, connect=connect, kind="null")
assert_type(chosen, Union[ConnectionPool[socket.socket], NullPool[socket.socket]])
with chosen.get() as from_either:
    assert_type(from_either, socket.socket)

sessions = EPPPool(client_factory("localhost"), lambda: Login("client", "secret"), 2)
assert_type(sessions, EPPPool)
with sessions.get() as session:
    assert_type(session, Session)


@retry
def bare(number: int) -> str:
    return str(number)


@retry(max_failures=3, exc_classes=(OSError, EOFError))
def with_arguments(number: int) -> str:
    return str(number)


patient = functools.partial(retry, max_failures=9)

checked: Callable[[int], str] = bare
assert_type(bare(1), str)
assert_type(with_arguments(1), str)
