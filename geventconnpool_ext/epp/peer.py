"""What a session asks of its client, whether ours or another library's.

A client has ``connect()``, ``close()`` and ``send(request, tr_id=...)``. The
rest is used where it is there: ``greeting``, ``hello()``, ``abandon()``,
``unread``, and the socket, as ``socket`` or ``transport.socket``;
``takes_prepared``, if ``send`` takes a ``PreparedRequest``; and
``validate(prepared)``, which refuses a request by a ValueError before any use of
the connection. What makes clients may say how large a request they take.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .._abandon import abandon_descriptor
from .._log import log
from .answers import require_match
from .errors import EPPError
from .hooks import ExpiryReason
from .quiet import unquiet

if TYPE_CHECKING:
    from typing import TypeVar

    from .requests import PreparedRequest, Request

    Factory = TypeVar("Factory", bound=Callable[[], Any])

__all__ = ["Peer", "limit_of", "with_limit"]


class Peer:
    """*client* with one way of doing each thing. *send_hello* is how to send
    hello to a client that has no ``hello()``. The name of its pool and the number of
    its session are for log lines."""

    __slots__ = ("_hello", "_number", "_pool_name", "client")

    def __init__(
        self,
        client: Any,
        send_hello: Optional[Callable[[Any], Any]],
        pool_name: str,
        number: int,
    ) -> None:
        for name in ("connect", "close", "send"):
            if not callable(getattr(client, name, None)):
                raise TypeError(
                    f"client must have {name}(), {type(client).__name__} has not"
                )
        if send_hello is not None and not callable(send_hello):
            raise TypeError("send_hello must be a function of the client")
        self.client: Any = client
        self._hello = send_hello
        self._pool_name = pool_name
        self._number = number

    @property
    def can_hello(self) -> bool:
        """Whether there is a way to send hello."""
        return self._hello is not None or callable(getattr(self.client, "hello", None))

    def connect(self) -> Any:
        """Connect and return the greeting, None if the client does not tell it."""
        greeting = self.client.connect()
        return getattr(self.client, "greeting", None) if greeting is None else greeting

    def send(self, command: Request, prepared: PreparedRequest) -> Any:
        """Send *command*, return the answer that carries its clTRID.

        Raises ``EPPError`` if that is no answer, ``UnexpectedAnswer`` if it is
        another command's; else whatever the client raises.
        """
        # Another library's client needs its own object; ours would only render
        # and parse it again.
        takes_prepared = getattr(self.client, "takes_prepared", False)
        sendable = prepared if takes_prepared else command
        answer = self.client.send(sendable, tr_id=prepared.tr_id)
        code = getattr(answer, "code", None)
        if not isinstance(code, int) or not hasattr(answer, "cl_tr_id"):
            raise EPPError(
                f"the client returned {type(answer).__name__}, which is no answer: "
                f"it needs code, msg and cl_tr_id"
            )
        require_match(answer, prepared.tr_id, prepared.kind)
        return answer

    def validate(self, prepared: PreparedRequest) -> None:
        """Raise ValueError if the client knows that *prepared* is wrong."""
        validate = getattr(self.client, "validate", None)
        if callable(validate):
            validate(prepared)

    def hello(self) -> Any:
        """Send hello and return the greeting."""
        if self._hello is not None:
            return self._hello(self.client)
        return self.client.hello()

    def unquiet(self) -> Optional[ExpiryReason]:
        """Why its socket is not fit for a command; None if it is, or is unknown."""
        if getattr(self.client, "unread", 0):
            return ExpiryReason.stray
        sock = self._socket()
        return None if sock is None else unquiet(sock)

    def close(self) -> None:
        """Close it; never raises an ``Exception``."""
        try:
            self.client.close()
        except Exception as error:
            log(
                logging.DEBUG,
                "%s: session %d: close failed: %s",
                self._pool_name,
                self._number,
                type(error).__name__,
            )

    def abandon(self) -> None:
        """Close this process's descriptor and write nothing."""
        own = getattr(self.client, "abandon", None)
        if callable(own):
            own()
            return
        abandon_descriptor(self._socket())

    def _socket(self) -> Any:
        found = getattr(self.client, "socket", None)
        if found is None:
            found = getattr(getattr(self.client, "transport", None), "socket", None)
        return found if callable(getattr(found, "recv", None)) else None


def with_limit(make: Factory, limit: int) -> Factory:
    """Return *make*, whose clients take requests of *limit* octets, header included."""
    vars(make)["message_limit"] = limit
    return make


def limit_of(make: Callable[[], Any]) -> Optional[int]:
    """How large a request the clients of *make* take; None if it does not say."""
    limit = getattr(make, "message_limit", None)
    return limit if isinstance(limit, int) else None
