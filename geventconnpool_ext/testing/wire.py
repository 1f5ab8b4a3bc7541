"""Wire: a TLS socket of the server, and every way to say less than expected.

Knows octets and how a connection can end; knows nothing of EPP but its frames.
"""

from __future__ import annotations

import struct
from typing import Optional

import gevent
from gevent import socket, ssl

from ..epp.framing import FrameDecoder, encode

__all__ = ["Ended", "Wire"]

_LIMIT = 16 * 1024 * 1024
_WRITE_TIMEOUT = 30.0
"""Seconds a client may take to read what was sent to it."""


class Ended(Exception):
    """The connection is over.

    Arguments: the *reason* it is counted by, and the *manner*: ``close`` with
    close_notify, ``drop`` without, ``reset`` with RST.
    """

    def __init__(self, reason: str, manner: str = "close") -> None:
        super().__init__(reason, manner)
        self.reason = reason
        self.manner = manner


class Wire:
    """One accepted connection; *plain* is its TCP socket."""

    __slots__ = ("_decoder", "_plain", "_secure")

    def __init__(self, plain: socket.socket) -> None:
        self._plain: Optional[socket.socket] = plain
        self._secure: Optional[ssl.SSLSocket] = None
        self._decoder = FrameDecoder(_LIMIT)

    def handshake(self, context: ssl.SSLContext, timeout: float) -> None:
        """Speak TLS from here on; ``OSError`` if that fails or takes too long."""
        assert self._plain is not None
        plain, self._plain = self._plain, None
        # From here on the TLS socket owns the descriptor, failed handshake or not.
        self._secure = context.wrap_socket(
            plain, server_side=True, do_handshake_on_connect=False
        )
        with gevent.Timeout(timeout, socket.timeout("TLS handshake")):
            self._secure.do_handshake()

    def receive(self, timeout: Optional[float]) -> Optional[bytes]:
        """The next message; None if *timeout* seconds bring none.

        A client that closed raises ``Ended``, one that sends no frames
        ``FramingError``.
        """
        message = self._decoder.next_frame()
        if message is not None:
            return message
        secure = self._secure
        assert secure is not None
        timer = gevent.Timeout(timeout)
        try:
            with timer:
                while message is None:
                    data = secure.recv(65536)
                    if not data:
                        raise Ended("client_closed")
                    self._decoder.feed(data)
                    message = self._decoder.next_frame()
        except gevent.Timeout as expired:
            if expired is not timer:
                raise
        except OSError:
            raise Ended("client_closed", "drop") from None
        return message

    def send(self, message: bytes) -> None:
        """Send one message."""
        self.send_octets(encode(message, _LIMIT))

    def send_octets(self, data: bytes) -> None:
        """Send *data* as it is."""
        assert self._secure is not None
        try:
            with gevent.Timeout(_WRITE_TIMEOUT, socket.timeout("client does not read")):
                self._secure.sendall(data)
        except OSError:
            raise Ended("lost", "drop") from None

    def send_split(self, message: bytes, at: int) -> None:
        """Send one message in two TLS records, the first of *at* octets."""
        unit = encode(message, _LIMIT)
        self.send_octets(unit[:at])
        # Two writes in a row could still arrive as one read.
        gevent.sleep(0.005)
        self.send_octets(unit[at:])

    def dribble(self, message: bytes) -> None:
        """Send one message an octet at a time."""
        unit = encode(message, _LIMIT)
        for position in range(len(unit)):
            self.send_octets(unit[position : position + 1])
            gevent.sleep(0)

    def ignore(self) -> None:
        """Say nothing for ever; returns when the client has closed."""
        wire = self._plain if self._secure is None else self._secure
        assert wire is not None
        try:
            while wire.recv(65536):
                pass
        except OSError:
            pass

    def wait_for_hello(self) -> None:
        """Wait for the first octets of a handshake, without answering them."""
        assert self._plain is not None
        try:
            self._plain.recv(65536)
        except OSError:
            pass

    def alert(self) -> None:
        """Answer a handshake with a fatal TLS alert, handshake_failure."""
        assert self._plain is not None
        try:
            self._plain.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
        except OSError:
            pass

    def close(self, manner: str) -> None:
        """End the connection; never waits, never raises, idempotent."""
        plain, secure = self._plain, self._secure
        self._plain = self._secure = None
        ending = plain if secure is None else secure
        if ending is None:
            return
        try:
            if manner == "reset":
                ending.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            elif manner == "close" and secure is not None:
                # Without a timeout to spend, it sends close_notify and returns.
                secure.settimeout(0.0)
                secure.unwrap()
        except (OSError, ValueError):
            pass
        ending.close()
