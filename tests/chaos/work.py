"""The work of a chaos client: commands, each about a domain of its own.

That no two commands share a name is what lets the registry's record judge: an
execution and an answer belong to exactly one of them. No command is ever sent
again here; whatever is executed twice, the pool under test has sent twice.
"""

from __future__ import annotations

import random
from typing import Any, Callable, Dict, Iterator, NamedTuple

from geventconnpool_ext.epp import CheckDomain, CreateDomain, DeleteDomain, InfoDomain

from .hostile import EXPIRES

__all__ = ["TRANSFORM", "Command", "commands"]

TRANSFORM = frozenset(("create", "update", "renew", "delete"))
"""Verbs that change something, for which an outcome can be ambiguous."""

_DOCUMENT = (
    '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command><{verb}><domain:{verb} '
    'xmlns:domain="urn:ietf:params:xml:ns:domain-1.0"><domain:name>{name}'
    "</domain:name>{content}</domain:{verb}></{verb}></command></epp>"
)


class Command(NamedTuple):
    """One command: its verb, the name it is about, and what is sent."""

    verb: str
    name: str
    request: Any


def _update(name: str) -> str:
    return _DOCUMENT.format(
        verb="update",
        name=name,
        content="<domain:chg><domain:authInfo><domain:pw>changed1</domain:pw>"
        "</domain:authInfo></domain:chg>",
    )


def _renew(name: str) -> str:
    return _DOCUMENT.format(
        verb="renew",
        name=name,
        content="<domain:curExpDate>{}</domain:curExpDate>".format(EXPIRES),
    )


_REQUESTS: Dict[str, Callable[[str], Any]] = {
    "check": CheckDomain,
    "info": InfoDomain,
    "create": lambda name: CreateDomain(name, auth_info="madeHere1"),
    "update": _update,
    "renew": _renew,
    "delete": DeleteDomain,
}
_SHARES = (30, 25, 15, 12, 10, 8)


def commands(client: str, seed: int) -> Iterator[Command]:
    """An endless mixture, the same for the same *client* and *seed*."""
    drawn = random.Random("{} {}".format(client, seed))
    verbs = list(_REQUESTS)
    number = 0
    while True:
        number += 1
        (verb,) = drawn.choices(verbs, _SHARES)
        name = "{}-{}-{}.example".format(verb, client, number)
        yield Command(verb, name, _REQUESTS[verb](name))
