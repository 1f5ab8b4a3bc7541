"""Host commands of RFC 5732."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, List, Optional, Tuple

from .answers import Answer, date, element, optional
from .codes import HOST
from .domains import HOST_NAME
from .objects import Domain, Host
from .repository import Repository, name_element, prohibit
from .requests import Refused, Request, child, children, required
from .statuses import change_statuses, prohibit_update, show_statuses

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["check", "create", "delete", "info", "update"]

_OPEN = '<host:{} xmlns:host="' + HOST + '">'


def check(repository: Repository, client_id: str, request: Request) -> Answer:
    """Say of each name whether a host can be created."""
    assert request.body is not None
    names = children(request.body, "name")
    if not names:
        raise Refused(2003, None, "<name> is required")
    parts = [_OPEN.format("chkData")]
    for entry in names:
        name = (entry.text or "").strip()
        reason = "In use" if name.lower() in repository.hosts else ""
        if not HOST_NAME.fullmatch(name.lower()):
            reason = "Not a name"
        available = "0" if reason else "1"
        parts.append("<host:cd>")
        parts.append(element("host:name", name, (("avail", available),)))
        parts.append(optional("host:reason", reason))
        parts.append("</host:cd>")
    parts.append("</host:chkData>")
    return Answer(1000, "".join(parts))


def info(repository: Repository, client_id: str, request: Request) -> Answer:
    """Show a host."""
    host = repository.host(request)
    parts = [
        _OPEN.format("infData"),
        element("host:name", host.name),
        element("host:roid", host.roid),
        show_statuses("host", host, ("linked",) if host.links else ()),
    ]
    for version, address in host.addresses:
        parts.append(element("host:addr", address, (("ip", version),)))
    parts += (
        element("host:clID", host.sponsor),
        element("host:crID", host.creator),
        element("host:crDate", date(host.created)),
        optional("host:upID", host.updater),
        optional("host:upDate", host.updated),
        optional("host:trDate", host.transferred),
        "</host:infData>",
    )
    return Answer(1000, "".join(parts))


def create(repository: Repository, client_id: str, request: Request) -> Answer:
    """Create a host; below a registered domain only its sponsor may."""
    assert request.body is not None
    name = request.name
    if not name:
        raise Refused(2003, None, "<name> is required")
    domain = _check_name(repository, client_id, name, child(request.body, "name"))
    addresses = _addresses(request.body)
    now = repository.now()
    host = Host(name, repository.next_roid("H"), client_id, now)
    host.addresses = addresses
    repository.hosts[name] = host
    _place(host, domain)
    data = "".join(
        (
            _OPEN.format("creData"),
            element("host:name", name),
            element("host:crDate", date(now)),
            "</host:creData>",
        )
    )
    return Answer(1000, data, effect="created")


def delete(repository: Repository, client_id: str, request: Request) -> Answer:
    """Remove a host that no domain delegates to."""
    host = repository.host(request)
    repository.own(host, client_id, request)
    prohibit(host, request, "Delete")
    if host.links:
        raise Refused(2305, name_element(request), "domains delegate to it")
    _unplace(repository, host)
    del repository.hosts[host.name]
    return Answer(1000, effect="deleted")


def update(repository: Repository, client_id: str, request: Request) -> Answer:
    """Change addresses, statuses or the name; domains follow the new name."""
    host = repository.host(request)
    repository.own(host, client_id, request)
    assert request.body is not None
    added, removed, changed = (
        child(request.body, part) for part in ("add", "rem", "chg")
    )
    if added is None and removed is None and changed is None:
        raise Refused(2003, None, "<add>, <rem> or <chg> is required")
    prohibit_update(host, request)
    statuses = change_statuses(host, request, added, removed)
    addresses = list(host.addresses)
    for pair in _addresses(removed):
        if pair not in addresses:
            raise Refused(2303, child(request.body, "rem"), "no such address")
        addresses.remove(pair)
    for pair in _addresses(added):
        if pair in addresses:
            raise Refused(2306, child(request.body, "add"), "it has this address")
        addresses.append(pair)
    if changed is not None:
        name = required(changed, "name").lower()
        domain = _check_name(repository, client_id, name, child(changed, "name"))
        _rename(repository, host, name, domain)
    host.addresses = addresses
    host.statuses = statuses
    repository.touch(host, client_id)
    return Answer(1000, effect="updated")


def _check_name(
    repository: Repository, client_id: str, name: str, shown: Optional[_Element]
) -> Optional[Domain]:
    """The domain the new name lies in, if it is a registered one."""
    if not HOST_NAME.fullmatch(name):
        raise Refused(2005, shown, "not a host name")
    if name in repository.hosts:
        raise Refused(2302, shown, "the host exists")
    domain = repository.superordinate(name)
    if domain is not None and domain.sponsor != client_id:
        raise Refused(2201, shown, "another client sponsors its domain")
    return domain


def _place(host: Host, domain: Optional[Domain]) -> None:
    host.superordinate = None if domain is None else domain.name
    if domain is not None:
        domain.hosts.add(host.name)


def _unplace(repository: Repository, host: Host) -> None:
    if host.superordinate is not None:
        repository.domains[host.superordinate].hosts.discard(host.name)


def _rename(
    repository: Repository, host: Host, name: str, domain: Optional[Domain]
) -> None:
    _unplace(repository, host)
    for linked in host.links:
        ns = repository.domains[linked].ns
        ns[ns.index(host.name)] = name
    del repository.hosts[host.name]
    host.name = name
    repository.hosts[name] = host
    _place(host, domain)


def _addresses(body: Optional[_Element]) -> List[Tuple[str, str]]:
    pairs = []
    for entry in children(body, "addr") if body is not None else ():
        version = str(entry.get("ip", "v4"))
        shown = (entry.text or "").strip()
        try:
            parsed = ipaddress.ip_address(shown)
        except ValueError:
            raise Refused(2005, entry, "not an address") from None
        if version != "v{}".format(parsed.version):
            raise Refused(2005, entry, "not of the version that ip says")
        pairs.append((version, str(parsed)))
    if len(set(pairs)) != len(pairs):
        raise Refused(2306, None, "an address is named twice")
    return pairs
