"""The process of one peer in one scenario: measures when it is asked to.

It reads one JSON object a line, ``{"point": ..., "loops": ...}``, and answers each by
one: a sample, or with ``"seconds"`` instead of ``"loops"`` the loops that take so long.
Whatever else is printed here goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from benchmarks import peers, scenarios

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module
    from benchmarks.results import Point
    from benchmarks.scenarios.scenario import Scenario

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Answer until stdin ends. *arguments*: the scenario's name, the peer's."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = peers.PEERS[arguments[1]]
    if peer.patched:
        from gevent import monkey

        monkey.patch_all()
    scenario = scenarios.load(arguments[0])
    module = peers.load(peer)
    # Not by a greenlet's stdin: nothing is to go on in between.
    for line in iter(lambda: _line(0), b""):
        asked = json.loads(line)
        print(json.dumps(_answer(scenario, module, asked)), file=answers, flush=True)


def _answer(scenario: Scenario, module: Module, asked: dict[str, Any]) -> Any:
    point = asked["point"]
    if "seconds" in asked:
        return _calibrated(scenario, module, point, asked["seconds"])
    return scenario.sample(module, point, asked["loops"])._asdict()


def _calibrated(
    scenario: Scenario, module: Module, point: Point, seconds: float
) -> int:
    """The number of loops, a power of two times the least, that last so long."""
    loops = scenario.least_loops
    while scenario.duration(scenario.sample(module, point, loops), loops) < seconds:
        loops *= 2
    return loops


def _line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            break
        line += byte
    return line


if __name__ == "__main__":
    main(sys.argv[1:])
