"""The opener: has connects under way while connections are missing.

Each connect runs in a greenlet of its own, so none of them delays another or a
caller. How many, how soon after a failure and how far apart at the start are
decided here; what becomes of a connection is the engine's part.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from gevent import Greenlet, GreenletExit, get_hub

from ._bounded import ENDS_QUIETLY, call_bounded
from .errors import PoolError

if TYPE_CHECKING:
    from ._clock import Clock, Timer
    from ._reconnect import Reconnect
    from ._state import PoolState


class Attempt:
    """One connect under way; settled exactly once."""

    __slots__ = ("begun", "generation", "given_up", "settled")

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.begun = False
        self.given_up = False
        self.settled = False


class Opener:
    """Opens what is missing.

    Arguments: *connect* makes a connection and may take its time. *opened*
    (connection, generation) takes it over and must not switch; it returns False
    for one that the pool holds already. *failed* (error) is told of a failure
    and must not switch; *given_up* () likewise of any end of a connect that was
    interrupted because nobody wants it. *report* runs last, in the connect's
    greenlet, with the connection or None and the error or None; it may do as it
    likes.
    """

    def __init__(
        self,
        state: PoolState,
        clock: Clock,
        reconnect: Reconnect,
        connect: Callable[[], Any],
        opened: Callable[[Any, int], bool],
        failed: Callable[[BaseException], None],
        given_up: Callable[[], None],
        report: Callable[[Any, Optional[BaseException]], None],
        max_opening: int,
        connect_timeout: Optional[float],
        stagger: float,
    ) -> None:
        self._state = state
        self._clock = clock
        self._reconnect = reconnect
        self._connect = connect
        self._opened = opened
        self._failed = failed
        self._given_up = given_up
        self._report = report
        self._max_opening = max_opening
        self._connect_timeout = connect_timeout
        self._stagger = stagger
        self._staggered = state.min_size
        self._stagger_until = float("-inf")
        self._timer: Optional[Timer] = None
        self.running: Dict[Greenlet[..., Any], Attempt] = {}

    def kick(self) -> None:
        """Begin the connects that are missing and allowed; switches nothing.

        Call it after every change that can make one missing. Where only time
        stands in the way, a timer calls it again.
        """
        state = self._state
        self.stop_timer()
        while state.missing() > 0:
            if state.opening >= self._reconnect.limit(self._max_opening):
                return
            now = self._clock.now()
            begin_at = self._reconnect.not_before
            # The first connects come one by one, unless somebody waits for one.
            if not state.someone_needs_one():
                begin_at = max(begin_at, self._stagger_until)
            if now < begin_at:
                self._timer = self._clock.call_later(begin_at - now, self.kick)
                return
            self._begin(now)

    def begin_one(self) -> None:
        """Begin a connect that nobody waits for, if there is none and it may be."""
        state = self._state
        if (
            state.opening == 0
            and state.room > 0
            and self._clock.now() >= self._reconnect.not_before
        ):
            self._begin(self._clock.now())

    def stop_timer(self) -> None:
        """Forget the connect that time stood in the way of."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def stop(self) -> None:
        """Interrupt every connect under way; switches nothing.

        A hook that is told of one may go on: it may be what closes the pool.
        """
        self.stop_timer()
        for greenlet, attempt in list(self.running.items()):
            self._interrupt(greenlet, attempt)

    def give_up_surplus(self) -> None:
        """Interrupt the connects that ``size`` has no place for, the newest first."""
        wanted = [
            (greenlet, attempt)
            for greenlet, attempt in self.running.items()
            if not attempt.settled and not attempt.given_up
        ]
        places = max(self._state.size - len(self._state.entries), 0)
        for greenlet, attempt in wanted[places:]:
            attempt.given_up = True
            self._interrupt(greenlet, attempt)

    def _interrupt(self, greenlet: Greenlet[..., Any], attempt: Attempt) -> None:
        if attempt.begun:
            get_hub().loop.run_callback(self._throw, greenlet, attempt)
        else:
            greenlet.kill(block=False)

    def _throw(self, greenlet: Greenlet[..., Any], attempt: Attempt) -> None:
        # Greenlet.kill would not look whether the connect is over by now.
        if not attempt.settled:
            greenlet.throw(GreenletExit)

    def kill(self) -> None:
        """End the greenlet of every connect, hooks and all; switches nothing."""
        self.stop_timer()
        for greenlet in list(self.running):
            greenlet.kill(block=False)

    def _begin(self, now: float) -> None:
        attempt = Attempt(self._state.begin_open())
        if self._staggered > 0:
            self._staggered -= 1
            self._stagger_until = now + self._stagger
        greenlet = Greenlet(self._run, attempt)
        self.running[greenlet] = attempt
        # A greenlet killed before it starts never runs its body: only a link
        # hears of every end.
        greenlet.rawlink(partial(self._ended, attempt))
        greenlet.start()

    def _run(self, attempt: Attempt) -> None:
        attempt.begun = True
        try:
            connection = call_bounded(
                self._clock, self._connect_timeout, "connect", self._connect
            )
            if not connection:
                raise PoolError(
                    "the connect returned {!r}: no connection yet".format(connection)
                )
            # No switch from here until the pool holds the connection.
            attempt.settled = True
            if not self._opened(connection, attempt.generation):
                attempt.settled = False
                raise PoolError(
                    "the connect returned a connection that the pool already holds"
                )
        except BaseException as error:
            if not attempt.settled:
                self._settle(attempt, error)
                if not attempt.given_up:
                    self._report(None, error)
            if not isinstance(error, ENDS_QUIETLY):
                raise
        else:
            self._report(connection, None)

    def _ended(self, attempt: Attempt, greenlet: Greenlet[..., Any]) -> None:
        self.running.pop(greenlet, None)
        if not attempt.settled:
            self._settle(attempt, GreenletExit("the connect was killed"))

    def _settle(self, attempt: Attempt, error: BaseException) -> None:
        attempt.settled = True
        if attempt.given_up:
            self._given_up()
        else:
            self._failed(error)
