"""Memory: what an idle connection and a waiter cost the pool."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any, Callable, List, Sequence

import gevent
from gevent.event import Event

from benchmarks.plots import Bars
from benchmarks.ratios import Claim
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.scenarios.scenario import Report, Scenario, label
from benchmarks.table import Table

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module

CONNECTION, WAITER = "idle connection", "waiter"


class Memory(Scenario):
    """Bytes, by tracemalloc."""

    name = "memory"
    title = "Memory"
    measures = (
        "Bytes that Python allocates (tracemalloc) for each of so many more idle "
        "connections, without the connection itself, and for each greenlet waiting in "
        "line, without the greenlet: as many that wait for nothing are subtracted. The "
        "C stack that a waiting greenlet saves is in it: the deeper a pool waits, the "
        "more there is to save. The frames of its Python code are not."
    )
    peers = ("ours", "geventconnpool", "psycopg_pool")
    unit = "byte"
    least_loops = 1_000
    most_rounds = 1
    timed = False

    def points(self, peer: str, quick: bool) -> Sequence[Point]:
        return (CONNECTION, WAITER)

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        measure = _per_connection if point == CONNECTION else _per_waiter
        return Sample(measure(peer, loops))

    def duration(self, sample: Sample, loops: int) -> float:
        # More of them make it no more exact.
        return float("inf")

    def report(self, results: Results) -> Report:
        rows = [
            (
                label(peer),
                *(
                    f"{results.median(Case(peer, p)):,.0f}"
                    for p in (CONNECTION, WAITER)
                ),
            )
            for peer in results.peers
        ]
        claims = []
        bars = []
        for point in (CONNECTION, WAITER):
            ours = Case("ours", point)
            for peer in results.peers:
                case = Case(peer, point)
                bars.append((f"{label(peer)}: {point}", results.median(case)))
                if peer != "ours" and ours in results:
                    what = f"bytes per {point}: ours / {label(peer)}"
                    claims.append(Claim(what, results.ratio(ours, case), most=1.0))
        ours_bars = tuple(f"{label('ours')}: {p}" for p in (CONNECTION, WAITER))
        plot = Bars("What a pool keeps in memory", "bytes", bars, ours=ours_bars)
        header = ("pool", "bytes per idle connection", "bytes per waiter")
        return Report([Table(header, rows)], claims, plot)


def _per_connection(peer: Module, number: int) -> float:
    peer.open_pool(1).close()
    one = _traced(lambda: peer.open_pool(1), lambda pool: pool.close())
    many = _traced(lambda: peer.open_pool(number + 1), lambda pool: pool.close())
    themselves = _traced(
        lambda: [peer.connection() for _ in range(number)], lambda made: made.clear()
    )
    return (many - one - themselves) / number


def _per_waiter(peer: Module, number: int) -> float:
    opened = peer.open_pool(1)
    go_on = Event()

    def holder() -> None:
        opened.holding(1, go_on.wait)

    def in_line() -> List[Any]:
        return _begun(number, lambda: opened.holding(1, bool))

    def end(greenlets: List[Any]) -> None:
        go_on.set()
        gevent.joinall(greenlets, raise_error=True)
        go_on.clear()

    def for_nothing() -> List[Any]:
        return _begun(number, lambda: gevent.get_hub().switch())

    values = []
    # The first time is for what is made once: caches, lists that keep their room.
    for _ in range(2):
        first = _begun(1, holder)
        waiting = _traced(in_line, end)
        gevent.joinall(first, raise_error=True)
        nothing = _traced(for_nothing, lambda idle: gevent.killall(idle))
        values.append((waiting - nothing) / number)
    opened.close()
    return values[-1]


def _begun(number: int, use: Callable[[], object]) -> List[Any]:
    begun = 0

    def run() -> None:
        nonlocal begun
        begun += 1
        use()

    greenlets = [gevent.spawn(run) for _ in range(number)]
    # One that has begun goes on until it waits.
    while begun < number:
        gevent.sleep(0.001)
    return greenlets


def _traced(make: Callable[[], Any], end: Callable[[Any], object]) -> int:
    """What is allocated by *make* and still there when it returns."""
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    end(made)
    return size


SCENARIO = Memory()
