"""What a request is, what it asks for, and how it gets its clTRID.

A request is bytes, a str, or any object with ``xml(tr_id=...)`` that returns
either. ``prepare`` turns it into the bytes to send and says what kind of
command it is. Ready-made requests are in ``commands``; which of them may be
sent twice is in ``replay``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Dict, NamedTuple, Optional, Union

from . import xml
from .errors import EPPError
from .transaction import new_tr_id

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
    from typing_extensions import Protocol

    class RequestObject(Protocol):
        """Anything that can write itself as XML with a given clTRID."""

        def xml(self, tr_id: Optional[str] = None) -> Union[bytes, str]: ...

    Request = Union[bytes, str, RequestObject]

__all__ = [
    "PreparedRequest",
    "RequestKind",
    "check_tr_id",
    "classify",
    "identify",
    "is_request",
    "prepare",
    "ready_made",
    "render",
]

_VERBS = {"check", "create", "delete", "info", "login", "logout", "poll"}
_VERBS |= {"renew", "transfer", "update"}
_VERSION = re.compile(r"-[0-9]+(\.[0-9]+)*\Z")
_TR_ID = re.compile(r"[!-~\u00a1-\ud7ff]([ -~\u00a1-\ud7ff]*[!-~\u00a1-\ud7ff])?\Z")


class RequestKind(NamedTuple):
    """What a request asks for, without what it holds."""

    verb: str
    """check, create, delete, info, login, logout, poll, renew, transfer,
    update, hello; ``other`` for what an extension adds."""
    op: Optional[str] = None
    """The ``op`` attribute, which poll and transfer have."""
    object_type: Optional[str] = None
    """domain, contact, host, ...: the object's namespace without its version."""
    has_auth_info: bool = False
    """It carries authInfo, so a 2200 may refuse that and not the session."""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.object_type, self.verb, self.op)))


class PreparedRequest:
    """A request as bytes, with the clTRID in it and its kind. Itself a request.

    *request* is what it was made of, which is never another of these.
    """

    __slots__ = ("data", "kind", "request", "tr_id")

    def __init__(
        self, data: bytes, tr_id: str, kind: RequestKind, request: Request
    ) -> None:
        self.data: bytes = data
        self.tr_id: str = tr_id
        self.kind: RequestKind = kind
        self.request: Request = (
            request.request if isinstance(request, PreparedRequest) else request
        )

    def xml(self, tr_id: Optional[str] = None) -> bytes:
        """The bytes to send; *tr_id* replaces the clTRID in them."""
        if tr_id is None or tr_id == self.tr_id:
            return self.data
        return render(self.data, tr_id)

    def __repr__(self) -> str:
        return f"<PreparedRequest {self.kind}, clTRID {self.tr_id}>"


_READY_MADE: Dict[type, Callable[[Any], RequestKind]] = {}


def ready_made(made: type, kind: Callable[[Any], RequestKind]) -> None:
    """Have requests of the class *made*, not of its subclasses, be read no more.

    Their ``xml(tr_id)`` puts the clTRID where it belongs, and *kind* tells what one
    of them asks for: what reading its XML would tell.
    """
    _READY_MADE[made] = kind


def is_request(value: object) -> bool:
    """Whether *value* has the form of a request; its content is not looked at."""
    return isinstance(value, (bytes, str)) or callable(getattr(value, "xml", None))


def check_tr_id(tr_id: str) -> str:
    """Return *tr_id* if it is a clTRID: an XML token of 3 to 64 characters."""
    if not isinstance(tr_id, str):
        raise TypeError(f"tr_id must be a str, not {type(tr_id).__name__}")
    if not 3 <= len(tr_id) <= 64 or not _TR_ID.match(tr_id) or "  " in tr_id:
        raise ValueError(
            f"tr_id must be 3 to 64 printable characters without spaces at its "
            f"ends or in a row, not {tr_id!r}"
        )
    return tr_id


def prepare(request: Request, tr_id: Optional[str] = None) -> PreparedRequest:
    """Return *request* as bytes that carry *tr_id* (default: a new clTRID).

    A clTRID that is there is replaced, else one is put where the schema wants
    it: last in ``<command>``. ``<hello>`` has none. Raises TypeError for what
    is no request and ValueError for XML that is none; neither quotes it.
    """
    tr_id = new_tr_id() if tr_id is None else check_tr_id(tr_id)
    if isinstance(request, PreparedRequest) and request.tr_id == tr_id:
        return request
    ready_made = _READY_MADE.get(type(request))
    if ready_made is not None:
        made: Any = request
        return PreparedRequest(made.xml(tr_id), tr_id, ready_made(made), request)
    written = request
    if not isinstance(request, (bytes, str)):
        written = _written_by(request, tr_id)
    root = _parse(written)
    body = _body(root)
    kind = _kind(body)
    slot = _slot(body)
    if slot is None:
        changed = False
    else:
        changed = xml.text_of(slot) != tr_id
        if changed:
            for child in list(slot):
                slot.remove(child)
            slot.text = tr_id
    if isinstance(written, bytes) and not changed:
        return PreparedRequest(written, tr_id, kind, request)
    return PreparedRequest(xml.serialize(root), tr_id, kind, request)


