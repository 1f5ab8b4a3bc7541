"""The work of the demo: commands about domains, each about one of its own.

That no two commands share a name is what makes the registry's record a judge:
an execution, and an answer, belongs to exactly one of them. How commands are
sent is in ``direct`` and ``pooled``.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Optional

from ..epp import CheckDomain, CreateDomain, DeleteDomain, InfoDomain
from .settings import ACCOUNT

if TYPE_CHECKING:
    from ..testing import Registry

__all__ = ["Command", "make_work"]

_DOCUMENT = (
    '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><{verb}><domain:{verb} '
    'xmlns:domain="urn:ietf:params:xml:ns:domain-1.0"><domain:name>{name}'
    "</domain:name>{content}</domain:{verb}></{verb}></command></epp>"
)
_OBJECT_DOES_NOT_EXIST = 2303


class Command(NamedTuple):
    """One command that a client of the demo wants done."""

    verb: str
    name: str
    """The domain that it, and no other command, is about."""
    request: Any
    """What is sent."""
    took_effect: Optional[Callable[[Any], bool]]
    """Whether the answer to an info of ``name`` shows that it was executed; None
    for a command that changes nothing."""


def make_work(registry: Registry, count: int, seed: int) -> List[Command]:
    """Return *count* commands, all of which succeed at *registry*, which is given
    the domains they need. The same *seed* makes the same work."""
    drawn = random.Random(seed).choices(
        list(_MAKERS), [share for share, _ in _MAKERS.values()], k=count
    )
    return [
        _MAKERS[verb][1](registry, "{}-{:06d}.example".format(verb, number))
        for number, verb in enumerate(drawn, 1)
    ]


def _check(registry: Registry, name: str) -> Command:
    return Command("check", name, CheckDomain(name), None)


def _info(registry: Registry, name: str) -> Command:
    registry.add_domain(name, ACCOUNT)
    return Command("info", name, InfoDomain(name), None)


def _create(registry: Registry, name: str) -> Command:
    request = CreateDomain(name, auth_info="made-for-" + name)
    return Command("create", name, request, lambda info: bool(info.success))


def _update(registry: Registry, name: str) -> Command:
    registry.add_domain(name, ACCOUNT)
    secret = "changed-for-" + name
    content = (
        "<domain:chg><domain:authInfo><domain:pw>{}</domain:pw></domain:authInfo>"
        "</domain:chg>"
    ).format(secret)
    path = "domain:infData/domain:authInfo/domain:pw"
    return Command(
        "update",
        name,
        _DOCUMENT.format(verb="update", name=name, content=content),
        lambda info: bool(info.find_text(path) == secret),
    )


def _renew(registry: Registry, name: str) -> Command:
    until = registry.add_domain(name, ACCOUNT).expires.strftime("%Y-%m-%d")
    content = "<domain:curExpDate>{}</domain:curExpDate>".format(until)
    path = "domain:infData/domain:exDate"
    return Command(
        "renew",
        name,
        _DOCUMENT.format(verb="renew", name=name, content=content),
        lambda info: (info.find_text(path) or until)[:10] != until,
    )


def _delete(registry: Registry, name: str) -> Command:
    registry.add_domain(name, ACCOUNT)
    return Command(
        "delete",
        name,
        DeleteDomain(name),
        lambda info: bool(info.code == _OBJECT_DOES_NOT_EXIST),
    )


_MAKERS: Dict[str, Any] = {
    "check": (35, _check),
    "info": (25, _info),
    "create": (15, _create),
    "update": (10, _update),
    "renew": (8, _renew),
    "delete": (7, _delete),
}
"""Each verb's share in the work, in percent, and what makes such a command."""
