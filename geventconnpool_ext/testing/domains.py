"""Domain commands of RFC 5731, transfers aside."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, List, Optional, Tuple

from .answers import Answer, date, element, optional
from .codes import DOMAIN
from .dnssec import created_secure_data, show_secure_data, updated_secure_data
from .objects import Domain, add_months
from .repository import Repository, name_element, prohibit, secret_matches
from .requests import Refused, Request, child, children, required, text
from .statuses import change_statuses, prohibit_update, show_statuses

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["check", "create", "delete", "info", "period", "renew", "update"]

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
HOST_NAME = re.compile(r"(?=.{{1,253}}\Z){0}(\.{0})+".format(_LABEL))
_OPEN = '<domain:{} xmlns:domain="' + DOMAIN + '">'
_CONTACT_TYPES = frozenset(("admin", "billing", "tech"))
_LONGEST = 120
"""Most months a domain may be registered for."""


def check(repository: Repository, client_id: str, request: Request) -> Answer:
    """Say of each name whether it can be registered."""
    assert request.body is not None
    names = children(request.body, "name")
    if not names:
        raise Refused(2003, None, "<name> is required")
    parts = [_OPEN.format("chkData")]
    for entry in names:
        name = (entry.text or "").strip()
        reason = _unavailable(repository, name.lower())
        available = "0" if reason else "1"
        parts.append("<domain:cd>")
        parts.append(element("domain:name", name, (("avail", available),)))
        parts.append(optional("domain:reason", reason))
        parts.append("</domain:cd>")
    parts.append("</domain:chkData>")
    return Answer(1000, "".join(parts))


def _unavailable(repository: Repository, name: str) -> str:
    if not HOST_NAME.fullmatch(name):
        return "Not a name"
    if not _in_zones(repository, name):
        return "Not in a zone of this registry"
    return "In use" if name in repository.domains else ""


def _in_zones(repository: Repository, name: str) -> bool:
    zones = repository.zones
    return zones is None or name.partition(".")[2] in zones


def info(repository: Repository, client_id: str, request: Request) -> Answer:
    """Show a domain; contacts and authInfo only to who may see them."""
    domain = repository.domain(request)
    assert request.body is not None
    matches = secret_matches(request.body, domain.auth_info)
    if matches is False:
        raise Refused(2202, name_element(request), "the authInfo is wrong")
    entitled = bool(matches) or client_id == domain.sponsor
    which = child(request.body, "name")
    hosts = "all" if which is None else which.get("hosts", "all")
    if hosts not in ("all", "del", "sub", "none"):
        raise Refused(2004, which, "hosts is all, del, sub or none")
    parts = [
        _OPEN.format("infData"),
        element("domain:name", domain.name),
        element("domain:roid", domain.roid),
        show_statuses("domain", domain, () if domain.ns else ("inactive",)),
    ]
    if entitled:
        parts.append(optional("domain:registrant", domain.registrant))
        for kind, contact in domain.contacts:
            parts.append(element("domain:contact", contact, (("type", kind),)))
    if domain.ns and hosts in ("all", "del"):
        parts.append("<domain:ns>")
        parts += [element("domain:hostObj", host) for host in domain.ns]
        parts.append("</domain:ns>")
    if hosts in ("all", "sub"):
        parts += [element("domain:host", host) for host in sorted(domain.hosts)]
    parts += (
        element("domain:clID", domain.sponsor),
        element("domain:crID", domain.creator),
        element("domain:crDate", date(domain.created)),
        optional("domain:upID", domain.updater),
        optional("domain:upDate", domain.updated),
        element("domain:exDate", date(domain.expires)),
        optional("domain:trDate", domain.transferred),
    )
    if entitled:
        secret = element("domain:pw", domain.auth_info)
        parts += ("<domain:authInfo>", secret, "</domain:authInfo>")
    parts.append("</domain:infData>")
    return Answer(1000, "".join(parts), extension=show_secure_data(domain))


def create(repository: Repository, client_id: str, request: Request) -> Answer:
    """Register a domain."""
    assert request.body is not None
    body, name = request.body, request.name
    if not name:
        raise Refused(2003, None, "<name> is required")
    if not HOST_NAME.fullmatch(name):
        raise Refused(2005, child(body, "name"), "not a domain name")
    if not _in_zones(repository, name):
        raise Refused(2306, child(body, "name"), "not in a zone of this registry")
    if name in repository.domains:
        raise Refused(2302, child(body, "name"), "it is registered")
    months = period(body)
    ns = _name_servers(repository, child(body, "ns"))
    registrant = _registrant(repository, body)
    contacts = _contacts(repository, body)
    secret = _secret(body, needed=True)
    secure_data = created_secure_data(request)
    now = repository.now()
    domain = Domain(
        name, repository.next_roid("D"), client_id, now, add_months(now, months), secret
    )
    domain.secure_data = secure_data
    repository.domains[name] = domain
    _link(repository, domain, registrant, contacts, ns)
    for host in repository.hosts.values():
        if host.superordinate is None and repository.superordinate(host.name) is domain:
            host.superordinate = name
            domain.hosts.add(host.name)
    data = "".join(
        (
            _OPEN.format("creData"),
            element("domain:name", name),
            element("domain:crDate", date(now)),
            element("domain:exDate", date(domain.expires)),
            "</domain:creData>",
        )
    )
    return Answer(1000, data, effect="created")


def delete(repository: Repository, client_id: str, request: Request) -> Answer:
    """Remove a domain that has no hosts below it."""
    domain = repository.domain(request)
    repository.own(domain, client_id, request)
    prohibit(domain, request, "Delete")
    if domain.hosts:
        raise Refused(2305, name_element(request), "there are hosts below it")
    _link(repository, domain, "", [], [])
    del repository.domains[domain.name]
    return Answer(1000, effect="deleted")


def renew(repository: Repository, client_id: str, request: Request) -> Answer:
    """Register a domain for longer; ``curExpDate`` guards against doing it twice."""
    domain = repository.domain(request)
    repository.own(domain, client_id, request)
    assert request.body is not None
    expected = required(request.body, "curExpDate")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", expected):
        raise Refused(2005, child(request.body, "curExpDate"), "not a date")
    months = period(request.body)
    prohibit(domain, request, "Renew")
    if expected != domain.expires.strftime("%Y-%m-%d"):
        element_ = child(request.body, "curExpDate")
        raise Refused(2306, element_, "it does not expire on this day")
    expires = add_months(domain.expires, months)
    # A day of grace: 'ten years from now' may be asked for around midnight.
    if expires > add_months(repository.now(), _LONGEST) + timedelta(days=1):
        raise Refused(2105, name_element(request), "ten years is the most")
    domain.expires = expires
    repository.touch(domain, client_id)
    data = "".join(
        (
            _OPEN.format("renData"),
            element("domain:name", domain.name),
            element("domain:exDate", date(expires)),
            "</domain:renData>",
        )
    )
    return Answer(1000, data, effect="renewed to " + expires.strftime("%Y-%m-%d"))


def update(repository: Repository, client_id: str, request: Request) -> Answer:
    """Change name servers, contacts, statuses, registrant, authInfo, DS data."""
    domain = repository.domain(request)
    repository.own(domain, client_id, request)
    assert request.body is not None
    added, removed, changed = (
        child(request.body, part) for part in ("add", "rem", "chg")
    )
    if added is None and removed is None and changed is None:
        if not request.extensions:
            raise Refused(2003, None, "<add>, <rem> or <chg> is required")
    prohibit_update(domain, request)
    statuses = change_statuses(domain, request, added, removed)
    ns, contacts = list(domain.ns), list(domain.contacts)
    if removed is not None:
        for host in _host_names(child(removed, "ns")):
            if host not in ns:
                raise Refused(2303, child(removed, "ns"), "not a name server of it")
            ns.remove(host)
        for pair in _contact_pairs(removed):
            if pair not in contacts:
                raise Refused(2303, child(removed, "contact"), "not a contact of it")
            contacts.remove(pair)
    if added is not None:
        for host in _name_servers(repository, child(added, "ns")):
            if host in ns:
                raise Refused(2306, child(added, "ns"), "already a name server of it")
            ns.append(host)
        for pair in _contacts(repository, added):
            if pair in contacts:
                raise Refused(2306, child(added, "contact"), "already a contact of it")
            contacts.append(pair)
    registrant, secret = domain.registrant, domain.auth_info
    if changed is not None:
        if child(changed, "registrant") is not None:
            registrant = _registrant(repository, changed)
        secret = _secret(changed, needed=False) or secret
    domain.secure_data = updated_secure_data(request, domain.secure_data)
    domain.statuses = statuses
    domain.auth_info = secret
    _link(repository, domain, registrant, contacts, ns)
    repository.touch(domain, client_id)
    return Answer(1000, effect="updated")


def period(body: _Element) -> int:
    """The months in ``<period>``; twelve if there is none."""
    entry = child(body, "period")
    if entry is None:
        return 12
    unit = entry.get("unit", "y")
    number = (entry.text or "").strip()
    if unit not in ("y", "m") or not re.fullmatch("[0-9]{1,3}", number):
        raise Refused(2005, entry, "a period is a number of years or months")
    months = int(number) * (12 if unit == "y" else 1)
    if not 1 <= months <= _LONGEST:
        raise Refused(2004, entry, "from one month to ten years")
    return months


def _secret(body: _Element, needed: bool) -> str:
    auth_info = child(body, "authInfo")
    secret = None if auth_info is None else text(auth_info, "pw")
    if needed and not secret:
        raise Refused(2003, None, "<authInfo> with <pw> is required")
    return secret or ""


def _host_names(ns: Optional[_Element]) -> List[str]:
    if ns is None:
        return []
    if children(ns, "hostAttr"):
        raise Refused(2102, None, "name servers are host objects here")
    return [(entry.text or "").strip().lower() for entry in children(ns, "hostObj")]


def _name_servers(repository: Repository, ns: Optional[_Element]) -> List[str]:
    names = _host_names(ns)
    for name in names:
        if name not in repository.hosts:
            raise Refused(2303, None, "no such host: " + name)
    if len(set(names)) != len(names):
        raise Refused(2306, None, "a host is named twice")
    return names


def _registrant(repository: Repository, body: _Element) -> str:
    name = (text(body, "registrant") or "").lower()
    if name and name not in repository.contacts:
        raise Refused(2303, child(body, "registrant"), "no such contact")
    return name


def _contact_pairs(body: _Element) -> List[Tuple[str, str]]:
    pairs = []
    for entry in children(body, "contact"):
        kind = str(entry.get("type", ""))
        if kind not in _CONTACT_TYPES:
            raise Refused(2004, entry, "the type is admin, billing or tech")
        pairs.append((kind, (entry.text or "").strip().lower()))
    return pairs


def _contacts(repository: Repository, body: _Element) -> List[Tuple[str, str]]:
    pairs = _contact_pairs(body)
    for _, name in pairs:
        if name not in repository.contacts:
            raise Refused(2303, None, "no such contact: " + name)
    return pairs


def _link(
    repository: Repository,
    domain: Domain,
    registrant: str,
    contacts: List[Tuple[str, str]],
    ns: List[str],
) -> None:
    """Let the domain use exactly these, and the objects know of it."""
    before = {name for _, name in domain.contacts} | {domain.registrant}
    after = {name for _, name in contacts} | {registrant}
    for name in before - after - {""}:
        repository.contacts[name].links.discard(domain.name)
    for name in after - before - {""}:
        repository.contacts[name].links.add(domain.name)
    for name in set(domain.ns) - set(ns):
        repository.hosts[name].links.discard(domain.name)
    for name in set(ns) - set(domain.ns):
        repository.hosts[name].links.add(domain.name)
    domain.registrant, domain.contacts, domain.ns = registrant, contacts, ns
