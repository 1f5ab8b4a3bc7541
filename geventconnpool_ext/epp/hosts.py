"""What can be a host: its name or its address, and nothing around it."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["check_host"]

_AROUND = re.compile(r"[\x00-\x20\x7f\s/@\[\]]")


def check_host(argument: str, value: Any) -> str:
    """Return *value* if it can be a host's name or address; *argument* is its name.

    Raises TypeError or ValueError that says what would be right. Whether the name
    exists is not asked.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{argument} must not be empty")
    # One colon is a port's or a scheme's; more are an IPv6 address's.
    if _AROUND.search(value) or value.count(":") == 1:
        # Before an @ in a URL stands a password.
        shown = "; it is not shown here" if "@" in value else f", not {value!r}"
        raise ValueError(
            f"{argument} must be a host name or an address, without scheme and port"
            f"{shown}"
        )
    try:
        # Found out here, and not by gevent's resolver: its thread prints a traceback.
        value.encode("idna")
    except UnicodeError:
        raise ValueError(
            f"{argument} must be a host name, of letters, digits, hyphens and dots, "
            f"with 1 to 63 of them between two dots, not {value!r}"
        ) from None
    return value
