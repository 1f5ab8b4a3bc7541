"""Hand-over: many greenlets want few connections."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import gevent

from benchmarks.plots import Bars
from benchmarks.ratios import Claim
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.scenarios.scenario import Report, Scenario, label, nanoseconds
from benchmarks.table import Table

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module

GREENLETS, CONNECTIONS = 200, 8


class Contended(Scenario):
    """Each greenlet yields once while it holds a connection."""

    name = "contended"
    title = "Hand-over under contention"
    measures = (
        f"CPU time of one get, one gevent.sleep() and one release, by {GREENLETS} "
        f"greenlets on {CONNECTIONS} connections; the yield alone is the same loop "
        "without a pool. A hand-over is a second switch, to the greenlet that waits: "
        "the bare minimum with a line shows what that costs. A pool that lets a "
        "greenlet take again what it just gave back saves it, and is found out under "
        "fairness. gsocketpool is left out: it hands nothing over; who waits looks "
        "again every 0.1 s, ten times."
    )
    peers = (
        "yield",
        "bare-line",
        "ours",
        "ours-hooks",
        "geventconnpool",
        "psycopg_pool",
        "sqlalchemy",
        "generic",
    )

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        opened = peer.open_pool(CONNECTIONS)
        users = [
            gevent.Greenlet(opened.holding, loops, gevent.sleep)
            for _ in range(GREENLETS)
        ]
        began = process_time()
        for user in users:
            user.start()
        gevent.joinall(users, raise_error=True)
        took = process_time() - began
        opened.close()
        return Sample(took / loops / GREENLETS)

    def duration(self, sample: Sample, loops: int) -> float:
        return sample.value * loops * GREENLETS

    def report(self, results: Results) -> Report:
        ours, alone, floor = Case("ours"), Case("yield"), Case("bare-line")
        rows = [
            (
                label(peer),
                nanoseconds(results, Case(peer)),
                *(
                    f"{results.ratio(Case(peer), to).median:.2f}"
                    if to in results
                    else ""
                    for to in (alone, floor)
                ),
            )
            for peer in results.peers
        ]
        claims = []
        if ours in results and alone in results:
            found = results.ratio(ours, alone)
            claims.append(Claim("ours / the yield alone", found, most=1.4))
        plot = Bars(
            f"One hand-over: {GREENLETS} greenlets on {CONNECTIONS} connections",
            "microseconds of CPU time (logarithmic)",
            [(label(peer), results.median(Case(peer)) * 1e6) for peer in results.peers],
            ours=tuple(label(peer) for peer in ("ours", "ours-hooks")),
            logarithmic=True,
        )
        header = (
            "pool",
            "get + yield + release",
            "of the yield alone",
            "of the bare minimum with a line",
        )
        return Report([Table(header, rows)], claims, plot)


SCENARIO = Contended()
