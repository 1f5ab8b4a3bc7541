"""epplib's client on a transport that cannot hang, mix answers up or tell secrets.

``Transport`` is for epplib's own ``Client``; ``Client`` is a subclass of that one
with what a pool needs besides: hello, any kind of request, a log without
passwords. Both are public in ``epplib``, which adds the pool.
"""

from __future__ import annotations

import functools
import logging
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional, Union

from .._log import log
from . import xml
from .answers import Answer, Greeting
from .channel import Channel, require_greeting
from .client import require_answer
from .commands import Hello
from .epplib_namespaces import INSTALL
from .errors import EPPError
from .framing import DEFAULT_LIMIT
from .redaction import Redacted
from .requests import PreparedRequest, identify, prepare
from .tls import ssl_context

try:
    import epplib.client as _client  # pyright: ignore[reportMissingImports]
    import epplib.exceptions as _exceptions  # pyright: ignore[reportMissingImports]
    import epplib.responses as _responses  # pyright: ignore[reportMissingImports]
    import epplib.transport as _transport  # pyright: ignore[reportMissingImports]
except ImportError as missing:
    if getattr(missing, "name", None) not in (None, "epplib"):
        # epplib is there, and something that it needs is not.
        raise
    raise ImportError(INSTALL) from missing

if TYPE_CHECKING:
    from .requests import Request
    from .tls import Path

__all__ = ["Client", "Transport", "client_factory"]


class Transport(_transport.Transport):  # type: ignore[misc,unused-ignore]
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
            context = _ssl_context(cert, key, password, ca, verify)
        elif verify is not True or any(
            given is not None for given in (cert, key, password, ca)
        ):
            raise ValueError(
                "context already says whom to trust: give it, or cert, key, password, "
                "ca and verify, not both"
            )
        self.hostname = hostname
        self.port = port
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

    def send(self, message: Union[bytes, PreparedRequest]) -> None:
        """Write *message*, one request as XML; ``receive`` returns its answer.

        Raises ValueError for what is no request, with no harm done; TransportError.
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


class Client(_client.Client):  # type: ignore[misc,unused-ignore]
    """epplib's client for sessions of a pool. Connects once, like its transport.

    *transport* is a ``Transport``. *schema*, an ``lxml.etree.XMLSchema``, is what
    requests and answers must fit; None: anything.

    DEBUG lines show each message without passwords and authInfo, in the log of
    this package; nothing goes to the log ``epplib.client``.
    """

    takes_prepared = True
    """Its ``send`` takes what ``prepare`` has made of a request."""

    def __init__(self, transport: Transport, schema: Any = None) -> None:
        if not isinstance(transport, Transport):
            raise TypeError(
                "transport must be a geventconnpool_ext.epp.epplib.Transport, not "
                f"{type(transport).__name__}"
            )
        if schema is not None and not callable(getattr(schema, "validate", None)):
            raise TypeError(
                f"schema must be an lxml.etree.XMLSchema, not {type(schema).__name__}"
            )
        super().__init__(transport, schema)

    @property
    def unread(self) -> int:
        """Octets received that no request has asked for."""
        unread: int = self.transport.unread
        return unread

    def connect(self) -> None:
        """Connect and read the greeting, which is ``greeting`` then.

        Raises TransportError; the socket is closed then, unless it was connected
        already.
        """
        self.transport.connect()
        try:
            self.greeting = self._read(_responses.Greeting)
        except BaseException:
            self.transport.close()
            raise

    def send(self, request: Request, *, tr_id: Optional[str] = None) -> Any:
        """Send *request*, epplib's or any other, and return epplib's answer to it.

        *tr_id* is the clTRID to use (default: a new one). A request that is not
        epplib's has a ``Result`` without data for answer. Raises TypeError or
        ValueError for what is no request or does not fit the schema, with no harm
        done; TransportError.
        """
        prepared = prepare(request, tr_id)
        if prepared.kind.verb == "hello":
            return self.hello()
        # A session has asked before, but for its login.
        if prepared is not request or prepared.kind.verb == "login":
            self.validate(prepared)
        return self._exchange(prepared, _response_class_of(prepared))

    def hello(self) -> Any:
        """Send ``<hello>``, return epplib's ``Greeting``; raises as ``send`` does."""
        self.greeting = self._exchange(prepare(Hello()), _responses.Greeting)
        return self.greeting

    def validate(self, prepared: PreparedRequest) -> None:
        """Raise ValueError, which quotes nothing, if it does not fit the schema."""
        if self.schema is not None:
            problem = _against(self.schema, prepared.data)
            if problem is not None:
                raise ValueError(f"{prepared.kind} does not fit the schema: {problem}")

    def abandon(self) -> None:
        """Close this process's descriptor, in a forked child; write nothing."""
        self.transport.abandon()

    def __repr__(self) -> str:
        return f"<epplib Client of {self.transport!r}>"

    def _exchange(self, prepared: PreparedRequest, response_class: Any) -> Any:
        log(
            logging.DEBUG,
            "%s: sends %s",
            self.transport.hostname,
            Redacted(prepared.data),
        )
        self.transport.send(prepared)
        answer = self._read(response_class)
        cl_tr_id = getattr(answer, "cl_tr_id", None)
        if cl_tr_id is not None:
            # As the transport has read it: what is around a token is none of it.
            answer.cl_tr_id = " ".join(cl_tr_id.split()) or None
        return answer

    def _read(self, response_class: Any) -> Any:
        received = self.transport.receive()
        log(
            logging.DEBUG,
            "%s: receives %s",
            self.transport.hostname,
            Redacted(received),
        )
        failure = None
        if self.schema is not None:
            problem = _against(self.schema, received)
            if problem is not None:
                failure = f"it does not fit the schema: {problem}"
        if failure is None:
            try:
                return response_class.parse(received)
            except Exception as error:
                # Its text, and that of its context, can be the whole answer, with
                # an authInfo: neither is passed on.
                failure = f"epplib's {response_class.__name__} raised {_root_of(error)}"
        raise _both(EPPError)(f"the answer cannot be read: {failure}")