def identify(message: Union[bytes, PreparedRequest]) -> PreparedRequest:
    """Return *message* with its kind and the clTRID that it carries, unchanged.

    Raises TypeError or ValueError as ``prepare`` does, and for a command without
    a clTRID, whose answer could not be told from another's.
    """
    if isinstance(message, PreparedRequest):
        return message
    if not isinstance(message, bytes):
        raise TypeError(f"a message must be bytes, not {type(message).__name__}")
    body = _body(_parse(message))
    kind, slot = _kind(body), _slot(body)
    tr_id = xml.text_of(slot)
    if slot is not None and not tr_id:
        raise ValueError(
            "the request has no clTRID, so its answer could not be told from "
            "another's: put one in"
        )
    return PreparedRequest(message, tr_id, kind, message)


def render(request: Request, tr_id: str) -> bytes:
    """Return the bytes of *request* with the clTRID *tr_id*; see ``prepare``."""
    return prepare(request, tr_id).data


def classify(request: Union[Request, RequestKind]) -> RequestKind:
    """Return what *request* asks for. Raises as ``prepare`` does."""
    if isinstance(request, RequestKind):
        return request
    if isinstance(request, PreparedRequest):
        return request.kind
    ready_made = _READY_MADE.get(type(request))
    if ready_made is not None:
        return ready_made(request)
    if isinstance(request, (bytes, str)):
        return _kind(_body(_parse(request)))
    return _kind(_body(_parse(_written_by(request, new_tr_id()))))


def _written_by(request: Any, tr_id: str) -> Union[bytes, str]:
    if isinstance(request, (bytearray, memoryview)) or not is_request(request):
        raise TypeError(
            "a request must be bytes, a str, or an object with xml(tr_id=...), not "
            f"{type(request).__name__}"
        )
    written: Union[bytes, str, None] = None
    problem: Optional[str] = None
    try:
        written = request.xml(tr_id=tr_id)
    except UnicodeError as error:
        problem = type(error).__name__
    # Raised here, not above: that error holds the text, which may be a password.
    if problem is not None:
        raise ValueError(
            f"the request cannot be written: {type(request).__name__}.xml(tr_id=...) "
            f"raised {problem}"
        )
    if not isinstance(written, (bytes, str)):
        raise TypeError(
            f"{type(request).__name__}.xml(tr_id=...) must return bytes or str, not "
            f"{type(written).__name__}"
        )
    return written


def _parse(written: Any) -> Element:
    data: Optional[bytes]
    if isinstance(written, str):
        try:
            data = written.encode("utf-8")
        except UnicodeEncodeError:
            data = None
        if data is None:
            raise ValueError("the request is a str that UTF-8 cannot express")
    else:
        data = bytes(written)
    if not data.strip():
        raise ValueError("the request is empty")
    try:
        return xml.parse(data)
    except EPPError as error:
        raise ValueError(f"the request is {error}") from None


def _body(root: Element) -> Element:
    """The one child of ``<epp>`` that makes it a request."""
    if root.tag != f"{{{xml.EPP}}}epp":
        raise ValueError(
            f"the request's root element must be <epp> in {xml.EPP}, not "
            f"<{xml.local_name(root)}> in {xml.namespace(root) or 'no namespace'}"
        )
    inside = xml.children(root)
    if len(inside) != 1 or xml.namespace(inside[0]) != xml.EPP:
        raise ValueError("the request must hold one EPP element inside <epp>")
    name = xml.local_name(inside[0])
    if name not in ("command", "hello", "extension"):
        raise ValueError(f"<{name}> is not what a client sends")
    return inside[0]


def _kind(body: Element) -> RequestKind:
    name = xml.local_name(body)
    if name == "hello":
        return RequestKind("hello")
    inside = xml.children(body)
    if not inside or (name == "command" and xml.local_name(inside[0]) == "clTRID"):
        raise ValueError(f"the request's <{name}> is empty")
    has_auth_info = any(
        xml.local_name(element) == "authInfo" for element in body.iter("*")
    )
    verb = inside[0]
    op = verb.get("op")
    if (
        name == "extension"
        or xml.namespace(verb) != xml.EPP
        or xml.local_name(verb) not in _VERBS
    ):
        return RequestKind("other", op, _object_type(verb), has_auth_info)
    objects = xml.children(verb)
    object_type = _object_type(objects[0]) if objects else None
    return RequestKind(xml.local_name(verb), op, object_type, has_auth_info)


def _object_type(element: Element) -> Optional[str]:
    """``domain`` from ``urn:ietf:params:xml:ns:domain-1.0``."""
    uri = xml.namespace(element)
    if uri in (xml.EPP, ""):
        return None
    return _VERSION.sub("", re.split(r"[:/]", uri.rstrip("/"))[-1]) or None


def _slot(body: Element) -> Optional[Element]:
    """The element that holds the clTRID, made if there is none; None: hello."""
    name = xml.local_name(body)
    if name == "hello":
        return None
    if name == "command":
        found = [c for c in xml.children(body) if c.tag == f"{{{xml.EPP}}}clTRID"]
        for superfluous in found[:-1]:
            body.remove(superfluous)
        if found:
            return found[-1]
        return xml.append(body, "clTRID")
    # A protocol extension has its own command and its own place for a clTRID.
    for element in body.iter("*"):
        if xml.local_name(element) == "clTRID":
            return element
    raise ValueError(
        "the request's <extension> has no clTRID element, so its answer could not "
        "be told from another's: put one in"
    )
