"""Repository: everything a registry stores, and the rules all objects share.

Objects, message queues, the calendar and the identifiers live here. What one
command does to one type of object is in ``domains``, ``contacts``, ``hosts``
and ``transfers``; sessions and accounts are in ``registry``.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Callable, Dict, NamedTuple, Optional, TypeVar

from .objects import Contact, Domain, Host, RegistryObject
from .requests import Refused, Request, child, text

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Message", "Repository", "prohibit", "secret_matches", "utc_now"]

_Stored = TypeVar("_Stored", bound=RegistryObject)


class Message(NamedTuple):
    """One message in an account's queue."""

    message_id: str
    text: str
    queued: datetime
    data: str
    """Content of ``<resData>``, may be empty."""


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(timezone.utc)


class Repository:
    """Objects and messages.

    Arguments: *now* returns the present in UTC; *zones* are the suffixes in
    which domains may be registered, None for all.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = utc_now,
        zones: Optional[frozenset[str]] = None,
    ) -> None:
        self.now = now
        self.zones = zones
        self.domains: Dict[str, Domain] = {}
        self.contacts: Dict[str, Contact] = {}
        self.hosts: Dict[str, Host] = {}
        self.queues: Dict[str, OrderedDict[str, Message]] = {}
        self._last_object = 0
        self._last_message = 0

    def next_roid(self, kind: str) -> str:
        """A new repository object id; *kind* is one letter."""
        self._last_object += 1
        return "{}{}-TEST".format(kind, self._last_object)

    def queue(self, client_id: str) -> OrderedDict[str, Message]:
        """The messages waiting for *client_id*, oldest first."""
        found = self.queues.get(client_id)
        if found is None:
            found = self.queues[client_id] = OrderedDict()
        return found

    def enqueue(self, client_id: str, message: str, data: str = "") -> str:
        """Queue a message for *client_id*; returns its id."""
        self._last_message += 1
        message_id = str(self._last_message)
        self.queue(client_id)[message_id] = Message(
            message_id, message, self.now(), data
        )
        return message_id

    def domain(self, request: Request) -> Domain:
        """The domain that *request* names; 2003 or 2303 if there is none."""
        return _named(self.domains, request, "name")

    def contact(self, request: Request) -> Contact:
        """The contact that *request* names; 2003 or 2303 if there is none."""
        return _named(self.contacts, request, "id")

    def host(self, request: Request) -> Host:
        """The host that *request* names; 2003 or 2303 if there is none."""
        return _named(self.hosts, request, "name")

    def superordinate(self, host: str) -> Optional[Domain]:
        """The registered domain that *host* lies in, if any."""
        parts = host.split(".")
        for start in range(1, len(parts) - 1):
            found = self.domains.get(".".join(parts[start:]))
            if found is not None:
                return found
        return None

    def touch(self, changed: RegistryObject, client_id: str) -> None:
        """Note who changed an object, and when."""
        changed.updater = client_id
        changed.updated = self.now()

    def own(self, found: RegistryObject, client_id: str, request: Request) -> None:
        """2201 unless *client_id* sponsors the object."""
        if found.sponsor != client_id:
            raise Refused(2201, name_element(request), "another client sponsors it")


def name_element(request: Request) -> Optional[_Element]:
    """The element of *request* that names the object."""
    if request.body is None:
        return None
    return child(request.body, "id" if request.object_type == "contact" else "name")


def _named(stored: Dict[str, _Stored], request: Request, key: str) -> _Stored:
    if not request.name:
        raise Refused(2003, None, "<{}> is required".format(key))
    found = stored.get(request.name)
    if found is None:
        raise Refused(2303, name_element(request), "no such " + request.object_type)
    return found


def prohibit(found: RegistryObject, request: Request, operation: str) -> None:
    """2304 if a status of the object forbids *operation* (Update, Delete ...)."""
    for status in found.statuses:
        if status.startswith("pending") or status.endswith(operation + "Prohibited"):
            raise Refused(2304, name_element(request), "its status is " + status)


def secret_matches(body: _Element, secret: str) -> Optional[bool]:
    """Whether the authInfo in *body* is *secret*; None if it holds none."""
    info = child(body, "authInfo")
    if info is None:
        return None
    given = (text(info, "pw") or "").encode("utf-8")
    return hmac.compare_digest(given, secret.encode("utf-8"))
