"""Accounts and sessions: who may log in, who is, and until when.

Pure state: time is passed in. What a command does is decided elsewhere.
"""

from __future__ import annotations

import hmac
from typing import FrozenSet, Optional, Tuple

from .limits import Limits

__all__ = ["Account", "RegistrySession"]


class Account:
    """One client of the registry."""

    __slots__ = ("client_id", "failures", "limits", "locked_until", "password")

    def __init__(self, client_id: str, password: str) -> None:
        self.client_id: str = client_id
        self.password: str = password
        self.limits: Optional[Limits] = None
        """Its own limits, None for the registry's."""
        self.failures: int = 0
        """Failed logins since the last good one."""
        self.locked_until: Optional[float] = None

    def __repr__(self) -> str:
        return "<Account {}>".format(self.client_id)

    def accepts(self, password: str) -> bool:
        """Whether this is the password."""
        return hmac.compare_digest(
            password.encode("utf-8"), self.password.encode("utf-8")
        )

    def locked(self, now: float) -> bool:
        """Whether the account is locked; a lock that has run out is forgotten."""
        if self.locked_until is None:
            return False
        if now < self.locked_until:
            return True
        self.unlock()
        return False

    def fail(self, now: float, limits: Limits) -> bool:
        """Count a failed login; True if it locked the account."""
        self.failures += 1
        if limits.login_attempts is None or self.failures < limits.login_attempts:
            return False
        self.locked_until = now + limits.lockout
        return True

    def unlock(self) -> None:
        """Forget failures and lock."""
        self.failures = 0
        self.locked_until = None


class RegistrySession:
    """One connection, as the registry sees it."""

    __slots__ = (
        "account",
        "commands",
        "counted",
        "extensions",
        "heard",
        "logged_in",
        "logged_out_code",
        "objects",
        "opened",
        "session_id",
    )

    def __init__(self, session_id: int, now: float) -> None:
        self.session_id: int = session_id
        self.opened: float = now
        self.heard: float = now
        """When the last message came or was answered."""
        self.logged_in: float = now
        self.account: Optional[Account] = None
        self.commands: int = 0
        self.objects: FrozenSet[str] = frozenset()
        self.extensions: FrozenSet[str] = frozenset()
        self.logged_out_code: int = 2002
        """What commands get while nobody is logged in."""
        self.counted: bool = False
        """Its end was counted."""

    def __repr__(self) -> str:
        return "<RegistrySession {} of {}>".format(self.session_id, self.client_id)

    @property
    def client_id(self) -> Optional[str]:
        """Who is logged in, None if nobody."""
        return None if self.account is None else self.account.client_id

    def deadline(self, limits: Limits) -> Optional[Tuple[float, str]]:
        """When the session ends if it stays silent, and the reason; or None."""
        # One that was logged out silently lives on like any other: a deadline
        # would be a way to notice.
        if self.account is None and not self.counted:
            if limits.login_deadline is None:
                return None
            return self.opened + limits.login_deadline, "login_deadline"
        found: Optional[Tuple[float, str]] = None
        if limits.idle_timeout is not None:
            found = self.heard + limits.idle_timeout, "idle"
        if limits.max_age is not None:
            aged = self.logged_in + limits.max_age, "max_age"
            found = aged if found is None else min(found, aged)
        return found
