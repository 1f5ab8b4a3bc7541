"""Contact commands of RFC 5733, transfers aside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from .answers import Answer, date, element, optional
from .codes import CONTACT
from .objects import Address, Contact, Phone, PostalInfo
from .repository import Repository, name_element, prohibit, secret_matches
from .requests import Refused, Request, child, children, required, text
from .statuses import change_statuses, prohibit_update, show_statuses

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["check", "create", "delete", "info", "update"]

_OPEN = '<contact:{} xmlns:contact="' + CONTACT + '">'
_NUMBER = re.compile(r"(\+[0-9]{1,3}\.[0-9]{1,14})?")
_DISCLOSED = frozenset(("name", "org", "addr", "voice", "fax", "email"))


def check(repository: Repository, client_id: str, request: Request) -> Answer:
    """Say of each id whether a contact can be created."""
    assert request.body is not None
    ids = children(request.body, "id")
    if not ids:
        raise Refused(2003, None, "<id> is required")
    parts = [_OPEN.format("chkData")]
    for entry in ids:
        name = (entry.text or "").strip()
        if not 3 <= len(name) <= 16:
            raise Refused(2005, entry, "an id has 3 to 16 characters")
        used = name.lower() in repository.contacts
        parts.append("<contact:cd>")
        parts.append(element("contact:id", name, (("avail", "0" if used else "1"),)))
        parts.append("<contact:reason>In use</contact:reason>" if used else "")
        parts.append("</contact:cd>")
    parts.append("</contact:chkData>")
    return Answer(1000, "".join(parts))


def info(repository: Repository, client_id: str, request: Request) -> Answer:
    """Show a contact to its sponsor, or to who knows its authInfo."""
    contact = repository.contact(request)
    assert request.body is not None
    matches = secret_matches(request.body, contact.auth_info)
    if matches is False:
        raise Refused(2202, name_element(request), "the authInfo is wrong")
    if not matches and client_id != contact.sponsor:
        raise Refused(2201, name_element(request), "another client sponsors it")
    parts = [
        _OPEN.format("infData"),
        element("contact:id", contact.name),
        element("contact:roid", contact.roid),
        show_statuses("contact", contact, ("linked",) if contact.links else ()),
    ]
    parts += [_show_postal(kind, info) for kind, info in contact.postal.items()]
    parts += (
        _show_phone("contact:voice", contact.voice),
        _show_phone("contact:fax", contact.fax),
        element("contact:email", contact.email),
        element("contact:clID", contact.sponsor),
        element("contact:crID", contact.creator),
        element("contact:crDate", date(contact.created)),
        optional("contact:upID", contact.updater),
        optional("contact:upDate", contact.updated),
        optional("contact:trDate", contact.transferred),
        "<contact:authInfo>",
        element("contact:pw", contact.auth_info),
        "</contact:authInfo>",
        _show_disclose(contact),
        "</contact:infData>",
    )
    return Answer(1000, "".join(parts))


def create(repository: Repository, client_id: str, request: Request) -> Answer:
    """Create a contact."""
    assert request.body is not None
    body, name = request.body, request.name
    if not name:
        raise Refused(2003, None, "<id> is required")
    if not 3 <= len(name) <= 16:
        raise Refused(2005, child(body, "id"), "an id has 3 to 16 characters")
    if name in repository.contacts:
        raise Refused(2302, child(body, "id"), "the contact exists")
    postal = _postal(body, {})
    if not postal:
        raise Refused(2003, None, "<postalInfo> is required")
    email = required(body, "email")
    auth_info = child(body, "authInfo")
    if auth_info is None:
        raise Refused(2003, None, "<authInfo> is required")
    secret = required(auth_info, "pw")
    voice, fax = _phone(body, "voice"), _phone(body, "fax")
    disclose = _disclose(body)
    now = repository.now()
    contact = Contact(name, repository.next_roid("C"), client_id, now, secret)
    contact.postal, contact.email = postal, email
    contact.voice, contact.fax, contact.disclose = voice, fax, disclose
    repository.contacts[name] = contact
    data = "".join(
        (
            _OPEN.format("creData"),
            element("contact:id", name),
            element("contact:crDate", date(now)),
            "</contact:creData>",
        )
    )
    return Answer(1000, data, effect="created")


def delete(repository: Repository, client_id: str, request: Request) -> Answer:
    """Remove a contact that no domain uses."""
    contact = repository.contact(request)
    repository.own(contact, client_id, request)
    prohibit(contact, request, "Delete")
    if contact.links:
        raise Refused(2305, name_element(request), "domains use it")
    del repository.contacts[contact.name]
    return Answer(1000, effect="deleted")


def update(repository: Repository, client_id: str, request: Request) -> Answer:
    """Change statuses and data; what is not named stays."""
    contact = repository.contact(request)
    repository.own(contact, client_id, request)
    assert request.body is not None
    added, removed, changed = (
        child(request.body, part) for part in ("add", "rem", "chg")
    )
    if added is None and removed is None and changed is None:
        raise Refused(2003, None, "<add>, <rem> or <chg> is required")
    prohibit_update(contact, request)
    statuses = change_statuses(contact, request, added, removed)
    if changed is not None:
        postal = _postal(changed, contact.postal)
        voice = _phone(changed, "voice") or contact.voice
        fax = _phone(changed, "fax") or contact.fax
        email = text(changed, "email") or contact.email
        auth_info = child(changed, "authInfo")
        secret = contact.auth_info
        if auth_info is not None:
            secret = required(auth_info, "pw")
        contact.disclose = _disclose(changed) or contact.disclose
        contact.postal, contact.email, contact.auth_info = postal, email, secret
        contact.voice, contact.fax = voice, fax
    contact.statuses = statuses
    repository.touch(contact, client_id)
    return Answer(1000, effect="updated")


def _postal(body: _Element, present: Dict[str, PostalInfo]) -> Dict[str, PostalInfo]:
    """The postal infos after *body* was applied to the *present* ones."""
    result = dict(present)
    for entry in children(body, "postalInfo"):
        kind = str(entry.get("type", ""))
        if kind not in ("int", "loc"):
            raise Refused(2004, None, "the type of postalInfo is int or loc")
        old = result.get(kind)
        address = child(entry, "addr")
        if old is None or address is not None:
            if address is None:
                raise Refused(2003, None, "<addr> is required")
            shown = _address(address)
        else:
            shown = old.address
        if old is None:
            result[kind] = PostalInfo(
                required(entry, "name"), text(entry, "org") or "", shown
            )
        else:
            organization = text(entry, "org")
            result[kind] = PostalInfo(
                text(entry, "name") or old.name,
                old.organization if organization is None else organization,
                shown,
            )
    return result


def _address(entry: _Element) -> Address:
    streets = children(entry, "street")
    if len(streets) > 3:
        raise Refused(2001, None, "three lines of street at most")
    country = required(entry, "cc")
    if len(country) != 2:
        raise Refused(2005, child(entry, "cc"), "a country has two letters")
    return Address(
        tuple((street.text or "").strip() for street in streets),
        required(entry, "city"),
        text(entry, "sp") or "",
        text(entry, "pc") or "",
        country,
    )


def _phone(body: _Element, name: str) -> Optional[Phone]:
    entry = child(body, name)
    if entry is None:
        return None
    number = (entry.text or "").strip()
    if not _NUMBER.fullmatch(number) or len(number) > 17:
        raise Refused(2005, entry, "a number is written +1.7035555555")
    return Phone(number, str(entry.get("x", "")))


def _disclose(
    body: _Element,
) -> Optional[Tuple[str, Tuple[Tuple[str, str], ...]]]:
    entry = child(body, "disclose")
    if entry is None:
        return None
    flag = str(entry.get("flag", ""))
    if flag not in ("0", "1", "true", "false"):
        raise Refused(2004, None, "the flag of disclose is 0 or 1")
    parts: List[Tuple[str, str]] = []
    for part in entry:
        name = part.tag.partition("}")[2]
        if name not in _DISCLOSED:
            raise Refused(2001, None, "unexpected element in <disclose>")
        parts.append((name, str(part.get("type", ""))))
    return flag, tuple(parts)


def _show_postal(kind: str, info: PostalInfo) -> str:
    address = info.address
    parts = [
        '<contact:postalInfo type="%s">' % kind,
        element("contact:name", info.name),
        optional("contact:org", info.organization),
        "<contact:addr>",
    ]
    parts += [element("contact:street", street) for street in address.street]
    parts += (
        element("contact:city", address.city),
        optional("contact:sp", address.province),
        optional("contact:pc", address.postal_code),
        element("contact:cc", address.country),
        "</contact:addr></contact:postalInfo>",
    )
    return "".join(parts)


def _show_phone(tag: str, phone: Optional[Phone]) -> str:
    if phone is None:
        return ""
    return element(
        tag, phone.number, (("x", phone.extension),) if phone.extension else ()
    )


def _show_disclose(contact: Contact) -> str:
    if contact.disclose is None:
        return ""
    flag, parts = contact.disclose
    shown = "".join(
        element("contact:" + name, "", (("type", kind),) if kind else ())
        for name, kind in parts
    )
    return '<contact:disclose flag="{}">{}</contact:disclose>'.format(flag, shown)
