"""When the next connect may begin: the memory of those that failed.

Pure: no I/O, no clock, no gevent. The EPP pool puts its login circuit here.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Optional, Tuple, Type

from .errors import ConnectFailed, PoolError

if TYPE_CHECKING:
    from .retry import Backoff


class LastError:
    """Keeps the last connect error, for as long as the pool lives that has this.

    Its traceback leads to the pool. Were it kept by what goes on in the
    background, a pool whose peer is down would never be collected.
    """

    __slots__ = ("__weakref__", "error")

    def __init__(self) -> None:
        self.error: Optional[BaseException] = None


class Reconnect:
    """Failed connects in a row, and how long to wait because of them.

    ``failures`` goes back to 0 only when a connection has proved itself, so
    that a peer which accepts and drops is not hammered. ``last_error`` is that
    of the last connect, or None if it succeeded.
    """

    __slots__ = (
        "_counted_at",
        "_last_error",
        "backoff",
        "fatal",
        "failures",
        "not_before",
    )

    def __init__(
        self,
        backoff: Backoff,
        fatal: Tuple[Type[BaseException], ...],
        last_error: LastError,
    ) -> None:
        self.backoff: Backoff = backoff
        self.fatal: Tuple[Type[BaseException], ...] = fatal
        self.failures: int = 0
        self._last_error = weakref.ref(last_error)
        self._counted_at = float("-inf")
        self.not_before: float = float("-inf")

    @property
    def last_error(self) -> Optional[BaseException]:
        """The error of the last connect, or None if it succeeded."""
        kept = self._last_error()
        return None if kept is None else kept.error

    @last_error.setter
    def last_error(self, error: Optional[BaseException]) -> None:
        kept = self._last_error()
        if kept is not None:
            kept.error = error

    def limit(self, max_opening: int) -> int:
        """Return how many connects may be under way at once."""
        return max_opening

    def failed(self, error: BaseException, now: float) -> float:
        """Note a failed connect; return the seconds until the next may begin."""
        self.last_error = error
        return self._count(now)

    def dropped(self, now: float, opened_at: float) -> None:
        """Note a connection discarded before it proved itself.

        Those that a peer drops at once, when it restarts, count as one failure.
        """
        if opened_at > self._counted_at:
            self._count(now)

    def _count(self, now: float) -> float:
        self._counted_at = now
        self.failures += 1
        delay = self.backoff.delay(self.failures)
        self.not_before = now + delay
        return delay

    def connected(self) -> None:
        """Note a connect that succeeded."""
        self.last_error = None

    def proven(self) -> None:
        """Note that a connection did its work: that ends a row of failures.

        What a fatal error holds back stays so: a connection that was there before
        does not say that the peer lets another in.
        """
        if self.fatal_error is None:
            self.failures = 0
            self.not_before = float("-inf")

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
