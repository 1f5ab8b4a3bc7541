"""A clock whose hours pass at once, to put in the place of a pool's own."""

from __future__ import annotations

import itertools
from typing import Set

import gevent

# More steps than any chain of callbacks in the pool has.
ROUNDS = 10


def settle() -> None:
    """Let every greenlet that can run do so, until all of them wait."""
    for _ in range(3):
        for _ in range(ROUNDS):
            gevent.sleep(0)
        # What was sent from another thread arrives only with the loop's next turn.
        gevent.idle()


class VirtualTimer:
    """A call to come at a moment of virtual time."""

    def __init__(self, clock, when, callback, args, ref):
        self.clock = clock
        self.when = when
        self.callback = callback
        self.args = args
        self.ref = ref
        self.number = next(clock.numbers)

    def stop(self) -> None:
        self.clock.timers.discard(self)


class VirtualClock:
    """Stands still until a test calls ``advance``."""

    def __init__(self, start: float = 1000.0) -> None:
        self.time = start
        self.timers: Set[VirtualTimer] = set()
        self.numbers = itertools.count()

    def now(self) -> float:
        return self.time

    def call_later(self, delay, callback, *args, ref=True):
        assert isinstance(delay, (int, float)), delay
        timer = VirtualTimer(self, self.time + max(delay, 0.0), callback, args, ref)
        self.timers.add(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass; every timer fires at its own moment, in the hub."""
        target = self.time + seconds
        settle()
        for _ in range(10_000):
            timer = min(
                (timer for timer in self.timers if timer.when <= target),
                key=lambda timer: (timer.when, timer.number),
                default=None,
            )
            if timer is None:
                break
            self.time = max(self.time, timer.when)
            gevent.get_hub().loop.run_callback(self._fire, timer)
            settle()
        else:
            raise AssertionError("timers never cease: one is set again at once")
        self.time = target
        settle()

    def _fire(self, timer: VirtualTimer) -> None:
        if timer in self.timers:
            self.timers.discard(timer)
            timer.callback(*timer.args)
