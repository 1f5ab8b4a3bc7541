"""Ready-made probes for ``SessionPolicy(probe=...)``: is the login still good?

A probe is a command that needs a login, changes nothing and costs the registry
little. ``hello`` is none: it is answered without a login, too.
"""

from __future__ import annotations

import re
from typing import Any

from .commands import CheckDomain, PollRequest

__all__ = ["check_domain", "check_name", "poll_request"]

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")


def check_domain(name: str) -> CheckDomain:
    """Return a probe that asks whether the domain *name* is available.

    Which domain, and whether it is, does not matter: take one of your own, under
    a top-level domain of the registry. *name* is an ASCII name of two labels or
    more, an internationalized one in its ``xn--`` form. Raises TypeError or
    ValueError for anything else.
    """
    return CheckDomain(check_name(name))


def poll_request() -> PollRequest:
    """Return a probe that asks for the oldest waiting message.

    It reads the message and leaves it there. For registries that count checks,
    or charge for them.
    """
    return PollRequest()


def check_name(name: Any) -> str:
    """Return *name* if it is a domain name in the form that registries take."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or not all(map(_LABEL.match, labels)):
        raise ValueError(
            f"name must be a domain name, such as 'example.com' (in ASCII, an "
            f"internationalized one in its 'xn--' form), not {name!r}"
        )
    return name
