"""What of a message may be shown: everything but the secrets in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, List, Optional, Set, Tuple

from . import xml
from .errors import EPPError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["Redacted"]

# In lower case. Of an element in whatever namespace, of an attribute, or what an
# attribute calls its element, as in key="authInfo": a password, an authInfo, and what
# an error quotes of the command it refuses.
_SECRET = frozenset(
    (
        "authcode",
        "authinfo",
        "newpassword",
        "newpasswd",
        "newpw",
        "passphrase",
        "passwd",
        "password",
        "pw",
        "reason",
        "secret",
        "value",
    )
)
# A text that names a secret may quote it.
_NAMES_SECRET = re.compile(
    r"passw|passphrase|\bpw\b|newpw|secret|auth(orization)?[ _-]?(code|info)\b",
    re.IGNORECASE,
)
# Where a secret is known by the name of its element.
_KNOWN = frozenset(
    (
        xml.EPP,
        xml.DOMAIN,
        xml.CONTACT,
        xml.HOST,
        "urn:ietf:params:xml:ns:secDNS-1.1",
        "urn:ietf:params:xml:ns:rgp-1.0",
        "urn:ietf:params:xml:ns:epp:loginSec-1.0",
    )
)
_COMMAND, _EPP, _EXTENSION, _MSG = (
    f"{{{xml.EPP}}}{name}" for name in ("command", "epp", "extension", "msg")
)


class Redacted:
    """*message* in one line without its secrets, made when it is asked for.

    So a log line that nobody reads costs nothing. What a command says in an extension
    that is not known here counts as secret, but not the names in it.
    """

    __slots__ = ("_message",)

    def __init__(self, message: bytes) -> None:
        self._message = message

    def __str__(self) -> str:
        try:
            root = xml.parse(self._message)
        except EPPError:
            return f"{len(self._message)} octets that are no XML"
        _redact(root)
        # One event, one line, and without the XML declaration.
        text = xml.serialize(root).decode("utf-8")
        return " ".join(text.partition("?>")[2].split())


def _redact(root: Element) -> None:
    # Each element once, however deep they are nested: each set has what is inside.
    secret: Set[Optional[Element]] = set()
    foreign: Set[Optional[Element]] = set()
    for element in root.iter("*"):
        parent = element.getparent()
        inside = parent in secret
        by_tag = inside or _is_name(str(element.tag)) or _quotes_secret(element)
        known = xml.namespace(element) in _KNOWN
        # RFC 8807 has a warning of the type "password", which is none.
        by_attribute = not known and any(_is_name(v) for _, v in _attributes(element))
        if by_tag or by_attribute:
            secret.add(element)
        if parent in foreign or _is_extension(element, parent):
            foreign.add(element)
        for name, value in _attributes(element):
            # An authInfo's roid names an object, and is no secret.
            kept = name == "roid" if by_tag else _is_name(value) or not by_attribute
            if _is_name(name) or not kept:
                element.set(name, "***")
        unknown = element in foreign and not known
        if element in secret or (unknown and xml.local_name(element) != "clTRID"):
            _blank_text(element)
        if inside or element in foreign:
            _blank_tail(element)


def _attributes(element: Element) -> List[Tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def _is_name(text: str) -> bool:
    """Whether *text* is the name of a secret, in whatever namespace and case."""
    return text.rpartition("}")[2].strip().lower() in _SECRET


def _quotes_secret(element: Element) -> bool:
    return element.tag == _MSG and bool(_NAMES_SECRET.search(xml.text_of(element)))


def _is_extension(element: Element, parent: Optional[Element]) -> bool:
    return (
        element.tag == _EXTENSION
        and parent is not None
        and parent.tag in (_COMMAND, _EPP)
    )


def _blank_text(element: Element) -> None:
    if element.text and element.text.strip():
        element.text = "***"


def _blank_tail(element: Element) -> None:
    if element.tail and element.tail.strip():
        element.tail = "***"
