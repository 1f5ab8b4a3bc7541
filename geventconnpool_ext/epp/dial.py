"""Open a TCP connection, and leave no descriptor behind if that is interrupted."""

from __future__ import annotations

import time
from typing import Any, Optional

from gevent import socket

from .deadline import Deadline

__all__ = ["dial"]

_PATIENCE = 4.0
"""Seconds for an address that is not the last, where nothing else bounds it.

A SYN goes out at once and, unanswered, after 1 and 3 seconds (RFC 6298): this is time
for all three. The kernel would go on for some two minutes, which is longer than any
caller waits, so the address after it would never be tried.
"""


def dial(host: str, port: int, seconds: Optional[float] = None) -> Any:
    """Return a gevent socket connected to *host*, trying each of its addresses.

    All of it takes *seconds* at most; None: whoever calls bounds it. No address
    but the last may take more than its share of the time that is left, so that one
    that swallows every packet does not keep the next from being tried. Raises the
    last address's OSError, or TimeoutError.

    Unlike ``gevent.socket.create_connection`` it also closes what it opened
    when a kill or a timeout is thrown into it.
    """
    began = time.monotonic()
    with Deadline(seconds, "no connection came about"):
        addresses = socket.getaddrinfo(
            host, port, 0, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )
        failure = OSError(f"{host} has no address")
        for tried, found in enumerate(addresses):
            untried = len(addresses) - tried
            if untried == 1:
                share = None
            elif seconds is None:
                share = _PATIENCE
            else:
                share = (began + seconds - time.monotonic()) / untried
            try:
                return _connect(found, share)
            except OSError as error:
                failure = error
        raise failure


def _connect(found: Any, seconds: Optional[float]) -> Any:
    """Return a socket connected to *found*, a result of getaddrinfo()."""
    family, kind, protocol, _, address = found
    sock: Any = socket.socket(family, kind, protocol)
    try:
        # socket.setdefaulttimeout() is not the bound that is meant here.
        sock.settimeout(None)
        with Deadline(seconds, f"{address[0]} did not answer"):
            sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock
