"""What RFC 5730 to 5733 and 5910 allow an answer to look like, told anew.

The RFCs' own schemas are not to be had from a package index, so their content
models stand here, for the answers only. ``problems`` lists what is wrong with a
message; where a directory with the schemas is named by the environment variable
EPP_SCHEMAS, ``schema_problems`` asks them too.
"""

from __future__ import annotations

import functools
import os
import re
from typing import Dict, List, Optional, Tuple

from lxml import etree

NAMESPACES = {
    "urn:ietf:params:xml:ns:epp-1.0": "epp",
    "urn:ietf:params:xml:ns:domain-1.0": "domain",
    "urn:ietf:params:xml:ns:contact-1.0": "contact",
    "urn:ietf:params:xml:ns:host-1.0": "host",
    "urn:ietf:params:xml:ns:secDNS-1.1": "secDNS",
}

_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
_TOKEN = r"\S(.*\S)?"
_ID = r"\S.{1,14}\S"
_NAME = r"\S(.{0,253}\S)?"
_ROID = r"\w{1,80}-\w{1,8}"
_URI = r"urn:\S+"
_AVAILABLE = {"avail": "0|1|true|false"}
_DATES = "crDate upDate exDate trDate reDate acDate qDate svDate"

# Content: '=' before the pattern of a text, else a pattern of child elements, in
# the namespace of the parent unless they say another. Then the attributes, each
# with the pattern of its value; '?' after a name: it may be missing.
_RULES: Dict[str, Tuple[str, Dict[str, str]]] = {
    "epp:epp": ("greeting | response", {}),
    "epp:greeting": ("svID svDate svcMenu dcp", {}),
    "epp:svID": ("=.{3,64}", {}),
    "epp:svcMenu": ("version+ lang+ objURI+ svcExtension?", {}),
    "epp:version": (r"=[1-9]+\.[0-9]+", {}),
    "epp:lang": ("=[a-zA-Z-]+", {}),
    "epp:objURI": ("=" + _URI, {}),
    "epp:svcExtension": ("extURI+", {}),
    "epp:extURI": ("=" + _URI, {}),
    "epp:dcp": ("access statement+ expiry?", {}),
    "epp:access": (
        "all | none | null | other | personal | personalAndOther",
        {},
    ),
    "epp:statement": ("purpose recipient retention", {}),
    "epp:purpose": ("admin? contact? other? prov?", {}),
    "epp:recipient": ("other? ours* public? same? unrelated?", {}),
    "epp:retention": ("business | indefinite | legal | none | stated", {}),
    "epp:ours": ("recDesc?", {}),
    "epp:all": ("", {}),
    "epp:admin": ("", {}),
    "epp:prov": ("", {}),
    "epp:public": ("", {}),
    "epp:stated": ("", {}),
    "epp:response": ("result+ msgQ? resData? extension? trID", {}),
    "epp:result": ("msg ( value | extValue )*", {"code": "[12][0-5][0-9][0-9]"}),
    "epp:extValue": ("value reason", {}),
    "epp:reason": ("=" + _TOKEN, {"lang?": "[a-z-]+"}),
    "epp:msgQ": ("( qDate msg )?", {"count": "[0-9]+", "id": _TOKEN}),
    "epp:msg": ("=" + _TOKEN, {"lang?": "[a-z-]+"}),
    "epp:resData": (
        (
            "domain:chkData | domain:infData | domain:creData | domain:renData"
            " | domain:trnData | contact:chkData | contact:infData | contact:creData"
            " | host:chkData | host:infData | host:creData"
        ),
        {},
    ),
    "epp:extension": ("secDNS:infData", {}),
    "epp:trID": ("clTRID? svTRID", {}),
    "epp:clTRID": ("=.{3,64}", {}),
    "epp:svTRID": ("=.{3,64}", {}),
    "domain:chkData": ("cd+", {}),
    "domain:cd": ("name reason?", {}),
    "domain:infData": (
        (
            "name roid status* registrant? contact* ns? host* clID crID? crDate?"
            " upID? upDate? exDate? trDate? authInfo?"
        ),
        {},
    ),
    "domain:creData": ("name crDate exDate?", {}),
    "domain:renData": ("name exDate?", {}),
    "domain:trnData": ("name trStatus reID reDate acID acDate exDate?", {}),
    "domain:trStatus": (
        (
            "=clientApproved|clientCancelled|clientRejected|pending"
            "|serverApproved|serverCancelled"
        ),
        {},
    ),
    "domain:registrant": ("=" + _ID, {}),
    "domain:contact": ("=" + _ID, {"type": "admin|billing|tech"}),
    "domain:ns": ("hostObj+ | hostAttr+", {}),
    "domain:hostObj": ("=" + _NAME, {}),
    "domain:host": ("=" + _NAME, {}),
    "domain:authInfo": ("pw | ext", {}),
    "contact:chkData": ("cd+", {}),
    "contact:cd": ("id reason?", {}),
    "contact:infData": (
        (
            "id roid status+ postalInfo+ voice? fax? email clID crID crDate upID?"
            " upDate? trDate? authInfo? disclose?"
        ),
        {},
    ),
    "contact:creData": ("id crDate", {}),
    "contact:postalInfo": ("name org? addr", {"type": "int|loc"}),
    "contact:addr": ("( street ( street ( street )? )? )? city sp? pc? cc", {}),
    "contact:voice": (r"=(\+[0-9]{1,3}\.[0-9]{1,14})?", {"x?": ".+"}),
    "contact:fax": (r"=(\+[0-9]{1,3}\.[0-9]{1,14})?", {"x?": ".+"}),
    "contact:cc": ("=..", {}),
    "contact:authInfo": ("pw | ext", {}),
    "contact:disclose": (
        "name* org* addr* voice? fax? email?",
        {"flag": "0|1|true|false"},
    ),
    "host:chkData": ("cd+", {}),
    "host:cd": ("name reason?", {}),
    "host:infData": (
        "name roid status+ addr* clID crID crDate upID? upDate? trDate?",
        {},
    ),
    "host:creData": ("name crDate", {}),
    "host:addr": ("=[0-9a-fA-F.:]{3,45}", {"ip?": "v4|v6"}),
    "secDNS:infData": ("maxSigLife? ( dsData+ | keyData+ )", {}),
    "secDNS:dsData": ("keyTag alg digestType digest keyData?", {}),
    "secDNS:keyData": ("flags protocol alg pubKey", {}),
}
_PROHIBITED = "|".join(
    who + what + "Prohibited"
    for who in ("client", "server")
    for what in ("Delete", "Update", "Transfer")
)
_PENDING = "pendingCreate|pendingDelete|pendingTransfer|pendingUpdate"
_STATUS = {
    "domain": "ok|inactive|clientHold|serverHold|clientRenewProhibited"
    "|serverRenewProhibited|pendingRenew|" + _PENDING + "|" + _PROHIBITED,
    "contact": "ok|linked|" + _PENDING + "|" + _PROHIBITED,
    "host": "ok|linked|" + _PENDING + "|" + _PROHIBITED,
}
for _prefix, _statuses in _STATUS.items():
    _RULES[_prefix + ":status"] = ("=(.*\\S)?", {"s": _statuses, "lang?": "[a-z-]+"})
    _RULES[_prefix + ":roid"] = ("=" + _ROID, {})
    _RULES[_prefix + ":reason"] = ("=.{1,32}", {"lang?": "[a-z-]+"})
    for _tag in ("clID", "crID", "upID", "reID", "acID"):
        _RULES[_prefix + ":" + _tag] = ("=" + _ID, {})
    for _tag in ("name", "pw", "email", "org", "street", "city", "sp", "pc", "id"):
        _RULES["{}:{}".format(_prefix, _tag)] = ("=" + _NAME, {})
for _prefix in NAMESPACES.values():
    for _tag in _DATES.split():
        _RULES["{}:{}".format(_prefix, _tag)] = ("=" + _DATE, {})
for _tag in ("keyTag", "alg", "digestType", "flags", "protocol", "maxSigLife"):
    _RULES["secDNS:" + _tag] = ("=[0-9]+", {})
_RULES["secDNS:digest"] = ("=([0-9a-fA-F]{2})+", {})
_RULES["secDNS:pubKey"] = ("=[A-Za-z0-9+/=\\s]+", {})
# Available or not is an attribute of the name in a check answer only.
_CHECKED = {
    "domain:name": "domain:cd",
    "host:name": "host:cd",
    "contact:id": "contact:cd",
}


@functools.lru_cache(maxsize=None)
def _pattern(content: str, prefix: str) -> re.Pattern[str]:
    """The pattern of the names of the children, each followed by a blank."""

    def name(found: re.Match[str]) -> str:
        tag = found.group()
        return "(?:{} )".format(tag if ":" in tag else prefix + ":" + tag)

    return re.compile(_compact(re.sub(r"[A-Za-z:]+", name, content)))


def _compact(pattern: str) -> str:
    """Drop the blanks that only separate; the one that ends a name stays."""
    return re.sub(r"(?<![A-Za-z]) ", "", pattern)


