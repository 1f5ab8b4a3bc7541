"""Channel: EPP messages over one TLS connection, whole and in turn (RFC 5734).

It connects, receives the greeting, writes a message and reads the answer to it,
each step bounded in time as a whole, so that a peer that sends an octet at a
time gains nothing. Clients are built on it: ours in ``client``, another
library's in ``epplib``.

A channel is poisoned from before the first octet is written until the answer has
been read and accepted: whatever breaks in between, nobody reads on.
"""

from __future__ import annotations

import ssl as _ssl
import threading
from typing import Any, Callable, Optional, Union

import gevent

from .. import _arguments
from .._abandon import abandon_descriptor
from .answers import Answer, Greeting, UnexpectedAnswer, parse
from .deadline import Deadline
from .dial import dial
from .errors import EPPError, NotSent, SessionLimit
from .framing import DEFAULT_LIMIT, FrameDecoder, check_size, encode
from .hosts import check_host
from .results import success
from .resumption import Handshake, is_refusal
from .tls import check_context, is_eof, is_untrusted

__all__ = ["CertificateError", "Channel", "ConnectError", "require_greeting"]

_CHUNK = 64 * 1024


class ConnectError(EPPError):
    """No connection with a greeting came about. ``__cause__`` says why."""


class CertificateError(ConnectError):
    """The server's certificate is not one we accept for the name we asked for."""


