"""The leak watch: finds leases that are held for too long, and tells of each once.

A pool has one only if it was made with ``leak_after``. When and where a lease
was taken is written on its entry; one timer per pool looks at the entries in the
order in which they were taken. A lease that comes back too late for the timer,
because its user blocked the event loop, is found when it comes back.

The pool holds the watch, and nothing else does: the timer has a weak reference.
"""

from __future__ import annotations

import weakref
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, List, Optional, Tuple

from gevent import Greenlet
from gevent.monkey import get_original

from ._bounded import ENDS_QUIETLY
from ._entry import AT_ONCE
from ._owner import get_thread_ident
from ._taken import Taken

if TYPE_CHECKING:
    from ._clock import Clock, Timer
    from ._entry import Entry
    from ._observer import Observer

# A timer can fire a little before its time.
SHORTEST = 0.001
# A timer that is later than this is on the loop of a thread that is busy or gone.
LATE = 1.0


class Alarm:
    """One call of ``watch.look``, which does not keep *watch* alive."""

    __slots__ = ("_timer", "_watch", "thread")

    def __init__(self, watch: LeakWatch, clock: Clock, seconds: float) -> None:
        self._watch = weakref.ref(watch)
        self.thread = get_thread_ident()
        self._timer: Timer = clock.call_later(seconds, self._fire, ref=False)

    def _fire(self) -> None:
        self._timer.stop()
        watch = self._watch()
        # Not if another thread has taken it over.
        if watch is not None and watch.alarm is self:
            watch.look()

    def stop(self) -> None:
        """Forget the call. For the thread that made it."""
        self._timer.stop()


class Report:
    """Leaks to tell of, in a greenlet: hooks and log may switch, a timer may not.

    *steps* are called in order. A kill ends one step, and the others follow: none
    is called twice or left out. *running* has the report while it lasts.
    """

    __slots__ = ("_running", "steps")

    def __init__(
        self,
        steps: List[Callable[[], None]],
        running: Dict[Greenlet[..., Any], Report],
    ) -> None:
        self.steps: Deque[Callable[[], None]] = deque(steps)
        self._running = running

    def start(self) -> None:
        """Begin, soon; switches nothing now."""
        greenlet = Greenlet(self._run)
        self._running[greenlet] = self
        # A greenlet killed before it starts never runs its body: only a link
        # hears of every end.
        greenlet.rawlink(self._ended)
        greenlet.start()

    def _run(self) -> None:
        try:
            while self.steps:
                self.steps.popleft()()
        except ENDS_QUIETLY:
            pass

    def _ended(self, greenlet: Greenlet[..., Any]) -> None:
        self._running.pop(greenlet, None)
        if self.steps:
            self.start()


class LeakWatch:
    """Watches the leases of *entries*; one is a leak after *leak_after* seconds.

    Methods switch no greenlet, and may be called in any thread.
    """

    __slots__ = (
        "__weakref__",
        "_clock",
        "_entries",
        "_late_at",
        "_leak_after",
        "_lock",
        "_now",
        "_observer",
        "alarm",
        "running",
    )

    def __init__(
        self,
        entries: Dict[int, Entry],
        clock: Clock,
        observer: Observer,
        leak_after: float,
    ) -> None:
        self._entries = entries
        self._clock = clock
        self._now = clock.now
        self._observer = observer
        self._leak_after = leak_after
        # For the lines that claim a leak, so that one is told of once.
        self._lock = get_original("_thread", "allocate_lock")()
        self.alarm: Optional[Alarm] = None
        # From then on the alarm is overdue; AT_ONCE while there is none.
        self._late_at = AT_ONCE
        self.running: Dict[Greenlet[..., Any], Report] = {}

    def took(self, entry: Entry) -> None:
        """Note that a lease of *entry* begins; for the lease's ``__enter__``."""
        now = self._now()
        # Above Taken and this method: __enter__ is there, its caller may not be.
        entry.taken = Taken(now, 2)
        if now > self._late_at:
            self.look()

    def ended(self, entry: Entry, now: float) -> None:
        """Note that the lease of *entry*, if there is one, ends."""
        taken = entry.taken
        if taken is not None:
            entry.taken = None
            if now - taken.since >= self._leak_after and self._claim(taken):
                self._report([(entry, taken)], now)

    def watching(
        self, give_back: Callable[[Entry, float], bool]
    ) -> Callable[[Entry, float], bool]:
        """Return *give_back*, with a call of ``ended`` before it."""

        def give_back_watched(entry: Entry, now: float) -> bool:
            self.ended(entry, now)
            return give_back(entry, now)

        return give_back_watched

    def look(self) -> None:
        """Report the leaks there are, and come back for the next."""
        self.alarm, self._late_at = None, AT_ONCE
        now = self._now()
        leaks: List[Tuple[Entry, Taken]] = []
        for entry, taken in self._leases():
            if now - taken.since < self._leak_after:
                self._look_at(taken.since + self._leak_after, now)
                break
            if self._claim(taken):
                leaks.append((entry, taken))
        self._report(leaks, now)

    def look_if_late(self) -> None:
        """Look, if the alarm is overdue: the thread that set it may be gone."""
        if self._now() > self._late_at:
            self.look()

    def stop(self) -> None:
        """Look no more, until another connection is taken."""
        alarm = self.alarm
        # What another thread's loop has, is that thread's to stop.
        if alarm is not None and alarm.thread == get_thread_ident():
            self.alarm, self._late_at = None, AT_ONCE
            alarm.stop()

    def abandon(self) -> None:
        """Tell of nothing more, in a forked child: these leaks are the parent's."""
        self.stop()
        for report in list(self.running.values()):
            report.steps.clear()

    def _leases(self) -> List[Tuple[Entry, Taken]]:
        """The leases not reported yet, in the order of their taking."""
        found: List[Tuple[Entry, Taken]] = []
        for entry in list(self._entries.values()):
            taken = entry.taken
            if taken is not None and not taken.reported:
                found.append((entry, taken))
        found.sort(key=_since)
        return found

    def _look_at(self, when: float, now: float) -> None:
        self._late_at = when + LATE
        self.alarm = Alarm(self, self._clock, max(when - now, SHORTEST))

    def _claim(self, taken: Taken) -> bool:
        """Return True to the one caller who is to report *taken*."""
        with self._lock:
            first, taken.reported = not taken.reported, True
        return first

    def _report(self, leaks: List[Tuple[Entry, Taken]], now: float) -> None:
        observer = self._observer
        steps: List[Callable[[], None]] = []
        for entry, taken in leaks:
            seconds = now - taken.since
            steps.append(partial(observer.log_leak, seconds, taken))
            steps.append(partial(observer.leaked, entry.connection, seconds, taken))
        if steps:
            Report(steps, self.running).start()


def _since(lease: Tuple[Entry, Taken]) -> float:
    return lease[1].since
