"""The words of the demo's picture: what was run, what came of it, what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .lanes import name_of
from .report import ratio

if TYPE_CHECKING:
    from .settings import Settings
    from .timeline import Timeline
    from .verdict import Measured

__all__ = [
    "PAUSES",
    "Run",
    "ends",
    "figures",
    "headline",
    "period_rows",
    "placed",
    "tooltips",
]


_SPACE = 5.0
"""Between two labels, in points."""


class Run(NamedTuple):
    """One of the two runs."""

    timeline: Timeline
    measured: Measured


PAUSES = {
    "opening": (
        "the pool opens, once in a program's life",
        "the pool opens",
        "opening",
    ),
    "lull": (
        "a lull: kept alive by hello and probe, replaced by age",
        "a lull: hello, probe, replaced by age",
        "a lull",
    ),
    "standstill": (
        "the process stands still: all are idle for too long",
        "process stands still",
        "standstill",
    ),
}


def period_rows(timeline: Timeline) -> List[List[Tuple[float, Sequence[str]]]]:
    """Where which texts, the longest first, are to stand: work above pauses."""
    work: List[Tuple[float, Sequence[str]]] = []
    pauses: List[Tuple[float, Sequence[str]]] = []
    for period in timeline.periods:
        if period.commands:
            seconds = "{:.2f} s".format(period.ended - period.began)
            commands = _counted(period.commands, "command")
            texts = (
                "{} in {}".format(commands, seconds),
                "{} in {}".format(period.commands, seconds),
            )
            work.append((period.began, texts))
        elif period.name in PAUSES:
            pauses.append((period.began, PAUSES[period.name]))
    return [row for row in (work, pauses) if row]


def placed(
    starts: Sequence[float], widths: Sequence[Sequence[float]], edge: float
) -> List[Optional[Tuple[float, int]]]:
    """Where each label stands, and which of its texts, so that none meets another.

    *starts* ascend; a label has texts of *widths*, the best first, and begins at its
    start, the last one earlier if *edge* makes it. None: there is no room.
    """
    places: List[Optional[Tuple[float, int]]] = []
    taken = float("-inf")
    for number, start in enumerate(starts):
        last = number + 1 == len(starts)
        place = None
        for which, width in enumerate(widths[number]):
            x = min(start, edge - width) if last else start
            until = edge if last else starts[number + 1] - _SPACE
            if x >= taken and x + width <= until:
                place = (x, which)
                taken = x + width + _SPACE
                break
        places.append(place)
    return places


def headline(settings: Settings, direct: Run, pool: Run) -> Tuple[str, str, str]:
    """The title, what is to be seen, and what was run."""
    wrong = (pool.measured.lost, pool.measured.doubled, pool.measured.crossed)
    return (
        "{} from {}: through a pool, and over a connection each".format(
            _counted(settings.commands, "command"),
            _counted(settings.clients, "client"),
        ),
        "Sessions that stay carry {:g} times as many commands per second; "
        "the pool {}.".format(
            ratio(direct.measured, pool.measured),
            "lost {}, doubled {} and crossed {}".format(*wrong)
            if any(wrong)
            else "lost, doubled and crossed nothing",
        ),
        "At most {} at once, {:g} ms per message, seed {}. The registry drops "
        "sessions, logs them out and ages them: {} and {} faults.".format(
            _counted(settings.sessions, "session"),
            1000 * settings.latency,
            settings.seed,
            sum(pool.measured.faults.values()),
            sum(direct.measured.faults.values()),
        ),
    )


def figures(measured: Measured) -> str:
    """What one run came to."""
    return (
        "{:.2f} s at work, {:.0f} per second; {}, {}; "
        "{} lost, {} doubled, {} crossed".format(
            measured.seconds,
            measured.per_second,
            _counted(measured.logins, "login"),
            _counted(measured.hellos, "hello"),
            measured.lost,
            measured.doubled,
            measured.crossed,
        )
    )


def _counted(number: int, what: str) -> str:
    return "{:,} {}{}".format(number, what, "" if number == 1 else "s")


def ends(direct: Run, pool: Run) -> List[Tuple[str, bool, int, int]]:
    """Each reason, whether it is planned, how often with the pool and without."""
    counted = pool.timeline.reasons, direct.timeline.reasons
    planned = {
        life.reason: life.planned
        for run in (direct, pool)
        for life in run.timeline.lives
    }
    reasons = sorted(planned, key=lambda reason: (not planned[reason], reason))
    return [
        (reason, planned[reason], counted[0].get(reason, 0), counted[1].get(reason, 0))
        for reason in reasons
    ]


def tooltips(timeline: Timeline) -> Dict[str, str]:
    """What each session has to say, by the id of its group."""
    return {
        name_of(life): "session {}: from {:.2f} to {:.2f} s, used {}, {}".format(
            life.number,
            life.began,
            life.ended or life.began,
            "once" if life.leases == 1 else "{} times".format(life.leases),
            life.reason.replace("_", " "),
        )
        for life in timeline.lives
    }
