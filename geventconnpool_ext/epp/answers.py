"""What a registry sends: answers and greetings, read from their XML.

``parse`` raises ``EPPError`` and nothing else, whatever it is given. What an
answer means for the session that received it is in ``results``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Tuple, Union

from . import xml
from .errors import EPPError
from .results import success

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from .requests import RequestKind

__all__ = [
    "Answer",
    "ExtValue",
    "Greeting",
    "Result",
    "UnexpectedAnswer",
    "require_match",
    "parse",
]

PREFIXES = {
    "epp": xml.EPP,
    "domain": xml.DOMAIN,
    "contact": xml.CONTACT,
    "host": xml.HOST,
    "secDNS": "urn:ietf:params:xml:ns:secDNS-1.1",
    "rgp": "urn:ietf:params:xml:ns:rgp-1.0",
    "loginSec": "urn:ietf:params:xml:ns:epp:loginSec-1.0",
}
"""The prefixes that paths given to ``Answer.find`` may use."""

_CODE = re.compile(r"[12][0-9]{3}\Z")


def _tag(name: str) -> str:
    return f"{{{xml.EPP}}}{name}"


_EPP, _GREETING, _RESPONSE = map(_tag, ("epp", "greeting", "response"))
_RESULT, _RES_DATA, _EXTENSION = map(_tag, ("result", "resData", "extension"))
_TR_ID, _CL_TR_ID, _SV_TR_ID = map(_tag, ("trID", "clTRID", "svTRID"))
_MSG, _VALUE, _EXT_VALUE, _REASON = map(_tag, ("msg", "value", "extValue", "reason"))


class UnexpectedAnswer(EPPError):
    """A well-formed answer, but not to what was sent.

    Arguments: *code* and *msg* of that answer; 0 and empty for a greeting.
    """

    def __init__(self, message: str, code: int = 0, msg: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.msg = msg


class ExtValue(NamedTuple):
    """An ``<extValue>``: what was wrong, as XML text, and why (5730, 2.6)."""

    value: str
    reason: str
    lang: str

    def __repr__(self) -> str:
        # The value echoes the client's own data, which can be an authInfo.
        return f"ExtValue(reason={self.reason!r})"


class Result:
    """One ``<result>`` of an answer."""

    __slots__ = ("code", "ext_values", "lang", "msg", "values")

    def __init__(
        self,
        code: int,
        msg: str,
        lang: str = "en",
        values: Tuple[str, ...] = (),
        ext_values: Tuple[ExtValue, ...] = (),
    ) -> None:
        self.code: int = code
        self.msg: str = msg
        self.lang: str = lang
        self.values: Tuple[str, ...] = values
        """The ``<value>`` elements, each as XML text. A prefix in it may be declared
        outside of it, in the answer."""
        self.ext_values: Tuple[ExtValue, ...] = ext_values
        """The ``<extValue>`` elements."""

    def __repr__(self) -> str:
        return f"Result({self.code}, {self.msg!r})"


class Answer:
    """A ``<response>``.

    ``code`` and ``msg`` are those of the first of ``results``; ``cl_tr_id`` and
    ``sv_tr_id`` are None where the registry sent none; ``xml`` is the answer as
    received. It pickles and copies by way of ``xml``.
    """

    __slots__ = ("_root", "cl_tr_id", "results", "sv_tr_id", "xml")

    def __init__(
        self,
        data: bytes,
        root: Element,
        results: Tuple[Result, ...],
        cl_tr_id: Optional[str],
        sv_tr_id: Optional[str],
    ) -> None:
        self.xml: bytes = data
        self._root = root
        self.results: Tuple[Result, ...] = results
        self.cl_tr_id: Optional[str] = cl_tr_id
        self.sv_tr_id: Optional[str] = sv_tr_id

    @property
    def code(self) -> int:
        """The first result's code."""
        return self.results[0].code

    @property
    def msg(self) -> str:
        """The first result's text for humans."""
        return self.results[0].msg

    @property
    def success(self) -> bool:
        """Whether the command was executed or accepted (1xxx)."""
        return success(self.code)

    @property
    def element(self) -> Element:
        """The ``<response>`` element (lxml); do not change it."""
        return self._root[0]

    @property
    def message_count(self) -> int:
        """How many poll messages are waiting, 0 if the answer does not say."""
        count = self._queue("count")
        return int(count) if count.isdecimal() and len(count) < 19 else 0

    @property
    def message_id(self) -> Optional[str]:
        """The id to acknowledge with ``PollAck``, or None."""
        return self._queue("id") or None

    def find(self, path: str) -> Optional[Element]:
        """Return the first element at *path* in resData, else extension, or None.

        *path* is an ElementPath with the prefixes in ``PREFIXES`` or with
        ``{namespace}``: ``"domain:infData/domain:exDate"``.
        """
        found = self.find_all(path)
        return found[0] if found else None

    def find_text(self, path: str) -> Optional[str]:
        """Return the text of ``find(path)``, or None."""
        found = self.find(path)
        return None if found is None else xml.text_of(found)

    def find_all(self, path: str) -> List[Element]:
        """Return every element at *path* in resData, then in extension."""
        found: List[Element] = []
        for part in self.element:
            if part.tag in (_RES_DATA, _EXTENSION):
                found.extend(part.findall(path, PREFIXES))
        return found

    def _queue(self, name: str) -> str:
        queue = self.element.find("epp:msgQ", PREFIXES)
        return "" if queue is None else str(queue.get(name, "")).strip()

    def __repr__(self) -> str:
        return (
            f"<Answer {self.code} {self.msg!r}, clTRID {self.cl_tr_id}, "
            f"svTRID {self.sv_tr_id}>"
        )

    def __reduce__(self) -> Tuple[Any, ...]:
        return parse, (self.xml,)


