"""Open a TCP connection, and leave no descriptor behind if that is interrupted."""

from __future__ import annotations

from typing import Any

from gevent import socket

__all__ = ["dial"]


def dial(host: str, port: int) -> Any:
    """Return a gevent socket connected to *host*, trying each of its addresses.

    Unbounded: whoever calls bounds it. Raises the last address's OSError.
    Unlike ``gevent.socket.create_connection`` it also closes what it opened
    when a kill or a timeout is thrown into it.
    """
    addresses = socket.getaddrinfo(
        host, port, 0, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    failure = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in addresses:
        sock: Any = None
        try:
            sock = socket.socket(family, kind, protocol)
            # socket.setdefaulttimeout() is not the bound that is meant here.
            sock.settimeout(None)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException as error:
            if sock is not None:
                sock.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            return sock
    raise failure
