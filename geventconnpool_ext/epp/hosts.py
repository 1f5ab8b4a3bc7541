"""What can be a host: its name or its address, and nothing around it."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

__all__ = ["check_host"]

_AROUND = re.compile(r"[\x00-\x20\x7f\s/\\@\[\]]")
# What can be shown: no more than a scheme, a host and a port. All else with a colon
# or an @ can be a user and his password.
_HARMLESS = re.compile(
    r"(?:(?:epp|https?|ssl|tcp|tls)://)?(?:[^:@]*|\[[0-9a-fA-F:.]*\])(?::[0-9]{1,5})?/?"
)
_LONGEST = 253


def check_host(argument: str, value: Any) -> str:
    """Return *value* if it can be a host's name or address; *argument* is its name.

    Raises TypeError or ValueError that says what would be right, and shows nothing
    that may be a password. Whether the name exists is not asked.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{argument} must not be empty")
    # One colon is a port's or a scheme's; more are an IPv6 address's.
    if _AROUND.search(value) or (":" in value and not _is_ipv6(value)):
        raise ValueError(
            f"{argument} must be a host name or an address, without scheme and port"
            f"{_shown(value)}"
        )
    try:
        # Found out here, and not by gevent's resolver: its thread prints a traceback.
        name = value.encode("idna")
    except UnicodeError:
        raise ValueError(
            f"{argument} must be a host name, of letters, digits, hyphens and dots, "
            f"with 1 to 63 of them between two dots{_shown(value)}"
        ) from None
    if len(name) - name.endswith(b".") > _LONGEST:
        raise ValueError(
            f"{argument} must be a host name of {_LONGEST} characters at most"
            f"{_shown(value)}"
        )
    return value


def _is_ipv6(value: str) -> bool:
    address, percent, zone = value.partition("%")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return bool(zone) or not percent


def _shown(value: str) -> str:
    if _HARMLESS.fullmatch(value):
        return f", not {value!r}"
    return "; it is not shown here"
