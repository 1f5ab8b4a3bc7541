"""Timeline: what happened when in a run of the demo. Pure data, no I/O.

Times are seconds since the run began. Who tells it what happens is in
``recording``; who draws it, in ``plot``.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

__all__ = [
    "BUSY",
    "CLOSING",
    "HELLO",
    "IDLE",
    "OPENING",
    "PROBE",
    "Life",
    "Mark",
    "Period",
    "Span",
    "Timeline",
]

OPENING, IDLE, BUSY, CLOSING = "opening", "idle", "busy", "closing"
HELLO, PROBE = "hello", "probe"
_UNFINISHED = "closed"


class Span(NamedTuple):
    """A session was in *state* from *began* to *ended*."""

    state: str
    began: float
    ended: float


class Mark(NamedTuple):
    """A hello or a probe was answered."""

    kind: str
    at: float


class Period(NamedTuple):
    """A part of the run."""

    name: str
    began: float
    ended: float
    commands: int
    """How many commands were worked off in it, 0 in a pause."""


class Life:
    """One session from its connect to its end. Made by ``Timeline.opens``."""

    __slots__ = (
        "_now",
        "_states",
        "began",
        "ended",
        "lane",
        "leases",
        "marks",
        "number",
        "planned",
        "reason",
    )

    def __init__(self, number: int, lane: int, now: Callable[[], float]) -> None:
        self._now = now
        self.number: int = number
        """1 for the first session of the run."""
        self.lane: int = lane
        """0 for the topmost. No two sessions are in a lane at the same time."""
        self.began: float = now()
        self.ended: Optional[float] = None
        """When it had ended; None before."""
        self.reason: str = ""
        """Why it ended."""
        self.planned: bool = False
        """Whether it ended in good health."""
        self.marks: List[Mark] = []
        """Its answered hellos and probes."""
        self.leases: int = 0
        """How many times it became busy."""
        self._states: List[Tuple[str, float]] = [(OPENING, self.began)]

    def becomes(self, state: str) -> None:
        """Note that it is in *state* from now on. Nothing follows its end."""
        if self.ended is not None or state == self._states[-1][0]:
            return
        self._states.append((state, self._now()))
        self.leases += state == BUSY

    def mark(self, kind: str) -> None:
        """Note the answer to a hello or probe."""
        self.marks.append(Mark(kind, self._now()))

    def end(self, reason: str, planned: bool) -> None:
        """Note its end; only the first counts."""
        if self.ended is None:
            self.ended = self._now()
            self.reason, self.planned = reason, planned

    def spans(self, least: float = 0.0) -> List[Span]:
        """What it was when, without the idle spans shorter than *least* seconds.

        What such a span parted and is of one state becomes one span.
        """
        ended = self._now() if self.ended is None else self.ended
        until = [began for _, began in self._states[1:]] + [ended]
        spans: List[Span] = []
        for (state, began), end in zip(self._states, until):
            if end <= began or (state == IDLE and end - began < least):
                continue
            last = spans[-1] if spans else None
            if last and last.state == state and began - last.ended < (least or 1e-9):
                spans[-1] = Span(state, last.began, end)
            else:
                spans.append(Span(state, began, end))
        return spans


class Timeline:
    """What happened when. *clock* returns seconds, and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._origin = clock()
        self._taken: Dict[int, Life] = {}
        self.lives: List[Life] = []
        """Every session, in the order of their connects."""
        self.waiting: List[Tuple[float, int]] = []
        """From when on how many clients waited for a session."""
        self.periods: List[Period] = []
        """The parts of the run that are over, in their order."""
        self._period: Optional[Period] = None

    def now(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._origin

    def begin(self) -> None:
        """The run begins now; nothing may have been noted before."""
        self._origin = self._clock()

    def opens(self) -> Life:
        """Note that a connect begins; the session gets the topmost free lane."""
        lane = 0
        while lane in self._taken:
            lane += 1
        life = Life(len(self.lives) + 1, lane, self.now)
        self._taken[lane] = life
        self.lives.append(life)
        return life

    def ends(self, life: Life, reason: str, planned: bool = False) -> None:
        """Note that *life* has ended because of *reason*; its lane is free."""
        life.end(reason, planned)
        if self._taken.get(life.lane) is life:
            del self._taken[life.lane]

    def waits(self, clients: int) -> None:
        """Note how many clients wait for a session now."""
        if not self.waiting or self.waiting[-1][1] != clients:
            self.waiting.append((self.now(), clients))

    def begins(self, name: str, commands: int = 0) -> None:
        """Note that the part *name* of the run begins, and that before it is over."""
        now = self.now()
        if self._period is not None:
            self.periods.append(self._period._replace(ended=now))
        self._period = Period(name, now, now, commands)

    def finish(self) -> None:
        """Note that the run is over, and with it every session."""
        for life in list(self._taken.values()):
            self.ends(life, _UNFINISHED, planned=True)
        self.waits(0)
        if self._period is not None:
            self.periods.append(self._period._replace(ended=self.now()))
            self._period = None

    def waiting_at_most(self, step: float) -> List[Tuple[float, int]]:
        """``waiting`` in less detail: its peak in each *step* seconds, and what is
        left when they are over."""
        peaks: List[Tuple[float, int]] = []
        lasts: List[Tuple[float, int]] = []
        for at, clients in self.waiting:
            if peaks and at - peaks[-1][0] < step:
                peaks[-1] = (peaks[-1][0], max(peaks[-1][1], clients))
                lasts[-1] = (at, clients)
            else:
                peaks.append((at, clients))
                lasts.append((at, clients))
        return [point for pair in zip(peaks, lasts) for point in pair]

    @property
    def lanes(self) -> int:
        """How many sessions there were at once, at most."""
        return max((life.lane + 1 for life in self.lives), default=0)

    @property
    def ended(self) -> float:
        """When the last thing happened."""
        times = [life.ended or life.began for life in self.lives]
        times += [period.ended for period in self.periods]
        times += [at for at, _ in self.waiting[-1:]]
        return max(times, default=0.0)

    @property
    def reasons(self) -> Dict[str, int]:
        """How many sessions ended why, the most frequent first."""
        return dict(Counter(life.reason for life in self.lives).most_common())
