"""A small EPP client over TLS on gevent: one connection, one exchange at a time.

It sends a request and returns the answer to it, as objects. What happens on the
connection is in ``channel``; when a connection or a login is replaced, and which
command is sent again, is decided in ``session`` and ``pool``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Union

from .answers import Answer, Greeting, UnexpectedAnswer, require_match
from .channel import CertificateError, Channel, ConnectError, require_greeting
from .commands import Hello
from .framing import DEFAULT_LIMIT
from .peer import with_limit
from .requests import prepare
from .tls import ssl_context

if TYPE_CHECKING:
    from .requests import PreparedRequest, Request
    from .tls import Path

__all__ = ["CertificateError", "Client", "ConnectError", "client_factory"]

# What an SSL context is made of, as far as it is not a given one.
_TRUST = (
    "ca_file",
    "ca_data",
    "cert_file",
    "cert_data",
    "key_file",
    "key_data",
    "key_password",
)


class Client:
    """One EPP connection to *host*. Makes no connection until ``connect()``.

    - ``context``: a shared ``gevent.ssl.SSLContext``; or else ``ca_file``,
      ``ca_data``, ``cert_file``, ``cert_data``, ``key_file``, ``key_data``,
      ``key_password`` and ``verify``, as for ``tls.ssl_context``. Many clients
      should share one context: ``client_factory`` sees to it.
    - ``server_name`` (host): the name sent (SNI) and looked for in the
      certificate.
    - ``connect_timeout`` (10), ``handshake_timeout`` (10), ``greeting_timeout``
      (10), ``read_timeout`` (30), ``write_timeout`` (30): seconds for each whole
      step; None for no limit.
    - ``limit`` (1 MiB): most octets of one message, either way.

    Raises TypeError or ValueError that names the argument and, for files, the
    path.
    """

    takes_prepared = True
    """Its ``send`` takes what ``prepare`` has made of a request."""

    def __init__(
        self,
        host: str,
        port: int = 700,
        *,
        context: Any = None,
        ca_file: Optional[Path] = None,
        ca_data: Union[str, bytes, None] = None,
        cert_file: Optional[Path] = None,
        cert_data: Optional[bytes] = None,
        key_file: Optional[Path] = None,
        key_data: Optional[bytes] = None,
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
        values = ca_file, ca_data, cert_file, cert_data, key_file, key_data
        given = zip(_TRUST, (*values, key_password))
        trust: Dict[str, Any] = {
            name: value for name, value in given if value is not None
        }
        if context is None:
            context = ssl_context(verify=verify, **trust)
        elif trust or verify is not True:
            raise ValueError(
                "context already says whom to trust: give it, or {} and verify, not "
                "both".format(", ".join(_TRUST))
            )
        self._channel = Channel(
            host,
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
        self._context = context
        self._greeting: Optional[Greeting] = None

    @property
    def host(self) -> str:
        """The host it connects to."""
        return self._channel.host

    @property
    def port(self) -> int:
        """The port it connects to."""
        return self._channel.port

    @property
    def server_name(self) -> str:
        """The name that the server's certificate must be for."""
        return self._channel.server_name

    @property
    def greeting(self) -> Optional[Greeting]:
        """The latest greeting received, or None."""
        return self._greeting

    @property
    def socket(self) -> Any:
        """The TLS socket, or None."""
        return self._channel.socket

    @property
    def unread(self) -> int:
        """Octets received that no request has asked for."""
        return self._channel.unread

    @property
    def connected(self) -> bool:
        """Whether a request can be sent, as far as is known without looking."""
        return self._channel.state == "connected"

    def connect(self) -> Greeting:
        """Connect, shake hands, and return the greeting.

        A client connects once. Raises ``CertificateError``, another
        ``ConnectError``, or ``EPPError`` for a greeting that is none
        (``SessionLimit`` if it is a 2502). No failure leaves a descriptor open.
        """
        self._greeting = self._channel.connect()
        return self._greeting

    def send(self, request: Request, tr_id: Optional[str] = None) -> Answer:
        """Send *request* and return the answer to it.

        *tr_id* is the clTRID to use (default: a new one). Raises TypeError or
        ValueError for what is no request or above the limit, with no harm done;
        ``NotSent`` if not one octet was written; and ``EPPError`` or ``OSError``
        (a timeout is a ``TimeoutError``) if the answer is lost, after which the
        client is good for nothing but ``close``.
        """
        prepared = prepare(request, tr_id)
        if prepared.kind.verb == "hello":
            raise ValueError("hello is not answered like a command: use hello()")
        received = self._channel.exchange(
            prepared.data, lambda answer: require_answer(answer, prepared)
        )
        assert isinstance(received, Answer)
        return received

    def validate(self, prepared: PreparedRequest) -> None:
        """Raise ValueError, which quotes nothing, if *prepared* is above the limit."""
        self._channel.check(prepared.data)

    def hello(self) -> Greeting:
        """Send ``<hello>`` and return the greeting; raises as ``send`` does."""
        received = self._channel.exchange(Hello().xml(), require_greeting)
        assert isinstance(received, Greeting)
        self._greeting = received
        return received

    def close(self) -> None:
        """Close, with TLS close_notify, without waiting for the peer's.

        Never raises an ``Exception``; closing twice does nothing.
        """
        self._channel.close()

    def abandon(self) -> None:
        """Give up a connection inherited from a parent process.

        Closes this process's descriptor only. Not an octet is written: the
        parent goes on using the connection.
        """
        self._channel.abandon()

    def __repr__(self) -> str:
        return f"<Client {self._channel.where}, {self._channel.state}>"


def require_answer(
    received: Union[Answer, Greeting], prepared: PreparedRequest
) -> None:
    """Raise ``UnexpectedAnswer`` unless *received* is the answer to *prepared*."""
    if isinstance(received, Greeting):
        raise UnexpectedAnswer(
            f"{prepared.kind} (clTRID {prepared.tr_id}) was answered by a greeting"
        )
    require_match(received, prepared.tr_id, prepared.kind)


def client_factory(host: str, port: int = 700, **options: Any) -> Callable[[], Client]:
    """Return a function that makes clients which share one SSL context.

    *options* are those of ``Client``; wrong ones raise here, not on first use.
    """
    first = Client(host, port, **options)
    for name in (*_TRUST, "verify"):
        options.pop(name, None)
    options["context"] = first._context
    return with_limit(
        lambda: Client(host, port, **options), options.get("limit", DEFAULT_LIMIT)
    )
