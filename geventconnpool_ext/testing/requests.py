"""Requests: from the octets of one message to what is asked for.

Parses and classifies, and reads single elements. Whether a request makes sense
to the registry in its present state is decided elsewhere; here only its form
is. No DTD, entity or network access is allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Tuple

from .codes import EPP, OBJECTS

try:
    from lxml import etree
except ImportError as _missing:  # pragma: no cover - depends on what is installed
    raise ImportError(
        "geventconnpool_ext.testing needs lxml: "
        'pip install "geventconnpool_ext[testing]"'
    ) from _missing

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = [
    "Refused",
    "Request",
    "child",
    "children",
    "parse",
    "required",
    "text",
    "to_text",
]

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    remove_comments=True,
    remove_pis=True,
)

_VERBS = frozenset(
    (
        "check",
        "create",
        "delete",
        "info",
        "login",
        "logout",
        "poll",
        "renew",
        "transfer",
        "update",
    )
)
_WITHOUT_OBJECT = frozenset(("login", "logout", "poll"))


class Refused(Exception):
    """The registry refuses a request, unexecuted.

    Arguments: the result *code*, the *element* of the request it is about
    (never one that holds a secret), and a *reason* for a person to read.
    """

    def __init__(
        self, code: int, element: Optional[_Element] = None, reason: str = ""
    ) -> None:
        super().__init__(code, reason)
        self.code = code
        self.element = element
        self.reason = reason


class Request(NamedTuple):
    """One message of a client, classified."""

    verb: str
    """``hello``, ``login``, ``create`` ...; empty if it could not be told."""
    op: str
    """The ``op`` of poll and transfer, else empty."""
    object_type: str
    """``domain``, ``contact``, ``host``, or empty."""
    name: str
    """The (first) name or id it is about; the client's id for a login."""
    cl_tr_id: Optional[str]
    """Its client transaction id, if it has a valid one."""
    body: Optional[_Element]
    """The element that says what to do, e.g. ``<domain:create>``."""
    extensions: Tuple[_Element, ...]
    """The children of ``<extension>``."""
    refusal: Optional[Refused]
    """Set if the request is malformed: the answer it gets."""


def child(parent: _Element, name: str) -> Optional[_Element]:
    """The first child called *name* in the namespace of *parent*, or None."""
    tag = parent.tag
    return parent.find(tag[: tag.index("}") + 1] + name)


def children(parent: _Element, name: str) -> List[_Element]:
    """All children called *name* in the namespace of *parent*."""
    tag = parent.tag
    return parent.findall(tag[: tag.index("}") + 1] + name)


def text(parent: _Element, name: str) -> Optional[str]:
    """The stripped text of the child called *name*; None if there is no child."""
    found = child(parent, name)
    return None if found is None else (found.text or "").strip()


def required(parent: _Element, name: str) -> str:
    """Like ``text``; 2003 if the child is missing or empty."""
    value = text(parent, name)
    if not value:
        raise Refused(2003, None, "<{}> is required".format(name))
    return value


def to_text(element: _Element) -> str:
    """The element as XML, with the namespaces it needs."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def parse(message: bytes) -> Request:
    """Classify *message*; a malformed one gets a ``refusal``, never raises."""
    try:
        root = etree.fromstring(message, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return _malformed(2001, "the message is not well-formed XML")
    document: Any = root.getroottree().docinfo
    if document.doctype:
        return _malformed(2001, "a document type is not allowed")
    if root.tag != "{%s}epp" % EPP or len(root) != 1:
        return _malformed(2001, "one <epp> element with one child is expected")
    top = root[0]
    if top.tag == "{%s}hello" % EPP:
        return Request("hello", "", "", "", None, top, (), None)
    if top.tag == "{%s}extension" % EPP:
        return _malformed(2101, "protocol extensions are not offered")
    if top.tag != "{%s}command" % EPP:
        return _malformed(2001, "<hello> or <command> is expected")
    return _command(top)


def _malformed(code: int, reason: str, cl_tr_id: Optional[str] = None) -> Request:
    refusal = Refused(code, None, reason)
    return Request("", "", "", "", cl_tr_id, None, (), refusal)


def _command(command: _Element) -> Request:
    cl_tr_id = text(command, "clTRID")
    if cl_tr_id is not None and not 3 <= len(cl_tr_id) <= 64:
        # An answer could not repeat it and still be valid.
        return _malformed(2001, "a clTRID has 3 to 64 characters")
    if len(command) == 0:
        return _malformed(2001, "<command> is empty", cl_tr_id)
    action = command[0]
    prefix = "{%s}" % EPP
    verb = action.tag[len(prefix) :] if action.tag.startswith(prefix) else ""
    if verb not in _VERBS:
        return _malformed(2000, "no such command", cl_tr_id)
    extension = child(command, "extension")
    extensions = () if extension is None else tuple(extension)
    op = action.get("op", "")
    if verb in _WITHOUT_OBJECT:
        name = (text(action, "clID") or "") if verb == "login" else ""
        return Request(verb, op, "", name, cl_tr_id, action, extensions, None)
    return _object_command(verb, op, action, cl_tr_id, extensions)


def _object_command(
    verb: str,
    op: str,
    action: _Element,
    cl_tr_id: Optional[str],
    extensions: Tuple[_Element, ...],
) -> Request:
    refusal: Optional[Refused] = None
    object_type = name = ""
    body: Optional[_Element] = None
    if len(action) != 1:
        refusal = Refused(2001, None, "<{}> takes one object".format(verb))
    else:
        body = action[0]
        namespace, _, local = body.tag[1:].partition("}")
        object_type = OBJECTS.get(namespace, "")
        if not object_type:
            refusal = Refused(2307, None, "no such object service")
        elif local != verb:
            refusal = Refused(2001, None, "<{}> holds <{}>".format(verb, local))
        else:
            key = "id" if object_type == "contact" else "name"
            name = (text(body, key) or "").lower()
    return Request(verb, op, object_type, name, cl_tr_id, body, extensions, refusal)
