"""Growth: the cost of a get when more and more greenlets wait in line."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Callable, List, Sequence

import gevent

from benchmarks.ratios import Claim, ratio
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.scenarios.growth import FLAT, Growth
from benchmarks.scenarios.saturation import Enough, saturate
from benchmarks.scenarios.scenario import Report, label
from benchmarks.table import Table

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module, Opened

CONNECTIONS = 8


class Waiters(Growth):
    """10 to 10,000 greenlets in line for 8 connections."""

    name = "waiters"
    title = "Growth: waiters"
    measures = (
        f"CPU time of one get, one gevent.sleep() and one release on {CONNECTIONS} "
        "connections while so many greenlets wait in line. More greenlets than a "
        "processor's cache holds make each switch slower, with a pool and without: see "
        "the yield alone, as many greenlets without a pool. So the growth is told of "
        "the whole, and of what is left without the yield. A pool that lets a greenlet "
        "take again what it gave back leaves the line asleep, and is flat for that."
    )
    peers = ("yield", "bare-line", "ours", "geventconnpool", "psycopg_pool")
    things = "waiters"
    plot_title = "Cost of a get over the length of the line"
    least_loops = 256

    def points(self, peer: str, quick: bool) -> Sequence[Point]:
        return (10, 100) if quick else (10, 100, 1_000, 10_000)

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        opened = peer.open_pool(CONNECTIONS)
        greenlets = int(point) + CONNECTIONS
        # Everybody has been in line once, so that it is as long as it gets.
        first, last = greenlets, greenlets + loops
        count, began, took = 0, 0.0, 0.0
        pause = gevent.sleep

        def held() -> None:
            nonlocal count, began, took
            count += 1
            if count == first:
                began = process_time()
            elif count == last:
                took = process_time() - began
            if count >= last:
                raise Enough
            pause()

        def users(opened: Opened) -> Callable[[], None]:
            return lambda: opened.holding(10**12, held)

        saturate(opened, greenlets, users)
        opened.close()
        return Sample(took / loops)

    def report(self, results: Results) -> Report:
        report = super().report(results)
        if not {"ours", "yield"} <= set(results.peers):
            return report
        report.tables.append(_growth(results))
        points = results.points("ours")
        first, *others = (_without_the_yield(results, point) for point in points)
        claims = [
            Claim(
                f"ours less the yield alone: at {point:,} waiters / at {points[0]:,}",
                ratio(values, first),
                most=FLAT,
            )
            for point, values in zip(points[1:], others)
        ]
        return report._replace(claims=[*report.claims, *claims])


def _growth(results: Results) -> Table:
    """By how much time each grows, which tells more of a pool than a ratio does."""
    first, *others = results.points("ours")
    rows = []
    for peer in ("yield", "bare-line", "ours"):
        if peer in results.peers:
            base = results.median(Case(peer, first))
            grown = [results.median(Case(peer, point)) - base for point in others]
            rows.append((label(peer), *(f"{value * 1e9:,.0f} ns" for value in grown)))
    header = (
        f"grows from {first:,} waiters",
        *(f"to {point:,}" for point in others),
    )
    return Table(header, rows)


def _without_the_yield(results: Results, point: Point) -> List[float]:
    pairs = (results.values(Case(peer, point)) for peer in ("ours", "yield"))
    return [whole - alone for whole, alone in zip(*pairs)]


SCENARIO = Waiters()