def client_factory(
    hostname: str,
    port: int = 700,
    *,
    cert: Union[Path, bytes, None] = None,
    key: Union[Path, bytes, None] = None,
    password: Optional[str] = None,
    ca: Union[Path, bytes, None] = None,
    verify: bool = True,
    schema: Any = None,
    **options: Any,
) -> Callable[[], Client]:
    """Return a function that makes clients which share one SSL context.

    *schema* is that of ``Client``, all else of ``Transport``; what is wrong raises
    here, not on first use.
    """
    if options.get("context") is None:
        options["context"] = _ssl_context(cert, key, password, ca, verify)
        cert = key = password = ca = None
        verify = True

    def make() -> Client:
        transport = Transport(
            hostname,
            port,
            cert=cert,
            key=key,
            password=password,
            ca=ca,
            verify=verify,
            **options,
        )
        return Client(transport, schema)

    make()
    return make


def _ssl_context(cert: Any, key: Any, password: Any, ca: Any, verify: bool) -> Any:
    return ssl_context(
        **_source("cert", cert),
        **_source("key", key),
        **_source("ca", ca),
        key_password=password,
        verify=verify,
    )


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


def _against(schema: Any, message: bytes) -> Optional[str]:
    """Where *message* does not fit *schema*, without quoting it; None if it does."""
    if schema.validate(xml.parse(message)):
        return None
    entry = schema.error_log.last_error
    return f"{entry.type_name} at {entry.path}" if entry is not None else "unknown"


def _response_class_of(prepared: PreparedRequest) -> Any:
    """epplib's class for the answer: its command says it, if there is one."""
    made_of: Any = prepared
    while isinstance(made_of, PreparedRequest):
        made_of = made_of.request
    return getattr(made_of, "response_class", _responses.Result)


def _root_of(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__


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
    kind = _both(type(failure))
    told = kind.__new__(kind, *failure.args)
    told.args = failure.args
    told.__dict__.update(failure.__dict__)
    raise told from failure.__cause__


_BOTH: Dict[type, Any] = {}


def _both(kind: type) -> Any:
    """The class that is *kind*, an EPPError, and epplib's TransportError."""
    if kind not in _BOTH:
        bases = (kind, _exceptions.TransportError)
        _BOTH[kind] = type(kind.__name__, bases, {"__module__": __name__})
    return _BOTH[kind]
