"""A small EPP client over TLS on gevent: one connection, one exchange at a time.

It connects, receives the greeting, sends a request and returns the answer to
it, each step bounded in time as a whole, so that a peer that sends an octet at
a time gains nothing. When a connection or a login is replaced, and which
command is sent again, is decided in ``session`` and ``pool``.

A client is poisoned from before the first octet is written until the matching
answer has been read: whatever breaks in between, nobody reads on.
"""

from __future__ import annotations

import ssl as _ssl
import threading
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

import gevent

from .. import _arguments
from .._abandon import abandon_descriptor
from .answers import Answer, Greeting, UnexpectedAnswer, parse, require_match
from .commands import Hello
from .deadline import Deadline
from .dial import dial
from .errors import EPPError, NotSent, SessionLimit
from .framing import DEFAULT_LIMIT, FrameDecoder, encode
from .requests import prepare
from .tls import check_context, is_eof, is_untrusted, ssl_context

if TYPE_CHECKING:
    from .requests import Request
    from .tls import Path

__all__ = ["CertificateError", "Client", "ConnectError", "client_factory"]

_CHUNK = 64 * 1024


class ConnectError(EPPError):
    """No connection with a greeting came about. ``__cause__`` says why."""


class CertificateError(ConnectError):
    """The server's certificate is not one we accept for the name we asked for."""


