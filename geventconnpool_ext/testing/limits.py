"""Limits: how much of a registry one account may use; nothing is enforced here."""

from __future__ import annotations

from typing import NamedTuple, Optional

__all__ = ["Limits"]


class Limits(NamedTuple):
    """The policy of a registry towards an account; None means no limit.

    Immutable: to change a limit at run time assign a new one, e.g.
    ``registry.limits = registry.limits._replace(idle_timeout=1.0)``. Sessions
    that are open already come under it at once.
    """

    max_sessions: Optional[int] = None
    """Sessions of one account logged in at once; a further login gets 2502."""
    close_over_limit: bool = False
    """Close instead of answering 2502, as some registries do."""
    idle_timeout: Optional[float] = None
    """Seconds without a message (hello counts) before a session is closed."""
    max_age: Optional[float] = None
    """Seconds from login before a session is closed, used or not."""
    max_commands: Optional[int] = None
    """Commands in a session, login, logout and hello aside; the last one is
    answered, then the session is closed."""
    login_attempts: Optional[int] = None
    """Failed logins in a row, over all connections, that lock the account; the
    last one is answered 2501 instead of 2200."""
    lockout: float = 900.0
    """Seconds an account stays locked: every login gets 2501."""
    login_deadline: Optional[float] = 10.0
    """Seconds a connection may stay without a login before it is closed."""
