"""Greenlets that send commands as fast as they are answered."""

from __future__ import annotations

from time import perf_counter
from typing import Any, Callable

import gevent

from geventconnpool_ext.epp import CheckDomain

__all__ = ["Send", "rate_in", "rate_of"]

Send = Callable[[Any], Any]
"""Sends a command and returns its answer."""


def rate_of(send: Send, clients: int, commands: int) -> float:
    """Commands a second, when *clients* greenlets send that many together."""
    numbers = iter(range(commands))

    def more() -> bool:
        return next(numbers, None) is not None

    began = perf_counter()
    _drive(send, clients, more)
    return commands / (perf_counter() - began)


def rate_in(send: Send, clients: int, seconds: float) -> float:
    """Commands a second, when *clients* greenlets begin none after *seconds*.

    One is sent in any case.
    """
    sent = 0
    began = perf_counter()

    def more() -> bool:
        nonlocal sent
        if sent and perf_counter() - began >= seconds:
            return False
        sent += 1
        return True

    _drive(send, clients, more)
    return sent / (perf_counter() - began)


def _drive(send: Send, clients: int, more: Callable[[], bool]) -> None:
    def client() -> None:
        while more():
            answer = send(CheckDomain("a.example"))
            if answer.code != 1000:
                raise RuntimeError(f"check was answered by {answer.code}")

    greenlets = [gevent.spawn(client) for _ in range(clients)]
    gevent.joinall(greenlets, raise_error=True)
