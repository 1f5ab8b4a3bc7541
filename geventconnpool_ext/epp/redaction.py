"""What of a message may be shown: everything but the secrets in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import xml
from .errors import EPPError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["Redacted"]

# By local name, in whatever namespace: a password at login (also RFC 8807's), an
# authInfo, and what an error quotes of the command it refuses.
_SECRET = frozenset(("pw", "newPW", "authInfo", "value"))


class Redacted:
    """*message* in one line without its secrets, made when it is asked for.

    So a log line that nobody reads costs nothing.
    """

    __slots__ = ("_message",)

    def __init__(self, message: bytes) -> None:
        self._message = message

    def __str__(self) -> str:
        try:
            root = xml.parse(self._message)
        except EPPError:
            return f"{len(self._message)} octets that are no XML"
        for element in root.iter("*"):
            if xml.local_name(element) in _SECRET:
                _blank(element)
        # One event, one line, and without the XML declaration.
        text = xml.serialize(root).decode("utf-8")
        return " ".join(text.partition("?>")[2].split())


def _blank(element: Element) -> None:
    for inside in element.iter("*"):
        if inside.text and inside.text.strip():
            inside.text = "***"
        if inside is not element and inside.tail and inside.tail.strip():
            inside.tail = "***"
        for name in inside.attrib:
            # An authInfo's roid names an object, and is no secret.
            if name != "roid":
                inside.set(name, "***")
