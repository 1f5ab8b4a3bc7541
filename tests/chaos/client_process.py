"""A client's process: greenlets that send commands, and what kills them.

What each command's client was told goes to a file at once, one JSON line each,
so that the process's own memory shows only what the pool keeps.
"""

from __future__ import annotations

import json
import logging
import random
import sys
import time
from typing import Any, Dict, Iterator, List, TextIO

import gevent
from gevent.event import Event

from .ours import Ours
from .plain import Plain
from .processes import serve_lines, tell
from .work import Command, commands

__all__ = ["main"]

HUNG_AFTER = 12.0
"""Seconds after which a client that waits for its answer is given up."""
_INTERRUPTS = ("none", "timeout", "quiet", "own", "kill")
_CHANCES = (80, 7, 3, 3, 7)


class Clients:
    """*count* greenlets that send commands through a carrier until told to rest."""

    def __init__(self, carrier: Any, settings: Dict[str, Any], file: TextIO) -> None:
        self._carrier = carrier
        self._random = random.Random(settings["seed"])
        self._think = settings["think"]
        self._count = settings["greenlets"]
        self._work: Iterator[Command] = commands(settings["account"], settings["seed"])
        self._file = file
        self._resting = Event()
        self._greenlets: List[Any] = []

    def go(self) -> None:
        """Start them."""
        self._greenlets = [gevent.spawn(self._client) for _ in range(self._count)]

    def rest(self) -> int:
        """Let everyone finish; return how many had to be killed for it."""
        self._resting.set()
        gevent.joinall(self._greenlets, timeout=HUNG_AFTER + 3)
        left = [greenlet for greenlet in self._greenlets if not greenlet.ready()]
        gevent.killall(left)
        for greenlet in self._greenlets:
            greenlet.get()
        # Each remembers a session, which may have ended.
        self._greenlets = []
        self._file.flush()
        return len(left)

    def _client(self) -> None:
        while not self._resting.is_set():
            command = next(self._work)
            told: Dict[str, Any] = {
                "verb": command.verb,
                "name": command.name,
                "outcome": "interrupted",
                "began": time.monotonic(),
            }
            (manner,) = self._random.choices(_INTERRUPTS, _CHANCES)
            self._interrupted(manner, command, told)
            told["seconds"] = time.monotonic() - told["began"]
            self._file.write(json.dumps(told) + "\n")
            gevent.sleep(self._random.uniform(0, self._think))

    def _interrupted(self, manner: str, command: Command, told: Dict[str, Any]) -> None:
        """Send it, and end that by what *manner* says, perhaps."""
        soon = self._random.expovariate(1 / 0.03)
        try:
            with gevent.Timeout(HUNG_AFTER, _Hung):
                if manner == "none":
                    self._carry(command, told)
                elif manner == "kill":
                    self._killed(soon, command, told)
                else:
                    error: Any = {"timeout": None, "quiet": False, "own": _Own}[manner]
                    with gevent.Timeout(soon, error):
                        self._carry(command, told)
        except (gevent.Timeout, _Own):
            pass
        except _Hung:
            told["outcome"] = "hung"

    def _killed(self, soon: float, command: Command, told: Dict[str, Any]) -> None:
        victim = gevent.spawn(self._carry, command, told)
        try:
            victim.join(soon)
        finally:
            victim.kill()

    def _carry(self, command: Command, told: Dict[str, Any]) -> None:
        lease = self._random.random() < 0.4
        try:
            answer = self._carrier.send(command.request, lease)
        except (_Own, _Hung):
            raise
        except Exception as error:
            outcome, more = self._carrier.explain(error)
            told.update(more, outcome=outcome, error=type(error).__name__)
        else:
            told["outcome"] = "answered"
            told["code"] = getattr(answer, "code", None)
            told["id"] = getattr(answer, "cl_tr_id", None)
            told["names"] = _names(answer)


class _Own(Exception):
    """A program's own exception, thrown by its gevent.Timeout."""


class _Hung(BaseException):
    """Nothing came for so long that the client is given up."""


def _names(answer: Any) -> List[str]:
    """The domains that an answer names."""
    find_all = getattr(answer, "find_all", None)
    if find_all is None:
        return []
    found = find_all("*/domain:name") + find_all("*/domain:cd/domain:name")
    return [element.text for element in found]


def main() -> None:
    """Work as standard input says, until it ends."""
    settings = json.loads(sys.argv[1])
    # A line about each of the faults would hide the table.
    logging.getLogger("geventconnpool_ext").addHandler(logging.NullHandler())
    carrier: Any = Ours(settings) if settings["pool"] == "ours" else Plain(settings)
    with open(settings["told"], "w") as file:
        clients = Clients(carrier, settings, file)
        carrier.wait()
        tell("ready")
        serve_lines(
            {
                "go": clients.go,
                "open": lambda: carrier.open,
                "rest": clients.rest,
                "at_rest": carrier.at_rest,
                "close": carrier.close,
            }
        )
