"""The login circuit: no loop of rejected logins locks an account.

After a rejection logins are tried one at a time; after some in a row the
circuit is open, and one is tried per interval. Pure: no I/O, no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._reconnect import LastError, Reconnect
from ..errors import PoolError
from .channel import ConnectError
from .errors import LoginRejected, NotSent

if TYPE_CHECKING:
    from ..retry import Backoff
    from .policy import SessionPolicy

__all__ = ["LoginCircuit"]


class LoginCircuit(Reconnect):
    """Remembers rejected logins as well as failed connects.

    Callers fail at once with ``LoginRejected`` while the last login was
    rejected and no session is open: waiting would not help them.
    """

    __slots__ = ("_failures_allowed", "_retry_after", "_rejected_at", "rejections")

    def __init__(
        self, backoff: Backoff, policy: SessionPolicy, last_error: LastError
    ) -> None:
        super().__init__(backoff, (LoginRejected,), last_error)
        self._failures_allowed = policy.login_failures
        self._retry_after = policy.login_retry_after
        self._rejected_at = float("-inf")
        self.rejections: int = 0

    @property
    def is_open(self) -> bool:
        """True when so many logins were rejected in a row that they stop."""
        return self.rejections >= self._failures_allowed

    def limit(self, max_opening: int) -> int:
        """Return how many logins may be under way at once.

        All of them may be rejected, so never more than may be in a row.
        """
        return 1 if self.rejections else min(max_opening, self._failures_allowed)

    def failed(self, error: BaseException, now: float) -> float:
        """Note a failed connect or login; return the seconds until the next."""
        if isinstance(error, LoginRejected):
            self.rejections += 1
            self._rejected_at = now
        elif self.fatal_error is not None and self.is_open:
            if not isinstance(error, (ConnectError, NotSent)):
                # The registry may have counted this login, whose answer was lost.
                self._rejected_at = now
            # The account is still refused, whatever kept this login from it.
            error = self.fatal_error
        super().failed(error, now)
        if self.is_open:
            self.not_before: float = max(
                self.not_before, self._rejected_at + self._retry_after
            )
        return self.not_before - now

    def connected(self) -> None:
        """Note a login that succeeded."""
        super().connected()
        if self.rejections:
            # What held the others back is over.
            self.reset()

    def reset(self) -> None:
        """Forget the rejected logins: the next is tried at once."""
        super().reset()
        self.rejections = 0

    def refusal(self, message: str) -> PoolError:
        """Return the LoginRejected of a caller who need not wait."""
        last = self.last_error
        if not isinstance(last, LoginRejected):
            return super().refusal(message)
        error = LoginRejected(message, last.code, last.msg)
        error.__cause__ = last
        return error
