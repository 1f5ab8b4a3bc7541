"""XML as EPP needs it: parsed safely, and nothing else.

What a registry sends is not trusted: no entities, no DTD, no network, bounded
depth, UTF-8 only. What a message means is for ``requests`` and ``answers``.

Needs lxml, which the extra ``epp`` brings.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from .errors import EPPError

try:
    from lxml import etree
except ImportError as _missing:
    raise ImportError(
        f"geventconnpool_ext.epp needs lxml, which cannot be imported ({_missing}): "
        f'pip install "geventconnpool_ext[epp]"'
    ) from _missing

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = [
    "CONTACT",
    "DOMAIN",
    "EPP",
    "HOST",
    "MAXIMUM",
    "append",
    "children",
    "contents_of",
    "expressible",
    "local_name",
    "namespace",
    "parse",
    "serialize",
    "text_of",
]

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"

_INEXPRESSIBLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MAXIMUM = 64 * 1024 * 1024
"""Most octets ever parsed. Framing bounds what is received long before this."""

# The encoding is given, so a declaration in the document cannot choose one in
# which a DOCTYPE would be spelt so that _has_doctype does not see it.
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)


def _has_doctype(data: bytes) -> bool:
    """Whether a DOCTYPE stands before the root element."""
    position = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while True:
        while data[position : position + 1] in (b" ", b"\t", b"\r", b"\n"):
            position += 1
        for opening, closing in ((b"<?", b"?>"), (b"<!--", b"-->")):
            if data.startswith(opening, position):
                end = data.find(closing, position + len(opening))
                if end < 0:
                    return False
                position = end + len(closing)
                break
        else:
            return data.startswith(b"<!", position)


def parse(data: bytes) -> Element:
    """Return the root element of *data*.

    Raises ``EPPError`` for whatever is not well-formed, plain UTF-8 XML. The
    error says what is wrong and where, never what the document holds.
    """
    if len(data) > MAXIMUM:
        raise EPPError(f"XML of {len(data)} octets, above the limit of {MAXIMUM}")
    if b"\x00" in data:
        raise EPPError("not UTF-8 XML: it contains a NUL octet")
    if _has_doctype(data):
        raise EPPError(
            "XML with a DOCTYPE, which EPP does not use and may be an attack"
        )
    problem: Optional[str] = None
    root: Optional[Element] = None
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        # Its text can quote the document, which can hold a password.
        line, column = error.position
        entry: Any = getattr(error.error_log, "last_error", None)
        name = entry.type_name if entry is not None else "empty"
        problem = f"not well-formed XML ({name} at line {line}, column {column})"
    except ValueError:
        problem = "not well-formed XML"
    # Raised here, not above, so that the error has no context to print.
    if root is None:
        raise EPPError(problem or "not well-formed XML (no root element)")
    if root.getroottree().docinfo.internalDTD is not None:
        raise EPPError(
            "XML with a DOCTYPE, which EPP does not use and may be an attack"
        )
    return root


def serialize(root: Element) -> bytes:
    """Return the document of *root* as UTF-8 with an XML declaration."""
    return bytes(
        etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=False)
    )


def expressible(text: str) -> bool:
    """Whether XML can express *text*: no control characters, no lone surrogates."""
    return _INEXPRESSIBLE.search(text) is None


def append(parent: Element, name: str, space: str = EPP) -> Element:
    """Return a new last child of *parent*, written without a prefix of its own."""
    return etree.SubElement(parent, f"{{{space}}}{name}")


def children(element: Element) -> List[Element]:
    """The child elements, without entity references."""
    return list(element.iterchildren("*"))


def namespace(element: Element) -> str:
    """The namespace URI of *element*, or an empty string."""
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def local_name(element: Element) -> str:
    """The name of *element* without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Optional[Element]) -> str:
    """All text inside *element* with whitespace collapsed, as ``xs:token``."""
    if element is None:
        return ""
    # Nearly always there is nothing but text in it.
    text = "".join(map(str, element.itertext())) if len(element) else element.text
    return " ".join(text.split()) if text else ""


def contents_of(root: Element, elements: Sequence[Element]) -> Dict[Element, str]:
    """What stands inside each of *elements*, as XML text.

    They are in *root* in this order, none inside another. A prefix may be declared
    further out: to repeat the declarations in each text would let a small document
    make a huge one of namespaces times elements.
    """
    if not elements:
        return {}
    # One look at the document, whatever is in it. What came in before the mark was
    # made up cannot hold it.
    mark = uuid.uuid4().hex
    before = []
    for element in elements:
        last = element[-1] if len(element) else None
        tail = None if last is None else last.tail
        before.append((element, element.text, last, tail))
    try:
        for element, text, last, tail in before:
            element.text = mark + (text or "")
            if last is None:
                element.text += mark
            else:
                last.tail = (tail or "") + mark
        parts = etree.tostring(root, encoding="unicode").split(mark)
    finally:
        for element, text, last, tail in before:
            element.text = text
            if last is not None:
                last.tail = tail
    return dict(zip(elements, map(str.strip, parts[1::2])))
