"""Login and logout (RFC 5730 section 2.9.1), with lock-out and session limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, FrozenSet, Tuple

from .answers import Answer
from .codes import EXTENSIONS, OBJECTS
from .requests import Refused, Request, child, children, required, text
from .sessions import RegistrySession

if TYPE_CHECKING:
    from lxml.etree import _Element

    from .registry import Registry
    from .sessions import Account

__all__ = ["log_in", "log_out"]


def log_in(registry: Registry, session: RegistrySession, request: Request) -> Answer:
    """Log a session in; every refusal counts as a login failure."""
    try:
        answer = _log_in(registry, session, request)
    except Refused:
        registry.tally.login_failures += 1
        raise
    tally = registry.tally
    tally.logins += 1
    tally.sessions += 1
    tally.most_sessions = max(tally.most_sessions, tally.sessions)
    return answer


def _log_in(registry: Registry, session: RegistrySession, request: Request) -> Answer:
    if session.account is not None:
        raise Refused(2002, None, "you are logged in")
    assert request.body is not None
    body = request.body
    client_id, password = required(body, "clID"), required(body, "pw")
    objects, extensions = _services(body)
    _check_options(body)
    new_password = text(body, "newPW")
    if new_password is not None and not 6 <= len(new_password) <= 16:
        raise Refused(2005, None, "a new password has 6 to 16 characters")
    account = _authenticate(registry, client_id, password)
    _check_sessions(registry, account)
    if new_password is not None:
        account.password = new_password
    session.account = account
    session.objects, session.extensions = objects, extensions
    session.logged_in = session.heard
    session.commands = 0
    session.counted = False
    session.logged_out_code = 2002
    return Answer(1000, effect="logged in" + (", new password" * bool(new_password)))


def _services(body: _Element) -> Tuple[FrozenSet[str], FrozenSet[str]]:
    services = child(body, "svcs")
    if services is None:
        raise Refused(2003, None, "<svcs> is required")
    objects = set()
    for entry in children(services, "objURI"):
        uri = (entry.text or "").strip()
        if uri not in OBJECTS:
            raise Refused(2307, entry, "no such object service")
        objects.add(OBJECTS[uri])
    if not objects:
        raise Refused(2003, None, "<objURI> is required")
    extensions = set()
    extension = child(services, "svcExtension")
    for entry in children(extension, "extURI") if extension is not None else ():
        uri = (entry.text or "").strip()
        if uri not in EXTENSIONS:
            raise Refused(2103, entry, "no such extension")
        extensions.add(uri)
    return frozenset(objects), frozenset(extensions)


def _check_options(body: _Element) -> None:
    options = child(body, "options")
    if options is None:
        raise Refused(2003, None, "<options> is required")
    if required(options, "version") != "1.0":
        raise Refused(2100, child(options, "version"), "the version is 1.0")
    if required(options, "lang") != "en":
        raise Refused(2102, child(options, "lang"), "the language is en")


def _authenticate(registry: Registry, client_id: str, password: str) -> Account:
    account = registry.accounts.get(client_id)
    if account is None:
        raise Refused(2200)
    now = registry.clock()
    if account.locked(now):
        raise Refused(2501, None, "the account is locked")
    if not account.accepts(password):
        limits = registry.limits_for(client_id)
        raise Refused(2501 if account.fail(now, limits) else 2200)
    account.unlock()
    return account


def _check_sessions(registry: Registry, account: Account) -> None:
    limits = registry.limits_for(account.client_id)
    if limits.max_sessions is None:
        return
    present = sum(1 for other in registry.sessions.values() if other.account is account)
    if present >= limits.max_sessions:
        raise Refused(2502)


def log_out(request: Request) -> Answer:
    """End a session; it is closed when the answer was sent."""
    return Answer(1500, effect="logged out")
