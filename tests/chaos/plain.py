"""The same work over upstream's pool: a client as its README would have it.

A plain EPP client, upstream's ``get`` and ``retry``, and no more care than that.
One thing is kinder than the README: a connect that fails returns None, which
upstream tries again, instead of raising, after which its slot is lost for ever.
"""

from __future__ import annotations

import gc
import itertools
import struct
from functools import partial
from typing import Any, Dict, Tuple

import gevent
from gevent import socket, ssl

from geventconnpool_ext.epp import EPPError, Login
from geventconnpool_ext.epp.answers import parse
from geventconnpool_ext.epp.requests import prepare

from ..upstream.shim import load

__all__ = ["Plain"]

_TIMEOUT = 2.0
_HELLO = b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><hello/></epp>'
_LARGEST = 1 << 20
_LOST = (OSError, EPPError)


class PlainClient:
    """One connection with blocking calls; every call has a socket timeout."""

    def __init__(self, port: int, context: Any) -> None:
        raw = socket.create_connection(("localhost", port), timeout=_TIMEOUT)
        try:
            self._socket = context.wrap_socket(raw, server_hostname="localhost")
        except BaseException:
            raw.close()
            raise
        self._socket.settimeout(_TIMEOUT)
        self._read()

    def exchange(self, message: bytes) -> Any:
        """Send a message and return what comes back, whatever that is."""
        self._socket.sendall(struct.pack("!I", len(message) + 4) + message)
        return self._read()

    def _read(self) -> Any:
        (length,) = struct.unpack("!I", self._octets(4))
        if length > _LARGEST:
            raise ConnectionError("the peer announces {} octets".format(length))
        return parse(self._octets(length - 4))

    def _octets(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ConnectionResetError("the peer has closed")
            data += part
        return data


class Plain:
    """As ``Ours``, over geventconnpool 0.2.1."""

    def __init__(self, settings: Dict[str, Any]) -> None:
        upstream = load()
        self._retry = upstream.retry
        self._size = settings["size"]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(settings["ca_file"])
        counter = itertools.count(1)

        class Pool(upstream.ConnectionPool):  # type: ignore[name-defined,misc]
            def _new_connection(self) -> Any:
                try:
                    client = PlainClient(settings["port"], context)
                    login = Login(settings["account"], settings["password"])
                    number = "login-{}-{}".format(settings["account"], next(counter))
                    answer = client.exchange(prepare(login, number).data)
                    return client if answer.success else None
                except Exception:
                    return None

            def _keepalive(self, c: Any) -> None:
                c.exchange(_HELLO)

        self.pool = Pool(self._size, exc_classes=_LOST, keepalive=1.0)

    def wait(self) -> None:
        """Until the pool is at its size."""
        with gevent.Timeout(20):
            while self.open < self._size:
                gevent.sleep(0.05)

    def send(self, request: Any, lease: bool) -> Any:
        """Send, with upstream's retry unless *lease*."""

        def attempt() -> Any:
            with self.pool.get() as client:
                return client.exchange(prepare(request).data)

        if lease:
            return attempt()
        retrying = partial(self._retry, exc_classes=_LOST, max_failures=2)
        return retrying(attempt)()

    def explain(self, error: Exception) -> Tuple[str, Dict[str, Any]]:
        """It knows of no outcome but success and failure."""
        return "failed", {}

    @property
    def open(self) -> int:
        """Connections in the pool; those in use cannot be counted."""
        return len(self.pool.conn)

    def at_rest(self) -> Dict[str, Any]:
        """What is left when nobody uses the pool."""
        gc.collect()
        return {
            "idle": self.open,
            "in_use": 0,
            "waiting": 0,
            "sessions_alive": sum(
                1 for thing in gc.get_objects() if isinstance(thing, PlainClient)
            ),
            "expired": {},
        }

    def close(self) -> None:
        """It has no close."""
