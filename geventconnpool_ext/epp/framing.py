"""EPP data units (RFC 5734 section 4), without any I/O.

A data unit is a 4-octet big-endian length, which counts itself, and then one
XML message. What lives here turns messages into units and received bytes back
into messages; reading from a socket, waiting and XML are elsewhere.
"""

from __future__ import annotations

from typing import Any, Optional, Union

from .errors import FramingError

__all__ = [
    "DEFAULT_LIMIT",
    "HEADER_SIZE",
    "FrameDecoder",
    "TruncatedFrame",
    "check_size",
    "encode",
]

DEFAULT_LIMIT = 1024 * 1024
"""Most octets of one data unit, header included, unless told otherwise.

The RFC sets no bound. Real answers are a few KiB; 1 MiB leaves room for large
poll messages and still keeps a confused peer from filling the memory."""

HEADER_SIZE = 4
"""Octets of the length that precedes every message."""

_LARGEST_LENGTH = 0xFFFFFFFF

# What other services say first. Read as a length, each is far above any
# sensible limit, so naming it is free and saves the user a packet capture.
_BANNERS = {
    b"HTTP": "an HTTP answer",
    b"GET ": "an HTTP request",
    b"POST": "an HTTP request",
    b"SSH-": "an SSH server",
    b"220 ": "an SMTP or FTP greeting",
    b"220-": "an SMTP or FTP greeting",
    b"+OK ": "a POP3 greeting",
    b"* OK": "an IMAP greeting",
    b"<?xm": "XML without the length in front",
    b"<epp": "XML without the length in front",
}

_TLS_RECORD_TYPES = (0x14, 0x15, 0x16, 0x17)


class TruncatedFrame(FramingError):
    """The peer closed in the middle of a data unit."""


def _check_limit(limit: Any) -> int:
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError("limit must be an integer, not {!r}".format(limit))
    if not HEADER_SIZE < limit <= _LARGEST_LENGTH:
        raise ValueError(
            "limit must be from {} to {} octets, not {!r}".format(
                HEADER_SIZE + 1, _LARGEST_LENGTH, limit
            )
        )
    return limit


def encode(message: bytes, limit: int = DEFAULT_LIMIT) -> bytes:
    """Return *message* as one data unit: length and body in one bytes object.

    *limit* is the most octets the unit may have, header included. An empty
    message or one above the limit raises ValueError: nothing was sent.
    """
    check_size(message, limit)
    return (HEADER_SIZE + len(message)).to_bytes(HEADER_SIZE, "big") + message


def check_size(message: bytes, limit: int) -> None:
    """Raise ValueError if *message* is empty or makes a unit above *limit*."""
    if not message:
        raise ValueError("an EPP data unit cannot be empty: no message to send")
    length = HEADER_SIZE + len(message)
    if length > limit:
        # No FramingError: that is a peer's fault, and ends the connection.
        raise ValueError(
            "the message makes a data unit of {} octets, above the limit of {}; "
            "send less, or raise limit".format(length, limit)
        )


class FrameDecoder:
    """Cut a stream of bytes, received in any pieces, into messages.

    Call ``feed`` with what was received, then ``next_frame`` until it returns
    None. After the first malformed length the decoder stays failed, because
    where the next unit starts is unknown: the connection is to be closed.

    *limit* is the most octets one unit may have, header included; a unit that
    announces more is refused as soon as its length is known.
    """

    __slots__ = ("_buffer", "_failure", "_limit")

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = _check_limit(limit)
        # Deleting from the front of a bytearray moves a pointer, not the rest:
        # the whole decoder copies every octet twice, in whatever pieces.
        self._buffer = bytearray()
        self._failure: Optional[str] = None

    def feed(self, data: Union[bytes, bytearray, memoryview]) -> None:
        """Add received bytes. Raises ``FramingError`` if already failed."""
        if self._failure is not None:
            raise FramingError(self._failure)
        self._buffer += data

    def next_frame(self) -> Optional[bytes]:
        """Return the next whole message, or None if more bytes are needed.

        A malformed length raises ``FramingError``, every time from then on.
        """
        if self._failure is not None:
            raise FramingError(self._failure)
        buffer = self._buffer
        if len(buffer) < HEADER_SIZE:
            return None
        length = int.from_bytes(buffer[:HEADER_SIZE], "big")
        if not HEADER_SIZE < length <= self._limit:
            self._failure = self._explain(length, bytes(buffer[:HEADER_SIZE]))
            buffer.clear()
            raise FramingError(self._failure)
        if len(buffer) < length:
            return None
        with memoryview(buffer) as view:
            message = bytes(view[HEADER_SIZE:length])
        del buffer[:length]
        return message

    def eof(self) -> None:
        """Tell that the peer has closed. Raises ``FramingError`` in mid-unit."""
        if self._failure is not None:
            raise FramingError(self._failure)
        received = self._partial()
        if received:
            self._failure = (
                "the peer closed in the middle of a data unit, after {} of its "
                "octets; the answer is lost, open a new connection".format(received)
            )
            self._buffer.clear()
            raise TruncatedFrame(self._failure)

    @property
    def at_boundary(self) -> bool:
        """No unit has been received in part (whole ones may be waiting)."""
        return self._failure is None and not self._partial()

    @property
    def pending(self) -> int:
        """Octets received and not yet handed out."""
        return len(self._buffer)

    def _partial(self) -> int:
        """Octets received of a unit that is not complete."""
        position, end = 0, len(self._buffer)
        while end - position >= HEADER_SIZE:
            header = self._buffer[position : position + HEADER_SIZE]
            length = int.from_bytes(header, "big")
            if not HEADER_SIZE < length <= end - position:
                break
            position += length
        return end - position

    def _explain(self, length: int, header: bytes) -> str:
        if length == HEADER_SIZE:
            return (
                "the peer sent an empty data unit (length {}, which counts only "
                "itself); it does not speak EPP correctly, close and check the "
                "server".format(length)
            )
        if length < HEADER_SIZE:
            return (
                "the peer sent a data unit of length {}, but the length counts its "
                "own {} octets; close and check that the server follows RFC 5734 "
                "section 4".format(length, HEADER_SIZE)
            )
        guess = _BANNERS.get(header)
        if guess is None and header[0] in _TLS_RECORD_TYPES and header[1] == 3:
            guess = "a TLS record inside the connection"
        if guess is not None:
            return (
                "the peer sent {!r}, {}, where the length of a data unit belongs "
                "(read as a length: {}; the limit is {}); check host and port".format(
                    header, guess, length, self._limit
                )
            )
        return (
            "the peer announced a data unit of {} octets, above the limit of {}; "
            "raise limit if such answers are expected, else check host and "
            "port".format(length, self._limit)
        )
