"""Keepalive and rotation: has idle connections pinged or retired in time.

A timer, not a greenlet: there is nothing to kill, and nothing to keep a pool
alive that nobody uses any more. What is due is said in ``_due``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from ._due import due

if TYPE_CHECKING:
    from ._clock import Clock, Timer
    from ._entry import Entry
    from ._state import PoolState
    from .hooks import DiscardReason

# A timer can fire a little before its time.
SHORTEST = 0.001
# Some thirty times what a look takes for each.
PAUSE_PER_CONNECTION = 0.00001


class Maintenance:
    """Looks at the idle connections when the next thing is due.

    Arguments: *ping* (entry) and *retire* (entry, reason) act on one idle
    connection and must not switch. *period* (seconds) is the longest time
    between two looks; None if nothing ever comes due.
    """

    def __init__(
        self,
        state: PoolState,
        clock: Clock,
        ping: Callable[[Entry], None],
        retire: Callable[[Entry, DiscardReason], None],
        period: Optional[float],
    ) -> None:
        self._state = state
        self._clock = clock
        self._ping = ping
        self._retire = retire
        self._period = period
        self._timer: Optional[Timer] = None
        self._looks_at = float("inf")

    def look(self) -> None:
        """Do what is due, and come back for the next thing; switches nothing."""
        self.stop()
        if not self._state.accepting:
            return
        now = self._clock.now()
        work = due(self._state, now)
        for entry, reason in work.retire:
            self._retire(entry, reason)
        for entry in work.ping:
            self._ping(entry)
        next_at = work.next_at
        if self._period is not None:
            # A connection that becomes idle later is due no earlier than this.
            next_at = min(next_at, now + self._period)
        self.look_by(next_at)

    def look_soon(self) -> None:
        """Look after a pause, so that many pings that end together cost one look.

        A look takes time by the connection, so the pause does, too.
        """
        pause = PAUSE_PER_CONNECTION * len(self._state.entries)
        self.look_by(self._clock.now() + pause)

    def look_by(self, when: float) -> None:
        """Look no later than at *when*."""
        if when >= self._looks_at:
            return
        self.stop()
        self._looks_at = when
        self._timer = self._clock.call_later(
            max(when - self._clock.now(), SHORTEST), self.look, ref=False
        )

    def stop(self) -> None:
        """Look no more, until asked."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._looks_at = float("inf")
