"""A relay between client and registry that counts what the client writes.

It sees TCP, as the network does: how often something came, and TLS records by their
headers. It reads nothing of their content.
"""

from __future__ import annotations

from typing import Any, List

import gevent
from gevent import socket
from gevent.server import StreamServer

__all__ = ["Relay"]

_HEADER = 5


class Relay:
    """Relays *port* of this host on ``self.port``. ``with`` starts and stops it.

    ``records`` and ``reads`` count what came from clients since it was started.
    """

    def __init__(self, port: int) -> None:
        self._registry = port
        self.records = 0
        self.reads = 0
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._greenlets: List[Any] = []

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self._server.address[1])

    def __enter__(self) -> Relay:
        self._server.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.stop(timeout=1)
        gevent.killall(self._greenlets)

    def _serve(self, client: Any, address: Any) -> None:
        with client, socket.create_connection(("127.0.0.1", self._registry)) as server:
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = gevent.spawn(_pump, server, client)
            self._greenlets.append(back)
            try:
                self._count(client, server)
            finally:
                back.kill()

    def _count(self, client: Any, server: Any) -> None:
        pending = b""
        while True:
            received = client.recv(65536)
            if not received:
                return
            self.reads += 1
            pending += received
            while len(pending) >= _HEADER:
                length = _HEADER + int.from_bytes(pending[3:_HEADER], "big")
                if len(pending) < length:
                    break
                self.records += 1
                pending = pending[length:]
            server.sendall(received)


def _pump(source: Any, target: Any) -> None:
    try:
        while True:
            received = source.recv(65536)
            if not received:
                return
            target.sendall(received)
    except OSError:
        pass
