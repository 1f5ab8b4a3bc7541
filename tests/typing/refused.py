"""What a type checker must refuse. Checked, not run.

Each line says by which rule, for mypy and for pyright. An error that is not found is
an error by itself: mypy --strict calls its comment unused, and so does pyright.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import socket
from typing import Callable

from geventconnpool_ext import Backoff, ConnectionPool, PoolHooks, create_pool, retry
from geventconnpool_ext.epp import EPPPool, Login, SessionPolicy, client_factory


def connect() -> socket.socket:
    return socket.create_connection(("localhost", 700))


pool = ConnectionPool(3, connect=connect)

# Arguments.
ConnectionPool("3", connect=connect)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ConnectionPool(3, connect=connect())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ConnectionPool(3, connect=connect, timout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
ConnectionPool(3, (OSError,), 30, connect)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
ConnectionPool(3, connect=connect, exc_classes=(OSError("an instance"),))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ConnectionPool(3, connect=connect, hooks=PoolHooks)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ConnectionPool(3, connect=connect, reconnect=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
create_pool(3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Backoff(initial="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# What a pool gives.
with pool.get() as connection:
    connection.execute("select 1")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
with pool as entered:
    entered.recv(1)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
number: int = pool.acquire()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
pool.release("no connection")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
idle: int = pool.stats().idel  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
pool.get("soon")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
other: ConnectionPool[str] = pool  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


class Subclass(ConnectionPool[socket.socket]):
    def _new_connection(self) -> str:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return ""


class Hooks(PoolHooks):
    def discarded(self, connection: object) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        pass


# Functions that are retried.
@retry
def bare(number: int) -> str:
    return str(number)


@retry(max_failures=3)
def with_arguments(number: int) -> str:
    return str(number)


bare("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
with_arguments()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
with_arguments(1, 2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
text: bytes = with_arguments(1)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
checked: Callable[[str], str] = bare  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
retry(max_failure=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
retry(bare, interval="1")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]

# Sessions.
EPPPool(client_factory("localhost"), Login("client", "secret"), 2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
EPPPool(client_factory("localhost"), lambda: Login("client", "secret"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Login("client")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
SessionPolicy(idle_timout=300)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
EPPPool.from_env(environ="EPP_")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
