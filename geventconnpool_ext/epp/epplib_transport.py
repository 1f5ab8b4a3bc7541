"""epplib's transport, which cannot hang and never mixes answers up.

It is a ``channel`` with epplib's interface: epplib's own ``Client`` runs on it, and
so does ours (``epplib_client``). All that is raised is epplib's TransportError and
this package's error for the same, in one class.
"""

from __future__ import annotations

import functools
import re
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Tuple, Union

from .answers import Answer, Greeting
from .channel import Channel, require_greeting
from .client import require_answer
from .epplib_import import TransportBase
from .epplib_import import exceptions as _exceptions
from .errors import EPPError
from .framing import DEFAULT_LIMIT
from .requests import PreparedRequest, identify
from .tls import ssl_context

if TYPE_CHECKING:
    from .tls import Path

__all__ = ["Transport", "shared_context", "transport_error"]


class Transport(TransportBase):  # type: ignore[misc,unused-ignore]
    """epplib's transport: one TLS connection, whole messages, every step bounded.

    It checks what epplib's own does not: an answer is returned only if it is
    well-formed and carries the clTRID that was sent; after any failure nothing is
    ever sent or read again. For a program of one connection,
    ``epplib.client.Client(Transport(...))`` is enough.

    - *hostname*, *port* (700): where to connect.
    - *cert*, *key* (default: in cert too), *ca* (default: the system's trust
      store): a path, or PEM as bytes, which are never left on a disk. *password*
      opens the key. ``verify=False`` accepts any server: for tests only.
    - *context*: a shared ``gevent.ssl.SSLContext`` instead of these.
    - *server_name* (hostname): the name in the server's certificate.
    - *connect_timeout* (10), *handshake_timeout* (10), *greeting_timeout* (10),
      *read_timeout* (30), *write_timeout* (30): seconds for each whole step; None
      for no limit.
    - *limit* (1 MiB): most octets of one message, either way.

    A wrong argument raises TypeError or ValueError that names it. All else that
    goes wrong is epplib's ``TransportError`` and, at the same time, this package's
    error for it: ``NotSent`` where not one octet was written, ``ConnectError``,
    ``CertificateError``, ``SessionLimit``, ``FramingError``, ``EPPError``.
    """

    def __init__(
        self,
        hostname: str,
        port: int = 700,
        *,
        cert: Union[Path, bytes, None] = None,
        key: Union[Path, bytes, None] = None,
        password: Optional[str] = None,
        ca: Union[Path, bytes, None] = None,
        verify: bool = True,
        context: Any = None,
        server_name: Optional[str] = None,
        connect_timeout: Optional[float] = 10,
        handshake_timeout: Optional[float] = 10,
        greeting_timeout: Optional[float] = 10,
        read_timeout: Optional[float] = 30,
        write_timeout: Optional[float] = 30,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        if context is None:
            context = shared_context(cert, key, password, ca, verify)
        elif verify is not True or any(
            given is not None for given in (cert, key, password, ca)
        ):
            raise ValueError(
                "context already says whom to trust: give it, or cert, key, password, "
                "ca and verify, not both"
            )
        self.hostname = hostname
        self.port = port
        with _own_names():
            self._channel = Channel(
                hostname,
                port,
                context=context,
                server_name=server_name,
                connect_timeout=connect_timeout,
                handshake_timeout=handshake_timeout,
                greeting_timeout=greeting_timeout,
                read_timeout=read_timeout,
                write_timeout=write_timeout,
                limit=limit,
            )
        self._greeting: Optional[bytes] = None
        # What was sent and is not answered.
        self._sent: Optional[PreparedRequest] = None

    @property
    def socket(self) -> Any:
        """The TLS socket, or None."""
        return self._channel.socket

    @property
    def unread(self) -> int:
        """Octets received that no request has asked for."""
        return self._channel.unread

    def connect(self) -> None:
        """Connect, shake hands and read the greeting, which ``receive`` returns next.

        A transport connects once. Raises TransportError; the socket is closed then.
        """
        with _as_transport_error(self._channel):
            self._greeting = self._channel.connect().xml

    def check(self, message: bytes) -> None:
        """Raise ValueError if *message* is above the limit."""
        self._channel.check(message)

    def send(self, message: Union[bytes, PreparedRequest]) -> None:
        """Write *message*, one request as XML; ``receive`` returns its answer.

        Raises ValueError for what is no request or above the limit, with no harm
        done; TransportError.
        """
        sent = identify(message)
        with _as_transport_error(self._channel):
            self._channel.begin(sent.data)
        self._sent = sent

    def receive(self) -> bytes:
        """Return the greeting after ``connect``, the answer after ``send``.

        Raises TransportError: if it does not come whole and in time, is no EPP, or
        answers something else.
        """
        greeting, self._greeting = self._greeting, None
        if greeting is not None:
            return greeting
        sent, self._sent = self._sent, None
        with _as_transport_error(self._channel):
            if sent is None:
                raise EPPError("nothing was sent that an answer could be read to")
            received = self._channel.finish(functools.partial(_accept, sent))
        return received.xml

    def close(self) -> None:
        """Close, without waiting for the peer. Never raises an ``Exception``."""
        self._channel.close()

    def abandon(self) -> None:
        """Close this process's descriptor, in a forked child; write nothing."""
        self._channel.abandon()

    def __repr__(self) -> str:
        return f"<Transport {self._channel.where}, {self._channel.state}>"


def shared_context(cert: Any, key: Any, password: Any, ca: Any, verify: bool) -> Any:
    """Return an SSL context of these arguments, which are those of ``Transport``."""
    sources = {**_source("cert", cert), **_source("key", key), **_source("ca", ca)}
    with _own_names():
        return ssl_context(**sources, key_password=password, verify=verify)


def _source(name: str, value: Any) -> Any:
    """The argument of ``ssl_context`` that *value*, a path or PEM, is for."""
    if isinstance(value, (bytes, bytearray)):
        content: Any = bytes(value)
        if name == "ca":
            # There, bytes would be DER.
            content = content.decode("ascii", "replace")
        return {name + "_data": content}
    # Not what open() takes: a number would be another's descriptor, and closed.
    if value is not None and not isinstance(value, (str, PathLike)):
        raise TypeError(
            f"{name} must be a path, or PEM as bytes, not {type(value).__name__}"
        )
    if isinstance(value, str) and "-----BEGIN" in value:
        raise ValueError(
            f"{name} must be a path, or PEM as bytes; this is PEM as a str: encode it"
        )
    return {name + "_file": value}


def _accept(sent: PreparedRequest, received: Union[Answer, Greeting]) -> None:
    if sent.kind.verb == "hello":
        require_greeting(received)
    else:
        require_answer(received, sent)


@contextmanager
def _own_names() -> Iterator[None]:
    """Have a TypeError or ValueError name epplib's arguments."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(_renamed(str(error))) from None


def _renamed(text: str) -> str:
    # Not in a path, nor in quotes: those are values.
    free = r"(?<![\w./'\"-]){}(?![\w./'\"-])"
    text = re.sub(free.format(r"(cert|key|ca)_(?:file|data)"), r"\1", text)
    text = re.sub(free.format("key_password"), "password", text)
    return re.sub(r"^host(?= )", "hostname", text)


@contextmanager
def _as_transport_error(channel: Channel) -> Iterator[None]:
    try:
        yield
    except EPPError as error:
        failure = error
    except OSError as error:
        failure = EPPError(
            f"the exchange with {channel.where} failed: {type(error).__name__}: {error}"
        )
        failure.__cause__ = error
    else:
        return
    told = _told(type(failure), failure.args, vars(failure))
    raise told from failure.__cause__


_BOTH: Dict[type, Any] = {}


def _both(kind: type) -> Any:
    """The class that is *kind*, an EPPError, and epplib's TransportError."""
    if kind not in _BOTH:
        bases = (kind, _exceptions.TransportError)
        own = {
            "__module__": __name__,
            # A pickle finds a class by its name, and this one has none.
            "__reduce__": lambda self: (_told, (kind, self.args, vars(self))),
        }
        _BOTH[kind] = type(kind.__name__, bases, own)
    return _BOTH[kind]


def _told(kind: type, arguments: Tuple[Any, ...], attributes: Dict[str, Any]) -> Any:
    """The error that is also epplib's, with what one of *kind* had."""
    both = _both(kind)
    told = both.__new__(both, *arguments)
    told.__dict__.update(attributes)
    return told


def transport_error(text: str) -> Exception:
    """Return an error that says *text*, epplib's TransportError and an EPPError."""
    error: Exception = _both(EPPError)(text)
    return error
