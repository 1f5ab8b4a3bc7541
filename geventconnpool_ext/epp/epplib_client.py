"""epplib's client for the sessions of a pool: hello, any request, a quiet log.

``Client`` is a subclass of epplib's, on the ``Transport`` of ``epplib_transport``.
Both are public in ``epplib``, which adds the pool.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .._log import log
from . import xml
from .commands import Hello
from .epplib_import import ClientBase
from .epplib_import import responses as _responses
from .epplib_transport import Transport, shared_context, transport_error
from .framing import DEFAULT_LIMIT
from .peer import with_limit
from .redaction import Redacted
from .requests import PreparedRequest, prepare

if TYPE_CHECKING:
    from .requests import Request
    from .tls import Path

__all__ = ["Client", "client_factory"]


class Client(ClientBase):  # type: ignore[misc,unused-ignore]
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
            self.greeting: Any = self._read(_responses.Greeting)
        except BaseException:
            self.transport.close()
            raise

    def send(self, request: Request, *, tr_id: Optional[str] = None) -> Any:
        """Send *request*, epplib's or any other, and return epplib's answer to it.

        *tr_id* is the clTRID to use (default: a new one). A request that is not
        epplib's has a ``Result`` without data for answer. Raises TypeError or
        ValueError for what is no request, is above the limit or does not fit the
        schema, with no harm done; TransportError.
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
        """Raise ValueError, which quotes nothing, if it is above the limit or does
        not fit the schema."""
        self.transport.check(prepared.data)
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
        raise transport_error(f"the answer cannot be read: {failure}")


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
        options["context"] = shared_context(cert, key, password, ca, verify)
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
    return with_limit(make, options.get("limit", DEFAULT_LIMIT))


def _against(schema: Any, message: bytes) -> Optional[str]:
    """Where *message* does not fit *schema*, without quoting it; None if it does."""
    if schema.validate(xml.parse(message)):
        return None
    entry = schema.error_log.last_error
    return f"{entry.type_name} at {entry.path}" if entry is not None else "unknown"


def _response_class_of(prepared: PreparedRequest) -> Any:
    """epplib's class for the answer: its command says it, if there is one."""
    return getattr(prepared.request, "response_class", _responses.Result)


def _root_of(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__
