"""Transfers of domains (RFC 5731 sections 3.1.3 and 3.2.4), with their messages."""

from __future__ import annotations

from typing import Callable, Dict

from .answers import Answer, date, element
from .codes import DOMAIN
from .domains import period
from .objects import Domain, Transfer, add_months
from .repository import Repository, name_element, secret_matches
from .requests import Refused, Request

__all__ = ["transfer"]

PENDING = "pendingTransfer"


def transfer(repository: Repository, client_id: str, request: Request) -> Answer:
    """Do what the ``op`` of the command says."""
    act = _OPERATIONS.get(request.op)
    if act is None:
        raise Refused(2004 if request.op else 2003, None, "op is missing or unknown")
    return act(repository, client_id, request, repository.domain(request))


def _data(domain: Domain) -> str:
    state = domain.transfer
    assert state is not None
    return "".join(
        (
            '<domain:trnData xmlns:domain="%s">' % DOMAIN,
            element("domain:name", domain.name),
            element("domain:trStatus", state.status),
            element("domain:reID", state.requester),
            element("domain:reDate", date(state.requested)),
            element("domain:acID", state.sponsor),
            element("domain:acDate", date(state.acted)),
            element("domain:exDate", date(state.expires)),
            "</domain:trnData>",
        )
    )


def _request(
    repository: Repository, client_id: str, request: Request, domain: Domain
) -> Answer:
    if client_id == domain.sponsor:
        raise Refused(2106, name_element(request), "you sponsor it")
    assert request.body is not None
    matches = secret_matches(request.body, domain.auth_info)
    if matches is None:
        raise Refused(2003, None, "<authInfo> is required")
    if not matches:
        raise Refused(2202, name_element(request), "the authInfo is wrong")
    if PENDING in domain.statuses:
        raise Refused(2300, name_element(request), "a transfer is under way")
    for status in domain.statuses:
        if status.endswith("TransferProhibited") or status.startswith("pending"):
            raise Refused(2304, name_element(request), "its status is " + status)
    now = repository.now()
    domain.transfer = Transfer(
        "pending",
        client_id,
        now,
        domain.sponsor,
        # Until when the sponsor may act; here it is never enforced.
        now.replace(microsecond=0),
        add_months(domain.expires, period(request.body)),
    )
    domain.statuses[PENDING] = ""
    data = _data(domain)
    repository.enqueue(domain.sponsor, "Transfer requested.", data)
    return Answer(1001, data, effect="transfer requested")


def _query(
    repository: Repository, client_id: str, request: Request, domain: Domain
) -> Answer:
    assert request.body is not None
    matches = secret_matches(request.body, domain.auth_info)
    if matches is False:
        raise Refused(2202, name_element(request), "the authInfo is wrong")
    state = domain.transfer
    party = state is not None and client_id in (state.requester, state.sponsor)
    if not (matches or party or client_id == domain.sponsor):
        raise Refused(2201, name_element(request), "you have no part in it")
    if state is None:
        raise Refused(2301, name_element(request), "it was never transferred")
    return Answer(1000, _data(domain))


def _finish(
    repository: Repository,
    client_id: str,
    request: Request,
    domain: Domain,
    status: str,
    by_requester: bool,
) -> Answer:
    state = domain.transfer
    if state is None or state.status != "pending":
        raise Refused(2301, name_element(request), "no transfer is under way")
    entitled = state.requester if by_requester else state.sponsor
    if client_id != entitled:
        raise Refused(2201, name_element(request), "it is not for you to decide")
    now = repository.now()
    del domain.statuses[PENDING]
    if status == "clientApproved":
        domain.sponsor = state.requester
        domain.expires = state.expires
        domain.transferred = now
        for name in domain.hosts:
            # Hosts below a domain go where it goes (RFC 5732 section 1).
            repository.hosts[name].sponsor = state.requester
            repository.hosts[name].transferred = now
    domain.transfer = state._replace(status=status, acted=now, expires=domain.expires)
    told = state.sponsor if by_requester else state.requester
    data = _data(domain)
    repository.enqueue(told, "Transfer {}.".format(_WORDS[status]), data)
    return Answer(1000, data, effect="transfer " + _WORDS[status])


_WORDS = {
    "clientApproved": "approved",
    "clientRejected": "rejected",
    "clientCancelled": "cancelled",
}


def _approve(
    repository: Repository, client_id: str, request: Request, domain: Domain
) -> Answer:
    return _finish(repository, client_id, request, domain, "clientApproved", False)


def _reject(
    repository: Repository, client_id: str, request: Request, domain: Domain
) -> Answer:
    return _finish(repository, client_id, request, domain, "clientRejected", False)


def _cancel(
    repository: Repository, client_id: str, request: Request, domain: Domain
) -> Answer:
    return _finish(repository, client_id, request, domain, "clientCancelled", True)


_OPERATIONS: Dict[str, Callable[[Repository, str, Request, Domain], Answer]] = {
    "request": _request,
    "query": _query,
    "approve": _approve,
    "reject": _reject,
    "cancel": _cancel,
}
