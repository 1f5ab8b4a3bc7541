"""Measures one scenario: its peers take turns, round by round.

In each round every case gives one sample, within seconds of all others; every second
round goes backwards, so that a machine that gets slower bears on no side. Several
processes for each peer, one after the other, since a process's memory and hashes can
make it faster or slower for as long as it lives.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Callable, NamedTuple

from benchmarks import peers
from benchmarks.process import Worker, WorkerFailed
from benchmarks.results import Case, Results
from benchmarks.scenarios.scenario import Scenario

__all__ = ["FULL", "QUICK", "Effort", "measure", "rounds"]


class Effort(NamedTuple):
    """How long to measure: *seconds* is the least length of a sample."""

    quick: bool
    processes: int
    rounds: int
    seconds: float
    timeout: float


FULL = Effort(False, processes=5, rounds=7, seconds=0.1, timeout=300.0)
QUICK = Effort(True, processes=1, rounds=1, seconds=0.0, timeout=120.0)


def rounds(scenario: Scenario, effort: Effort) -> int:
    """How many rounds of *scenario* count in each process."""
    return min(effort.rounds, scenario.most_rounds)


def measure(
    scenario: Scenario, effort: Effort, tell: Callable[[str], None] = lambda line: None
) -> Results:
    """Measure *scenario*; a peer that is missing or fails is noted in the results."""
    results = Results()
    for name in scenario.peers:
        peer = peers.PEERS[name]
        if peers.version(peer) is None:
            results.missing[name] = f"{peer.distribution} is not installed"
    for number in range(effort.processes):
        tell(f"{scenario.name}: process {number + 1} of {effort.processes}")
        with ExitStack() as stack:
            workers = {
                name: stack.enter_context(Worker(scenario.name, name, effort.timeout))
                for name in scenario.peers
                if name not in results.missing
            }
            _rounds(scenario, effort, workers, results, number)
    return results


def _rounds(
    scenario: Scenario,
    effort: Effort,
    workers: dict[str, Worker],
    results: Results,
    number: int,
) -> None:
    cases = [
        Case(name, point)
        for name in workers
        for point in scenario.points(name, effort.quick)
    ]
    results.expect(cases)
    # Once before it counts: what is imported and cached at first use is no cost of it.
    for turn in range(0 if effort.quick else -1, rounds(scenario, effort)):
        for case in cases if turn % 2 else reversed(cases):
            if case.peer in results.missing:
                continue
            worker = workers[case.peer]
            try:
                if case not in results.loops:
                    results.loops[case] = worker.loops(case, effort.seconds)
                sample = worker.sample(case, results.loops[case])
            except WorkerFailed as error:
                results.drop(case.peer, f"failed: {error}")
                continue
            if turn >= 0:
                results.add(case, number, sample)