def _name(tag: str) -> str:
    namespace, _, local = tag[1:].partition("}")
    return "{}:{}".format(NAMESPACES.get(namespace, "?" + namespace), local)


def problems(message: bytes) -> List[str]:
    """What is wrong with this answer or greeting; empty if nothing."""
    found: List[str] = []
    root = etree.fromstring(message)
    if _name(root.tag) != "epp:epp":
        found.append("the root is " + root.tag)
    _check(root, None, found)
    return found


def _check(element: etree._Element, parent: Optional[str], found: List[str]) -> None:
    name = _name(element.tag)
    if name == "epp:value":
        if len(element) != 1:
            found.append("epp:value holds one element, of any kind")
        return
    rule = _RULES.get(name)
    if rule is None:
        found.append("{} in {} is not known".format(name, parent))
        return
    content, attributes = rule
    if _CHECKED.get(name) == parent and parent is not None:
        attributes = _AVAILABLE
    if parent == "contact:disclose":
        content = ""
        attributes = {"type": "int|loc"} if name[8:] in ("name", "org", "addr") else {}
    present = {str(key): str(value) for key, value in element.attrib.items()}
    _check_attributes(name, present, attributes, found)
    if content.startswith("="):
        text = element.text or ""
        if len(element) or not re.fullmatch(content[1:], text, re.S):
            found.append("{} is {!r}".format(name, text))
        return
    if (element.text or "").strip():
        found.append("{} holds text".format(name))
    children = "".join(_name(child.tag) + " " for child in element)
    if not _pattern(content, name.partition(":")[0]).fullmatch(children):
        found.append("{} holds: {}".format(name, children or "nothing"))
    for child in element:
        _check(child, name, found)


def _check_attributes(
    name: str, present: Dict[str, str], rules: Dict[str, str], found: List[str]
) -> None:
    for key, pattern in rules.items():
        value = present.pop(key.rstrip("?"), None)
        if value is None:
            if not key.endswith("?"):
                found.append("{} lacks {}".format(name, key))
        elif not re.fullmatch(pattern, value):
            found.append("{} has {}={!r}".format(name, key, value))
    found += ["{} has an attribute {}".format(name, key) for key in present]


@functools.lru_cache(maxsize=None)
def _schema() -> Optional[etree.XMLSchema]:
    directory = os.environ.get("EPP_SCHEMAS")
    if not directory:
        return None
    imports = "".join(
        '<import namespace="{}" schemaLocation="{}.xsd"/>'.format(
            namespace, os.path.join(directory, namespace.rpartition(":")[2])
        )
        for namespace in NAMESPACES
    )
    return etree.XMLSchema(
        etree.fromstring(
            '<schema xmlns="http://www.w3.org/2001/XMLSchema">{}</schema>'.format(
                imports
            )
        )
    )


def schema_problems(message: bytes) -> List[str]:
    """What the RFCs' schemas say, if they are at hand."""
    schema = _schema()
    if schema is None or schema.validate(etree.fromstring(message)):
        return []
    return str(schema.error_log).splitlines()
