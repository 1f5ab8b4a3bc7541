"""Logging in: what the user's login request must be, what its answer means, and what
a session sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import EPPError, LoginRejected, SessionLimit
from .requests import prepare

if TYPE_CHECKING:
    from .requests import PreparedRequest, Request

__all__ = ["OWN_METHODS", "prepare_login", "require_login"]

OWN_METHODS = {
    "login": "a session logs in once, in start()",
    "logout": "use logout(), or let the pool end the session",
    "hello": "use hello()",
}
"""The commands that are not for ``send()``, and what to do instead."""


def prepare_login(login: Request) -> PreparedRequest:
    """Return *login* prepared; raise TypeError or ValueError if it is no login."""
    prepared = prepare(login)
    if prepared.kind.verb != "login":
        raise ValueError(f"login() must return a login request, not {prepared.kind}")
    return prepared


def require_login(answer: Any) -> None:
    """Raise ``LoginRejected`` (2200, 2501), ``SessionLimit`` (2502) or another
    ``EPPError`` unless *answer* says that the session is open (1000)."""
    code, msg = answer.code, str(answer.msg)
    if code in (2200, 2501):
        raise LoginRejected(f"the registry refused the login: {code} {msg}", code, msg)
    if code == 2502:
        raise SessionLimit(f"too many sessions at the registry: {code} {msg}")
    if code != 1000:
        raise EPPError(f"the login was answered by {code} {msg}, not by 1000")
