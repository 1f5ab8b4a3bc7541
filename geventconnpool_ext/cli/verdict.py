"""The verdict of the demo: what was lost, doubled or crossed, and the figures.

The registry's record decides, not what a client believes. Pure functions.
"""

from __future__ import annotations

import math
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
)

if TYPE_CHECKING:
    from ..testing import Counters, Execution, Record
    from .work import Command

__all__ = ["Measured", "Told", "Verdict", "judge", "measure"]


class Told(NamedTuple):
    """What the client of one command was told in the end."""

    command: Command
    answers: Sequence[Any]
    """Every answer it believed, those to its questions about the outcome too."""
    done: bool
    """Whether it was told that the command is done."""
    problem: str
    """Why not, if it was not."""
    seconds: float
    """How long it took, waiting for a session included."""


class Verdict(NamedTuple):
    """How many commands went wrong, by the registry's record."""

    lost: int
    """Not done, or done without the client being told so."""
    doubled: int
    """Changed the registry more than once."""
    crossed: int
    """Believed an answer that was another command's."""
    problems: Sequence[str]
    """A line on each of them."""


class Measured(NamedTuple):
    """The figures of one run."""

    commands: int
    lost: int
    doubled: int
    crossed: int
    handshakes: int
    logins: int
    hellos: int
    expired: Mapping[str, int]
    """Sessions by the reason for which the client ended them."""
    faults: Mapping[str, int]
    """What the registry did wrong, by the name of the fault."""
    p50_ms: float
    p99_ms: float
    per_second: float
    seconds: float
    """The time worked, pauses left out."""


def judge(told: Sequence[Told], record: Record) -> Verdict:
    """Compare what the clients were told with what the registry recorded."""
    by_name: Dict[str, List[Execution]] = {}
    by_tr_id: Dict[Optional[str], Execution] = {}
    for execution in record:
        by_name.setdefault(execution.name, []).append(execution)
        by_tr_id[execution.cl_tr_id] = execution
    lost = doubled = crossed = 0
    problems = []
    for outcome in told:
        command = outcome.command
        executed = [
            execution
            for execution in by_name.get(command.name, ())
            if execution.executed and execution.verb == command.verb
        ]
        what = "{} {}".format(command.verb, command.name)
        if not (outcome.done and executed):
            lost += 1
            problems.append(
                "lost: {}: {}".format(what, outcome.problem or "never executed")
            )
        if sum(1 for execution in executed if execution.effect) > 1:
            doubled += 1
            problems.append("doubled: {}".format(what))
        if not all(_belongs(answer, command, by_tr_id) for answer in outcome.answers):
            crossed += 1
            problems.append("crossed: {}".format(what))
    return Verdict(lost, doubled, crossed, problems)


def _belongs(
    answer: Any, command: Command, by_tr_id: Mapping[Optional[str], Execution]
) -> bool:
    execution = by_tr_id.get(answer.cl_tr_id)
    if execution is None or execution.name != command.name:
        return False
    named = answer.find_all("*/domain:name") + answer.find_all(
        "*/domain:cd/domain:name"
    )
    return all(element.text == command.name for element in named)


def measure(
    told: Sequence[Told],
    verdict: Verdict,
    counters: Counters,
    expired: Mapping[str, int],
    seconds: float,
) -> Measured:
    """Put the figures of one run together; *seconds* is the time worked."""
    taken = sorted(outcome.seconds for outcome in told)
    return Measured(
        len(told),
        verdict.lost,
        verdict.doubled,
        verdict.crossed,
        counters.handshakes,
        counters.logins,
        counters.hellos,
        {str(reason): times for reason, times in sorted(expired.items())},
        dict(sorted(counters.faults.items())),
        round(1000 * percentile(taken, 50), 1),
        round(1000 * percentile(taken, 99), 1),
        round(len(told) / seconds, 1),
        round(seconds, 3),
    )


def percentile(ascending: Sequence[float], percent: float) -> float:
    """The smallest value that *percent* of the values do not exceed."""
    return ascending[max(math.ceil(len(ascending) * percent / 100), 1) - 1]
