"""The ways to send commands that are compared. Each gives a function, while open."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List

from gevent.lock import BoundedSemaphore
from gevent.queue import Queue

from benchmarks.epp.driving import Send
from benchmarks.epp.registry import RegistryProcess, login
from geventconnpool_ext.epp import EPPNullPool, EPPPool, SessionPolicy
from geventconnpool_ext.epp.framing import encode
from geventconnpool_ext.epp.requests import prepare
from geventconnpool_ext.epp.session import Session

__all__ = ["LABELS", "SENDERS", "Sender"]

LABELS = {
    "bare": "bare sockets",
    "pool": "EPPPool",
    "connection": "a connection per command",
    "lock": "one session behind a lock",
}


@contextmanager
def pool(registry: RegistryProcess, sessions: int) -> Iterator[Send]:
    """Our pool, with every session open."""
    with EPPPool(registry.connect(), login, sessions, kind="pool") as made:
        made.wait(30)
        yield made.send


@contextmanager
def connection(registry: RegistryProcess, sessions: int) -> Iterator[Send]:
    """Connect, log in, send, log out, for each command; so many at once."""
    # With the default, 3, no more than 3 would log in at a time.
    policy = SessionPolicy(login_failures=sessions)
    with EPPNullPool(registry.connect(), login, sessions, policy=policy) as made:
        yield made.send


@contextmanager
def lock(registry: RegistryProcess, sessions: int) -> Iterator[Send]:
    """One session, which whoever wants to send waits for."""
    one_at_a_time = BoundedSemaphore(1)
    session = Session(registry.connect()(), login)
    session.start()

    def send(command: Any) -> Any:
        with one_at_a_time:
            return session.send(command)

    try:
        yield send
    finally:
        session.close()


class Received:
    """That something came, unread."""

    code = 1000


@contextmanager
def bare(registry: RegistryProcess, sessions: int) -> Iterator[Send]:
    """What loopback, TLS and the registry allow: octets written, octets read.

    The command is rendered once, and nothing is parsed.
    """
    connect = registry.connect()
    opened: List[Session] = []
    idle: Any = Queue()
    units: Dict[type, bytes] = {}

    def send(command: Any) -> Any:
        unit = units.get(type(command))
        if unit is None:
            unit = units[type(command)] = encode(prepare(command).data)
        sock = idle.get()
        sock.sendall(unit)
        received = sock.recv(65536)
        length = int.from_bytes(received[:4], "big")
        while len(received) < length:
            received += sock.recv(65536)
        idle.put(sock)
        return Received

    try:
        for _ in range(sessions):
            session = Session(connect(), login)
            opened.append(session)
            session.start()
            idle.put(session.client.socket)
        yield send
    finally:
        for session in opened:
            session.close()


Sender = Callable[[RegistryProcess, int], Any]

SENDERS: Dict[str, Sender] = {
    "bare": bare,
    "pool": pool,
    "connection": connection,
    "lock": lock,
}
