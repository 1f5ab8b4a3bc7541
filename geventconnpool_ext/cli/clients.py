"""The clients of the demo: greenlets that share out the work among them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, List, Sequence, Tuple

import gevent

from .verdict import Told

if TYPE_CHECKING:
    from .work import Command

__all__ = ["Answered", "Carry", "TRY_AGAIN", "work_off"]

Answered = Tuple[bool, str, List[Any]]
"""Whether the command is done, why not, and the answers that were believed."""

if TYPE_CHECKING:
    Carry = Callable[[Command], Answered]

TRY_AGAIN = frozenset((2400, 2500, 2502))
"""Answers that say 'not now': the command was not executed."""


def work_off(
    commands: Sequence[Command],
    clients: int,
    carry: Carry,
    advance: Callable[[], None],
) -> List[Told]:
    """Have *commands* carried out by *clients* greenlets; return what came of each.

    *carry* takes one command through, and *advance* is told of every end.
    """
    waiting = iter(commands)
    told: List[Told] = []

    def client() -> None:
        # One iterator for all: each takes the next command that nobody has.
        for command in waiting:
            began = time.monotonic()
            try:
                done, problem, answers = carry(command)
            except Exception as error:
                # A client that dies would take its command out of the count.
                done, problem, answers = False, explain(error), []
            told.append(Told(command, answers, done, problem, time.monotonic() - began))
            advance()

    greenlets = [gevent.spawn(client) for _ in range(min(clients, len(commands)))]
    try:
        gevent.joinall(greenlets)
    finally:
        gevent.killall(greenlets)
    return told


def explain(error: BaseException) -> str:
    """What went wrong, in one line."""
    return "{}: {}".format(type(error).__name__, error)
