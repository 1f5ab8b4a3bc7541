"""When the next connect may begin: the memory of those that failed.

Pure: no I/O, no clock, no gevent. The EPP pool puts its login circuit here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Tuple, Type

from .errors import ConnectFailed, PoolError

if TYPE_CHECKING:
    from .retry import Backoff


class Reconnect:
    """Failed connects in a row, and how long to wait because of them.

    ``failures`` goes back to 0 only when a connection has proved itself, so
    that a peer which accepts and drops is not hammered. ``last_error`` is that
    of the last connect, or None if it succeeded.
    """

    __slots__ = ("backoff", "fatal", "failures", "last_error", "not_before")

    def __init__(
        self, backoff: Backoff, fatal: Tuple[Type[BaseException], ...] = ()
    ) -> None:
        self.backoff = backoff
        self.fatal = fatal
        self.failures = 0
        self.last_error: Optional[BaseException] = None
        self.not_before = float("-inf")

    def limit(self, max_opening: int) -> int:
        """Return how many connects may be under way at once."""
        return max_opening

    def failed(self, error: BaseException, now: float) -> float:
        """Note a failed connect; return the seconds until the next may begin."""
        self.last_error = error
        return self.dropped(now)

    def dropped(self, now: float) -> float:
        """Note a connection discarded before it proved itself."""
        self.failures += 1
        delay = self.backoff.delay(self.failures)
        self.not_before = now + delay
        return delay

    def connected(self) -> None:
        """Note a connect that succeeded."""
        self.last_error = None

    def proven(self) -> None:
        """Note that a connection did its work."""
        self.failures = 0

    def reset(self) -> None:
        """Forget all failures: the next connect may begin at once."""
        self.failures = 0
        self.not_before = float("-inf")
        self.last_error = None

    @property
    def fatal_error(self) -> Optional[BaseException]:
        """The last connect error, if waiting any longer would not help."""
        return self.last_error if isinstance(self.last_error, self.fatal) else None

    def refusal(self, message: str) -> PoolError:
        """Return what a caller raises for whom ``fatal_error`` ends the wait."""
        error = ConnectFailed(message)
        error.__cause__ = self.last_error
        return error
