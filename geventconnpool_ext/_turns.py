"""Turns: when a caller who has a slot may connect, and whom waiting cannot help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Optional, Tuple

from ._message import overtaken, refused

if TYPE_CHECKING:
    from ._clock import Clock
    from ._lock import Lock
    from ._reconnect import Reconnect
    from ._slots import Slots
    from ._state import PoolState
    from ._waiter import Changes
    from .errors import PoolError


class Turns:
    """Lets callers connect when *reconnect* says so, under *lock*.

    A fork leaves it to the parent, with its state, slots and changes: a caller
    that was copied settles here what it counted here.
    """

    def __init__(
        self,
        name: str,
        state: PoolState,
        slots: Slots,
        changes: Changes,
        reconnect: Reconnect,
        clock: Clock,
        lock: Lock,
    ) -> None:
        self._name = name
        self.state = state
        self.slots = slots
        self._changes = changes
        self._reconnect = reconnect
        self._clock = clock
        self._lock = lock
        self._connecting = 0

    # -- whom waiting cannot help --------------------------------------------

    def ended(self) -> PoolError:
        """Return what a caller raises whom a fork or a close has overtaken."""
        return overtaken(self._name, self.state, self._reconnect.last_error)

    def check_going(self) -> None:
        """Raise ``ended()`` if nothing is handed out any more."""
        if not self.state.accepting:
            raise self.ended()

    def check_fatal(self) -> None:
        """Raise ConnectFailed if the last connect failed for good, and none is open."""
        if self._fatal:
            raise self._refusal()

    def check_hopeless(self) -> None:
        """Raise what a caller need not wait for."""
        self.check_going()
        if self._postponed:
            self.check_fatal()

    def fail_hopeless(self) -> None:
        """Have everybody look again who waits for what would not help."""
        with self._lock:
            if self._fatal and self._postponed:
                self.slots.fail_all(self._refusal)
                self._changes.announce()

    @property
    def _fatal(self) -> bool:
        return self._reconnect.fatal_error is not None and not self.state.entries

    @property
    def _postponed(self) -> bool:
        return self._reconnect.not_before > self._clock.now()

    def _refusal(self) -> PoolError:
        return refused(self._name, self.state, self._reconnect)

    # -- whose turn it is ----------------------------------------------------

    def begin(self) -> bool:
        """Begin a connect, which ``end`` must follow. False: not now.

        Not before the pause after failed connects is over, nor together with so
        many others that all would be refused. Raises what ``check_hopeless`` does.
        """
        with self._lock:
            self.check_hopeless()
            if not self._free:
                return False
            self._connecting += 1
            return True

    def wait(self, deadline: Optional[float]) -> bool:
        """``begin`` as soon as possible. False: not before *deadline*."""
        while deadline is None or self._clock.now() < deadline:
            if self.begin():
                return True
            not_before, now = self._reconnect.not_before, self._clock.now()
            moments = [not_before] if deadline is None else [not_before, deadline]
            left = min((at - now for at in moments if at > now), default=None)
            self._changes.wait_for(partial(self._changed, not_before), left)
        return False

    def _changed(self, not_before: float) -> bool:
        self.check_hopeless()
        return self._free or self._reconnect.not_before != not_before

    @property
    def _free(self) -> bool:
        limit = self._reconnect.limit(self.state.size)
        return not self._postponed and self._connecting < limit

    def end(self) -> None:
        """A connect that ``begin`` allowed is over."""
        with self._lock:
            self._connecting -= 1
        self._changes.announce()

    def failed(self, error: BaseException) -> Tuple[int, float]:
        """Note a failed connect; return failures in a row and the pause to come."""
        with self._lock:
            self.state.open_repeated()
            delay = self._reconnect.failed(error, self._clock.now())
            self.fail_hopeless()
            return self._reconnect.failures, delay

    def succeeded(self) -> None:
        """Note a connect that succeeded: it may be what held the others back."""
        with self._lock:
            self._reconnect.connected()
        self._changes.announce()
