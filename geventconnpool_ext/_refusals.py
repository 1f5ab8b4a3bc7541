"""Refusals: what a caller of a pool is told instead of getting a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from ._message import message, overtaken, sizes
from .errors import PoolClosed, PoolError, PoolFull, PoolTimeout

if TYPE_CHECKING:
    from ._options import Options
    from ._reconnect import LastError
    from ._state import PoolState


class Refusals:
    """The errors of a pool; each is made, counted and reported here alone."""

    name: str
    _last_error: LastError
    # An Observer; each kind of pool says which.
    _observer: Any
    _options: Options
    _state: PoolState
    # True from the first close() on.
    _ended = False

    def _message(self, what: str) -> str:
        """Return *what* with the pool's name, its sizes and its last connect error."""
        return message(self.name, self._state, self._last_error.error, what)

    def _sizes(self) -> str:
        return sizes(self._state, self._last_error.error)

    def _timed_out(self, what: str, timeout: Optional[float]) -> PoolTimeout:
        error = PoolTimeout(
            self._message("waited {:g} s in vain for {}".format(timeout or 0, what))
        )
        error.__cause__ = self._last_error.error
        return error

    def _exhausted(self, timeout: Optional[float]) -> PoolTimeout:
        """Count and report a caller who gave up; return the error to raise."""
        self._count(self._state.give_up)
        error = self._timed_out("a connection", timeout)
        self._observer.timed_out(timeout or 0, self._sizes())
        return error

    def _full(self) -> PoolFull:
        """Count and report a caller turned away; return the error to raise."""
        self._count(self._state.reject)
        most = self._options.max_waiting
        error = PoolFull(
            self._message("{} callers wait already, as max_waiting says".format(most))
        )
        self._observer.full(most, self._sizes())
        return error

    def _count(self, counted: Callable[[], None]) -> None:
        """Call a counter of the state."""
        counted()

    def _ended_meanwhile(self, state: PoolState) -> PoolError:
        """What a caller raises who waited in *state*, and it hands out no more."""
        return overtaken(self.name, state, self._last_error.error)

    def _check_accepting(self) -> None:
        """Raise PoolClosed unless the pool is open."""
        if not self._state.accepting:
            self._check_not_ended()
            raise PoolClosed("{}: not open yet: call open() first".format(self.name))

    def _check_not_ended(self) -> None:
        """Raise PoolClosed after ``close()``."""
        if self._ended:
            raise PoolClosed(
                "{}: closed, which is final: make a new pool".format(self.name)
            )
