"""DS and key data of a domain (RFC 5910), kept as it came, shown as it came.

Enough for clients that announce secDNS to read back what they wrote: nothing
is verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional
from xml.sax.saxutils import escape

from .codes import SECDNS
from .objects import Domain
from .requests import Refused, Request, child

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["created_secure_data", "show_secure_data", "updated_secure_data"]

_DATA = frozenset(("dsData", "keyData", "maxSigLife"))


def _extension(request: Request, verb: str) -> Optional[_Element]:
    for extension in request.extensions:
        if extension.tag == "{%s}%s" % (SECDNS, verb):
            return extension
        raise Refused(2103, None, "this extension is not offered for this command")
    return None


def _serialise(entry: _Element) -> str:
    """The element with the prefix ``secDNS``, whatever prefix it came with."""
    name = entry.tag.partition("}")[2]
    inner = "".join(_serialise(part) for part in entry)
    content = inner or escape((entry.text or "").strip())
    return "<secDNS:{0}>{1}</secDNS:{0}>".format(name, content)


def _entries(parent: Optional[_Element]) -> List[str]:
    if parent is None:
        return []
    entries = []
    for entry in parent:
        if entry.tag.partition("}")[2] not in _DATA:
            raise Refused(2001, None, "unexpected element in secDNS data")
        entries.append(_serialise(entry))
    return entries


def created_secure_data(request: Request) -> List[str]:
    """The data that a create brings; 2103 for any other extension."""
    return _entries(_extension(request, "create"))


def updated_secure_data(request: Request, present: List[str]) -> List[str]:
    """The data after an update; 2103 for any other extension."""
    update = _extension(request, "update")
    if update is None:
        return present
    removed = child(update, "rem")
    result = list(present)
    if removed is not None:
        everything = child(removed, "all")
        if everything is not None and (everything.text or "").strip() in ("1", "true"):
            result = []
        else:
            for entry in _entries(removed):
                if entry not in result:
                    raise Refused(2303, None, "the domain has no such secDNS data")
                result.remove(entry)
    return result + _entries(child(update, "add"))


def show_secure_data(domain: Domain) -> str:
    """The extension of an info answer; empty if the domain has no such data."""
    if not domain.secure_data:
        return ""
    return '<secDNS:infData xmlns:secDNS="{}">{}</secDNS:infData>'.format(
        SECDNS, "".join(domain.secure_data)
    )