class Greeting(NamedTuple):
    """A ``<greeting>``: what the registry offers (RFC 5730 section 2.4)."""

    server_id: str
    """The registry's name for itself."""
    server_date: str
    """Its clock, as it wrote it; an empty string if it did not."""
    versions: Tuple[str, ...]
    """Protocol versions."""
    languages: Tuple[str, ...]
    """Languages of its texts."""
    obj_uris: Tuple[str, ...]
    """Objects it manages."""
    ext_uris: Tuple[str, ...]
    """Extensions it offers."""
    xml: bytes
    """The greeting as received."""

    def __repr__(self) -> str:
        return f"<Greeting of {self.server_id!r}, {len(self.obj_uris)} objects>"


def parse(data: bytes) -> Union[Answer, Greeting]:
    """Return the answer or greeting in *data*, one message without its length.

    Raises ``EPPError``, which says what is wrong without quoting *data*.
    """
    root = xml.parse(data)
    if root.tag != _EPP:
        raise EPPError(f"not an EPP message: its root is not <epp> in {xml.EPP}")
    inside = xml.children(root)
    tag = inside[0].tag if len(inside) == 1 else None
    if tag == _RESPONSE:
        return _answer(data, root, inside[0])
    if tag == _GREETING:
        return _greeting(data, inside[0])
    raise EPPError("an EPP message that is neither one greeting nor one response")


def require_match(answer: Any, tr_id: str, kind: RequestKind) -> None:
    """Raise ``UnexpectedAnswer`` unless *answer* is the one to *tr_id*.

    An answer without a clTRID is accepted only where the server may not have
    read ours (2000, 2001), or where it refuses a login: nothing else was sent, and
    a refusal that passed for something else would be tried again.
    """
    if answer.cl_tr_id == tr_id:
        return
    code = answer.code
    if answer.cl_tr_id is None:
        if code in (2000, 2001) or (kind.verb == "login" and code >= 2000):
            return
        which = "without a clTRID"
    else:
        which = "to another command"
    raise UnexpectedAnswer(
        f"an answer {which} came to {kind} (clTRID {tr_id}); this session cannot "
        f"be trusted any more",
        code,
        str(answer.msg),
    )


def _answer(data: bytes, root: Element, response: Element) -> Answer:
    # One look at each element, by its tag: a path costs as much for each search.
    results: List[Result] = []
    contents = xml.contents_of(root, _value_elements(response))
    cl_tr_id: Optional[str] = None
    sv_tr_id: Optional[str] = None
    for child in response:
        if child.tag == _RESULT:
            results.append(_result(child, contents))
        elif child.tag == _TR_ID:
            for part in child:
                if part.tag == _CL_TR_ID and cl_tr_id is None:
                    cl_tr_id = xml.text_of(part)
                elif part.tag == _SV_TR_ID and sv_tr_id is None:
                    sv_tr_id = xml.text_of(part)
    if not results:
        raise EPPError("an EPP response without a result")
    return Answer(data, root, tuple(results), cl_tr_id or None, sv_tr_id or None)


def _value_elements(response: Element) -> List[Element]:
    """Every element whose content a ``Result`` has, in the document's order."""
    found: List[Element] = []
    for result in response.iterchildren(_RESULT):
        for child in result.iterchildren(_VALUE, _EXT_VALUE):
            value = child if child.tag == _VALUE else child.find(_VALUE)
            if value is not None:
                found.append(value)
    return found


def _result(element: Element, contents: Dict[Element, str]) -> Result:
    code = element.get("code")
    if code is None:
        raise EPPError("an EPP response whose result has no code")
    if not _CODE.match(code):
        raise EPPError("an EPP response whose result code is not from 1000 to 2999")
    message: Optional[Element] = None
    values: List[str] = []
    ext_values: List[ExtValue] = []
    for child in element:
        if child.tag == _MSG:
            message = child if message is None else message
        elif child.tag == _VALUE:
            values.append(contents[child])
        elif child.tag == _EXT_VALUE:
            ext_values.append(_ext_value(child, contents))
    return Result(
        int(code),
        xml.text_of(message),
        "en" if message is None else str(message.get("lang", "en")),
        tuple(values),
        tuple(ext_values),
    )


def _ext_value(element: Element, contents: Dict[Element, str]) -> ExtValue:
    value = element.find(_VALUE)
    reason = element.find(_REASON)
    return ExtValue(
        "" if value is None else contents[value],
        xml.text_of(reason),
        "en" if reason is None else str(reason.get("lang", "en")),
    )


def _greeting(data: bytes, greeting: Element) -> Greeting:
    def texts(path: str) -> Tuple[str, ...]:
        return tuple(xml.text_of(found) for found in greeting.findall(path, PREFIXES))

    return Greeting(
        server_id=xml.text_of(greeting.find("epp:svID", PREFIXES)),
        server_date=xml.text_of(greeting.find("epp:svDate", PREFIXES)),
        versions=texts("epp:svcMenu/epp:version"),
        languages=texts("epp:svcMenu/epp:lang"),
        obj_uris=texts("epp:svcMenu/epp:objURI"),
        ext_uris=texts("epp:svcMenu/epp:svcExtension/epp:extURI"),
        xml=data,
    )
