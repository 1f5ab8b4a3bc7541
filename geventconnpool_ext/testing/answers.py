"""Answers: from what the registry decided to the octets of one message.

Everything is put together from strings that are escaped here, in the order the
schemas of RFC 5730 to 5733 ask for; nothing is validated at run time.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Iterable, List, Optional, Tuple
from xml.sax.saxutils import escape, quoteattr

from .codes import EPP, EXTENSIONS, MESSAGES, OBJECTS
from .requests import Refused, to_text

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Answer", "date", "element", "greeting", "optional", "refusal"]

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<epp xmlns="%s">' % EPP
_TAIL = "</epp>"

_MENU = (
    "<svcMenu><version>1.0</version><lang>en</lang>"
    + "".join("<objURI>{}</objURI>".format(uri) for uri in sorted(OBJECTS))
    + "<svcExtension>"
    + "".join("<extURI>{}</extURI>".format(uri) for uri in EXTENSIONS)
    + "</svcExtension></svcMenu>"
)
_POLICY = (
    "<dcp><access><all/></access><statement><purpose><admin/><prov/></purpose>"
    "<recipient><ours/><public/></recipient><retention><stated/></retention>"
    "</statement></dcp>"
)


class Answer:
    """What the registry answers to one command.

    Arguments: the result *code*; *data*, the content of ``<resData>``;
    *extension*, the content of ``<extension>``; *queue*, the ``<msgQ>``
    element; *values*, ``<value>`` or ``<extValue>`` elements; *effect*, what
    the command changed, empty if nothing.
    """

    __slots__ = ("code", "data", "effect", "extension", "queue", "values")

    def __init__(
        self,
        code: int = 1000,
        data: str = "",
        *,
        extension: str = "",
        queue: str = "",
        values: str = "",
        effect: str = "",
    ) -> None:
        self.code: int = code
        self.data: str = data
        self.extension: str = extension
        self.queue: str = queue
        self.values: str = values
        self.effect: str = effect

    def render(self, cl_tr_id: Optional[str], sv_tr_id: str) -> bytes:
        """The message, without its length."""
        parts: List[str] = [
            _HEAD,
            '<response><result code="%d"><msg>%s</msg>'
            % (self.code, MESSAGES[self.code]),
            self.values,
            "</result>",
            self.queue,
        ]
        if self.data:
            parts += ("<resData>", self.data, "</resData>")
        if self.extension:
            parts += ("<extension>", self.extension, "</extension>")
        parts.append("<trID>")
        if cl_tr_id is not None:
            parts += ("<clTRID>", escape(cl_tr_id), "</clTRID>")
        parts += ("<svTRID>", sv_tr_id, "</svTRID></trID></response>", _TAIL)
        return "".join(parts).encode("utf-8")


def greeting(server_name: str, now: datetime) -> bytes:
    """The greeting of RFC 5730 section 2.4, without its length."""
    return "".join(
        (
            _HEAD,
            "<greeting><svID>",
            escape(server_name),
            "</svID><svDate>",
            date(now),
            "</svDate>",
            _MENU,
            _POLICY,
            "</greeting>",
            _TAIL,
        )
    ).encode("utf-8")


def refusal(refused: Refused) -> Answer:
    """The answer that says what *refused* says."""
    values = ""
    if refused.element is not None:
        shown = to_text(refused.element)
        values = "<value>{}</value>".format(shown)
        if refused.reason:
            values = "<extValue>{}<reason>{}</reason></extValue>".format(
                values, escape(refused.reason)
            )
    elif refused.reason:
        values = (
            "<extValue><value><undef/></value><reason>{}</reason></extValue>".format(
                escape(refused.reason)
            )
        )
    return Answer(refused.code, values=values)


def date(moment: datetime) -> str:
    """*moment*, which is in UTC, as an XML dateTime."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (
        moment.microsecond // 1000
    )


def element(
    tag: str, content: str = "", attributes: Iterable[Tuple[str, str]] = ()
) -> str:
    """One element with *content* as text and its attributes, escaped."""
    shown = "".join(" {}={}".format(key, quoteattr(value)) for key, value in attributes)
    if not content:
        return "<{}{}/>".format(tag, shown)
    return "<{}{}>{}</{}>".format(tag, shown, escape(content), tag)


def optional(tag: str, content: Any) -> str:
    """Like ``element``; nothing for None or an empty string."""
    if isinstance(content, datetime):
        content = date(content)
    return element(tag, content) if content else ""
