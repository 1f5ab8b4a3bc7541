"""Fairness: how much longer than the mean has anybody to wait, when all have to."""

from __future__ import annotations

import statistics
from time import process_time
from typing import TYPE_CHECKING, Callable, Dict, List, NamedTuple, Tuple

import gevent

from benchmarks.ratios import Claim, Ratio, spread
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.scenarios.saturation import Enough, saturate
from benchmarks.scenarios.scenario import Report, Scenario, label
from benchmarks.table import Table

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module, Opened

GREENLETS, CONNECTIONS = 200, 8


class Fairness(Scenario):
    """The longest wait over the mean wait, first come first served being 1."""

    name = "fairness"
    title = "Fairness under saturation"
    measures = (
        f"The longest wait over the mean wait of {GREENLETS} greenlets on "
        f"{CONNECTIONS} connections, each yielding once while it holds one. In turns: "
        "how many others were served in between, which no noise of the machine can "
        "change. And in CPU time, where one garbage collection makes a longest wait: "
        "see the bare minimum with a line. Who still waits at the end counts, too."
    )
    peers = (
        "bare-line",
        "ours",
        "geventconnpool",
        "psycopg_pool",
        "sqlalchemy",
        "generic",
    )
    least_loops = 2_000

    def duration(self, sample: Sample, loops: int) -> float:
        return sample.more["seconds"]

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        opened = peer.open_pool(CONNECTIONS)
        watch = Watch(GREENLETS, GREENLETS * 2 + loops)
        began = process_time()
        saturate(opened, GREENLETS, watch.user)
        seconds = process_time() - began
        opened.close()
        return watch.judge(seconds)

    def report(self, results: Results) -> Report:
        rows = []
        for peer in results.peers:
            case = Case(peer)
            rows.append(
                (
                    label(peer),
                    *(
                        _number(statistics.median(results.also(case, name)))
                        for name in ("mean", "longest")
                    ),
                    *(
                        _number(_ratio(results, case, *names).median)
                        for names in (("longest", "mean"), ("cpu_longest", "cpu_mean"))
                    ),
                    _number(statistics.median(results.also(case, "never"))),
                )
            )
        claims = []
        if Case("ours") in results:
            for names, unit in (
                (("longest", "mean"), "turns"),
                (("cpu_longest", "cpu_mean"), "CPU time"),
            ):
                found = _ratio(results, Case("ours"), *names)
                claims.append(Claim(f"ours: longest / mean, {unit}", found, most=1.1))
        header = (
            "pool",
            "mean wait (turns)",
            "longest (turns)",
            "longest / mean (turns)",
            "longest / mean (CPU time)",
            "greenlets never served",
        )
        return Report([Table(header, rows)], claims)


class Watch:
    """Counts who waits how long, in turns and in CPU time.

    The mean is one of the waits that began once the line had formed; the longest may be
    any, ended or not.
    """

    def __init__(self, greenlets: int, turns: int) -> None:
        self._first, self._last = greenlets * 2, turns
        self._served = 0
        self._waiting: Dict[object, Tuple[int, float]] = {}
        self._never = greenlets
        self._mean = Waits([], [])
        self._longest = Waits([0], [0.0])

    def user(self, opened: Opened) -> Callable[[], None]:
        """What one greenlet does."""
        me = object()
        pause, waiting = gevent.sleep, self._waiting

        def held() -> None:
            if self._served >= self._last:
                raise Enough
            turn, began = waiting.pop(me)
            self._never -= turn < 0
            self._end(max(turn, 0), began)
            self._served += 1
            if self._served == self._last:
                for turn, began in waiting.values():
                    self._longest.add(self._served - max(turn, 0), began)
            pause()

        def use() -> None:
            # The first wait of a greenlet is told from its others.
            waiting[me] = -1, process_time()
            while self._served < self._last:
                opened.holding(1, held)
                waiting[me] = self._served, process_time()

        return use

    def _end(self, turn: int, began: float) -> None:
        self._longest.add(self._served - turn, began)
        if turn >= self._first:
            self._mean.add(self._served - turn, began)

    def judge(self, seconds: float) -> Sample:
        """The sample of a run that took so many *seconds* of CPU time."""
        return Sample(
            max(self._longest.seconds),
            {
                "mean": statistics.mean(self._mean.turns),
                "longest": max(self._longest.turns),
                "cpu_mean": statistics.mean(self._mean.seconds),
                "cpu_longest": max(self._longest.seconds),
                "never": self._never,
                "seconds": seconds,
            },
        )


class Waits(NamedTuple):
    """Some waits, in turns of others and in seconds of CPU time."""

    turns: List[int]
    seconds: List[float]

    def add(self, turns: int, began: float) -> None:
        """Add one that ends now."""
        self.turns.append(turns)
        self.seconds.append(process_time() - began)


def _ratio(results: Results, case: Case, longest: str, mean: str) -> Ratio:
    pairs = zip(results.also(case, longest), results.also(case, mean))
    return spread([most / usual if usual else float("inf") for most, usual in pairs])


def _number(value: float) -> str:
    if value == float("inf"):
        return "no bound"
    return f"{value:,.2f}" if value < 100 and value != int(value) else f"{value:,.0f}"


SCENARIO = Fairness()