class Channel:
    """One EPP connection to *host*, under the SSL *context*.

    The arguments are those of ``client.Client``, which see. Nothing is connected
    before ``connect()``. Raises TypeError or ValueError naming the argument.
    """

    def __init__(
        self,
        host: str,
        port: int = 700,
        *,
        context: Any,
        server_name: Optional[str] = None,
        connect_timeout: Optional[float] = 10,
        handshake_timeout: Optional[float] = 10,
        greeting_timeout: Optional[float] = 10,
        read_timeout: Optional[float] = 30,
        write_timeout: Optional[float] = 30,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        self.host: str = check_host("host", host)
        self.port: int = _port(port)
        self.server_name: str = host if server_name is None else server_name
        check_host("server_name", self.server_name)
        for name, seconds in (
            ("connect_timeout", connect_timeout),
            ("handshake_timeout", handshake_timeout),
            ("greeting_timeout", greeting_timeout),
            ("read_timeout", read_timeout),
            ("write_timeout", write_timeout),
        ):
            _arguments.optional_seconds(name, seconds)
        self._connect_timeout = connect_timeout
        self._handshake_timeout = handshake_timeout
        self._greeting_timeout = greeting_timeout
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._decoder = FrameDecoder(limit)
        self._limit = limit
        self._context = check_context(context)
        # A lock, not a flag: two native threads must not both see it free.
        self._using = threading.Lock()
        self._hub: Any = None
        self._socket: Any = None
        # Whether somebody ended it, perhaps while it was still connecting.
        self._closed = False
        # Until the first request is answered: the judge of its TLS session.
        self._handshake: Optional[Handshake] = None
        # Why nothing may be sent, or None.
        self._unusable: Optional[str] = "not connected"

    @property
    def where(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"

    @property
    def state(self) -> str:
        """``connected``, or why nothing can be sent."""
        return self._unusable or "connected"

    @property
    def socket(self) -> Any:
        """The TLS socket, or None."""
        return self._socket

    @property
    def unread(self) -> int:
        """Octets received that no request has asked for."""
        return self._decoder.pending

    def connect(self) -> Greeting:
        """Connect, shake hands, and return the greeting.

        A channel connects once. Raises ``CertificateError``, another
        ``ConnectError``, or ``EPPError`` for a greeting that is none
        (``SessionLimit`` if it is a 2502). No failure leaves a descriptor open.
        """
        if self._unusable != "not connected":
            raise EPPError("a client connects once: make a new one")
        self._claim()
        self._unusable = "its connect did not succeed"
        try:
            self._hub = gevent.get_hub()
            self._open()
            with Deadline(self._greeting_timeout, "no greeting came"):
                received = parse(self._read(self._socket))
            if isinstance(received, Answer):
                problem = f"{self.where} answered {received.code} instead of greeting"
                if received.code == 2502:
                    raise SessionLimit(f"{problem}: too many sessions")
                raise UnexpectedAnswer(problem, received.code, received.msg)
            if self._closed:
                raise self._closed_meanwhile()
        except BaseException as error:
            self._judge_handshake(error)
            self._shut()
            # ValueError: a name that the resolver or TLS refuses.
            if isinstance(error, (OSError, ValueError)):
                raise self._connect_error(error) from error
            raise
        finally:
            self._using.release()
        self._unusable = None
        return received

    def check(self, message: bytes) -> None:
        """Raise ValueError if *message* is above the limit."""
        check_size(message, self._limit)

    def exchange(
        self, message: bytes, accept: Callable[[Union[Answer, Greeting]], None]
    ) -> Union[Answer, Greeting]:
        """Write *message* and return what answers it: ``begin`` and ``finish``."""
        self.begin(message)
        return self.finish(accept)

    def begin(self, message: bytes) -> None:
        """Write *message*; nothing else can be sent until ``finish``.

        Raises ValueError if it is above the limit, with no harm done; ``NotSent``
        if not one octet was written; OSError (a timeout is a ``TimeoutError``) if
        perhaps some were.
        """
        unit = encode(message, self._limit)
        self._claim()
        try:
            self._require_ready()
            self._unusable = "an exchange on it did not end with its answer"
            with Deadline(self._write_timeout, "the request could not be written"):
                self._socket.sendall(unit)
        except BaseException as error:
            if not isinstance(error, NotSent):
                self._judge_handshake(error)
            self._using.release()
            raise

    def finish(
        self, accept: Callable[[Union[Answer, Greeting]], None]
    ) -> Union[Answer, Greeting]:
        """Read the answer to what ``begin`` wrote, and return it.

        Call it once after ``begin``. *accept* raises ``EPPError`` if the answer
        belongs to something else. After that, or after an OSError, the channel is
        good for nothing but ``close``.
        """
        try:
            if not self._in_own_thread():
                raise EPPError(self._other_thread())
            sock = self._socket
            if sock is None:
                raise self._closed_meanwhile()
            with Deadline(self._read_timeout, "no whole answer came"):
                message = self._read(sock)
            received = parse(message)
            accept(received)
            if self._socket is sock:  # else it was closed meanwhile
                self._unusable = None
            self._judge_handshake(received)
            return received
        except BaseException as error:
            self._judge_handshake(error)
            raise
        finally:
            self._using.release()

    def close(self) -> None:
        """Close, with TLS close_notify, without waiting for the peer's.

        Never raises an ``Exception``; closing twice does nothing.
        """
        self._closed = True
        if self._unusable in (None, "not connected"):
            self._unusable = "closed"
        self._shut()

    def abandon(self) -> None:
        """Give up a connection inherited from a parent process.

        Closes this process's descriptor only. Not an octet is written: the
        parent goes on using the connection.
        """
        self._closed = True
        sock, self._socket = self._socket, None
        self._unusable = "abandoned in a forked process"
        abandon_descriptor(sock)

    def _shut(self) -> None:
        sock, self._socket = self._socket, None
        if sock is not None:
            _close(sock)

    def _closed_meanwhile(self) -> OSError:
        return ConnectionAbortedError(f"the client of {self.where} was closed")

    def _claim(self) -> None:
        if not self._using.acquire(False):
            raise NotSent(
                f"the client of {self.where} is in use by another greenlet or "
                f"thread: one connection carries one exchange at a time"
            )

    def _require_ready(self) -> None:
        if self._unusable is not None:
            raise NotSent(f"the client of {self.where} is unusable: {self._unusable}")
        if not self._in_own_thread():
            raise NotSent(self._other_thread())
        if self._decoder.pending:
            self._unusable = "octets came that no request had asked for"
            raise NotSent(f"the client of {self.where} is unusable: {self._unusable}")

    def _in_own_thread(self) -> bool:
        return gevent.get_hub() is self._hub

    def _other_thread(self) -> str:
        return (
            f"the client of {self.where} was opened in another native thread and can "
            f"be used only there"
        )

    def _read(self, sock: Any) -> bytes:
        """Return the next message; whoever calls bounds it in time."""
        decoder = self._decoder
        while True:
            message = decoder.next_frame()
            if message is not None:
                return message
            try:
                received = sock.recv(_CHUNK)
            except _ssl.SSLError as error:
                if not is_eof(error):
                    raise
                received = b""
            if not received:
                decoder.eof()
                raise ConnectionResetError(
                    f"{self.where} closed the connection instead of answering"
                )
            decoder.feed(received)

    def _open(self) -> None:
        """Leave a TLS socket after its handshake in ``_socket``."""
        raw = dial(self.host, self.port, self._connect_timeout)
        if self._closed:
            raw.close()
            raise self._closed_meanwhile()
        # From here on close() finds it, whatever is thrown into this greenlet.
        self._socket = raw
        handshake = Handshake(self._context, self.host, self.port, self.server_name)
        self._handshake = handshake
        self._socket = self._context.wrap_socket(
            raw,
            server_hostname=self.server_name,
            do_handshake_on_connect=False,
            **handshake.arguments,
        )
        with Deadline(self._handshake_timeout, "the TLS handshake was not done"):
            self._socket.do_handshake()

    def _judge_handshake(self, outcome: Union[Answer, Greeting, BaseException]) -> None:
        handshake, self._handshake = self._handshake, None
        if handshake is None:
            return
        if isinstance(outcome, BaseException):
            # What a close of ours breaks is no word of the peer's.
            refused = is_refusal(outcome) and not self._closed
            if not refused:
                handshake.undecided()
                return
        else:
            refused = isinstance(outcome, Answer) and not success(outcome.code)
        if refused:
            handshake.refused()
        else:
            handshake.succeeded(self._socket)

    def _connect_error(self, error: Exception) -> ConnectError:
        if is_untrusted(error):
            reason = getattr(error, "verify_message", "") or "not accepted"
            return CertificateError(
                f"the certificate of {self.where} is not good: {reason} (asked for "
                f"the name {self.server_name!r}); check ca_file and server_name"
            )
        return ConnectError(
            f"no EPP connection to {self.where}: {type(error).__name__}: {error}"
        )


def require_greeting(received: Union[Answer, Greeting]) -> None:
    """Raise ``UnexpectedAnswer``, with its code, unless hello got a greeting."""
    if isinstance(received, Answer):
        raise UnexpectedAnswer(
            f"hello was answered by {received.code} ({received.msg}) instead of a "
            f"greeting",
            received.code,
            received.msg,
        )


def _close(sock: Any) -> None:
    try:
        # Without waiting: it writes our close_notify, and that the peer's has
        # not come yet is the expected complaint.
        sock.settimeout(0.0)
        if hasattr(sock, "unwrap"):
            sock.unwrap()
    except Exception:
        pass
    finally:
        try:
            sock.close()
        except Exception:
            pass


def _port(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"port must be an integer, not {type(value).__name__}")
    if not 0 < value < 65536:
        raise ValueError(f"port must be from 1 to 65535, not {value!r}")
    return value