class Client:
    """One EPP connection to *host*. Makes no connection until ``connect()``.

    - ``context``: a shared ``gevent.ssl.SSLContext``; or else ``ca_file``,
      ``ca_data``, ``cert_file``, ``key_file``, ``key_password`` and ``verify``,
      as for ``tls.ssl_context``. Many clients should share one context:
      ``client_factory`` sees to it.
    - ``server_name`` (host): the name sent (SNI) and looked for in the
      certificate.
    - ``connect_timeout`` (10), ``handshake_timeout`` (10), ``greeting_timeout``
      (10), ``read_timeout`` (30), ``write_timeout`` (30): seconds for each whole
      step; None for no limit.
    - ``limit`` (1 MiB): most octets of one message, either way.

    Raises TypeError or ValueError that names the argument and, for files, the
    path.
    """

    def __init__(
        self,
        host: str,
        port: int = 700,
        *,
        context: Any = None,
        ca_file: Optional[Path] = None,
        ca_data: Union[str, bytes, None] = None,
        cert_file: Optional[Path] = None,
        key_file: Optional[Path] = None,
        key_password: Optional[str] = None,
        verify: bool = True,
        server_name: Optional[str] = None,
        connect_timeout: Optional[float] = 10,
        handshake_timeout: Optional[float] = 10,
        greeting_timeout: Optional[float] = 10,
        read_timeout: Optional[float] = 30,
        write_timeout: Optional[float] = 30,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        self.host = _name("host", host)
        self.port = _port(port)
        self.server_name = host if server_name is None else server_name
        _name("server_name", self.server_name)
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
        if context is None:
            context = ssl_context(
                ca_file=ca_file,
                ca_data=ca_data,
                cert_file=cert_file,
                key_file=key_file,
                key_password=key_password,
                verify=verify,
            )
        elif (
            any(given is not None for given in (ca_file, ca_data, cert_file, key_file))
            or key_password is not None
            or verify is not True
        ):
            raise ValueError(
                "context already says whom to trust: give it, or ca_file, ca_data, "
                "cert_file, key_file, key_password and verify, not both"
            )
        self._context = check_context(context)
        # A lock, not a flag: two native threads must not both see it free.
        self._using = threading.Lock()
        self._hub: Any = None
        self._socket: Any = None
        self._greeting: Optional[Greeting] = None
        # Why nothing may be sent, or None.
        self._unusable: Optional[str] = "not connected"

    @property
    def greeting(self) -> Optional[Greeting]:
        """The latest greeting received, or None."""
        return self._greeting

    @property
    def socket(self) -> Any:
        """The TLS socket, or None."""
        return self._socket

    @property
    def unread(self) -> int:
        """Octets received that no request has asked for."""
        return self._decoder.pending

    @property
    def connected(self) -> bool:
        """Whether a request can be sent, as far as is known without looking."""
        return self._unusable is None

    def connect(self) -> Greeting:
        """Connect, shake hands, and return the greeting.

        A client connects once. Raises ``CertificateError``, another
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
                problem = f"{self._where} answered {received.code} instead of greeting"
                if received.code == 2502:
                    raise SessionLimit(f"{problem}: too many sessions")
                raise UnexpectedAnswer(problem, received.code, received.msg)
            self._greeting = received
        except BaseException as error:
            self.close()
            # ValueError: a name that cannot be one (IDNA, TLS).
            if isinstance(error, (OSError, ValueError)):
                raise self._connect_error(error) from error
            raise
        finally:
            self._using.release()
        self._unusable = None
        return self._greeting

    def send(self, request: Request, tr_id: Optional[str] = None) -> Answer:
        """Send *request* and return the answer to it.

        *tr_id* is the clTRID to use (default: a new one). Raises TypeError or
        ValueError for what is no request, with no harm done; ``NotSent`` if not
        one octet was written; and ``EPPError`` or ``OSError`` (a timeout is a
        ``TimeoutError``) if the answer is lost, after which the client is good
        for nothing but ``close``.
        """
        prepared = prepare(request, tr_id)
        if prepared.kind.verb == "hello":
            raise ValueError("hello is not answered like a command: use hello()")
        unit = encode(prepared.data, self._limit)
        received = self._exchange(
            unit, lambda answer: _check_answer(answer, prepared.tr_id, prepared.kind)
        )
        assert isinstance(received, Answer)
        return received

    def hello(self) -> Greeting:
        """Send ``<hello>`` and return the greeting; raises as ``send`` does."""
        received = self._exchange(encode(Hello().xml(), self._limit), _check_greeting)
        assert isinstance(received, Greeting)
        self._greeting = received
        return received

    def close(self) -> None:
        """Close, with TLS close_notify, without waiting for the peer's.

        Never raises an ``Exception``; closing twice does nothing.
        """
        sock, self._socket = self._socket, None
        if self._unusable in (None, "not connected"):
            self._unusable = "closed"
        if sock is not None:
            _close(sock)

    def abandon(self) -> None:
        """Give up a connection inherited from a parent process.

        Closes this process's descriptor only. Not an octet is written: the
        parent goes on using the connection.
        """
        sock, self._socket = self._socket, None
        self._unusable = "abandoned in a forked process"
        abandon_descriptor(sock)

    def __repr__(self) -> str:
        return f"<Client {self._where}, {self._unusable or 'connected'}>"

    @property
    def _where(self) -> str:
        return f"{self.host}:{self.port}"

    def _claim(self) -> None:
        if not self._using.acquire(False):
            raise NotSent(
                f"the client of {self._where} is in use by another greenlet or "
                f"thread: one connection carries one exchange at a time"
            )

    def _exchange(
        self, unit: bytes, check: Callable[[Union[Answer, Greeting]], None]
    ) -> Union[Answer, Greeting]:
        self._claim()
        try:
            self._require_ready()
            sock = self._socket
            self._unusable = "an exchange on it did not end with its answer"
            with Deadline(self._write_timeout, "the request could not be written"):
                sock.sendall(unit)
            with Deadline(self._read_timeout, "no whole answer came"):
                message = self._read(sock)
            received = parse(message)
            check(received)
            if self._socket is sock:  # else it was closed meanwhile
                self._unusable = None
            return received
        finally:
            self._using.release()

    def _require_ready(self) -> None:
        if self._unusable is not None:
            raise NotSent(f"the client of {self._where} is unusable: {self._unusable}")
        if gevent.get_hub() is not self._hub:
            raise NotSent(
                f"the client of {self._where} was opened in another native thread "
                f"and can be used only there"
            )
        if self._decoder.pending:
            self._unusable = "octets came that no request had asked for"
            raise NotSent(f"the client of {self._where} is unusable: {self._unusable}")

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
                    f"{self._where} closed the connection instead of answering"
                )
            decoder.feed(received)

    def _open(self) -> None:
        """Leave a TLS socket after its handshake in ``_socket``."""
        with Deadline(self._connect_timeout, "no connection came about"):
            raw = dial(self.host, self.port)
        # From here on close() finds it, whatever is thrown into this greenlet.
        self._socket = raw
        self._socket = self._context.wrap_socket(
            raw, server_hostname=self.server_name, do_handshake_on_connect=False
        )
        with Deadline(self._handshake_timeout, "the TLS handshake was not done"):
            self._socket.do_handshake()

    def _connect_error(self, error: Exception) -> ConnectError:
        if is_untrusted(error):
            reason = getattr(error, "verify_message", "") or "not accepted"
            return CertificateError(
                f"the certificate of {self._where} is not good: {reason} (asked for "
                f"the name {self.server_name!r}); check ca_file and server_name"
            )
        return ConnectError(
            f"no EPP connection to {self._where}: {type(error).__name__}: {error}"
        )


def client_factory(host: str, port: int = 700, **options: Any) -> Callable[[], Client]:
    """Return a function that makes clients which share one SSL context.

    *options* are those of ``Client``; wrong ones raise here, not on first use.
    """
    first = Client(host, port, **options)
    for name in (
        "ca_file",
        "ca_data",
        "cert_file",
        "key_file",
        "key_password",
        "verify",
    ):
        options.pop(name, None)
    options["context"] = first._context
    return lambda: Client(host, port, **options)


def _check_answer(received: Union[Answer, Greeting], tr_id: str, kind: Any) -> None:
    if isinstance(received, Greeting):
        raise UnexpectedAnswer(f"{kind} (clTRID {tr_id}) was answered by a greeting")
    require_match(received, tr_id, kind)


def _check_greeting(received: Union[Answer, Greeting]) -> None:
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


def _name(argument: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{argument} must not be empty")
    return value


def _port(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"port must be an integer, not {type(value).__name__}")
    if not 0 < value < 65536:
        raise ValueError(f"port must be from 1 to 65535, not {value!r}")
    return value
