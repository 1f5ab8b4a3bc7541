"""Get and release of a connection that is idle: what each use of a pool costs."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

from benchmarks.plots import Bars
from benchmarks.ratios import Claim
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.scenarios.scenario import Report, Scenario, label, nanoseconds
from benchmarks.table import Table

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module


class Idle(Scenario):
    """One greenlet, one connection, nobody waits."""

    name = "idle"
    title = "Get and release, idle connection"
    measures = (
        "CPU time of one get and release by one greenlet, from a pool whose only "
        "connection is idle. The loop around it is in every value."
    )
    peers = (
        "bare",
        "ours",
        "ours-hooks",
        "geventconnpool",
        "psycopg_pool",
        "sqlalchemy",
        "generic",
        "gsocketpool",
    )
    least_loops = 64

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        opened = peer.open_pool(1)
        opened.turns(64)
        began = process_time()
        opened.turns(loops)
        took = process_time() - began
        opened.close()
        return Sample(took / loops)

    def report(self, results: Results) -> Report:
        ours, bare, upstream = Case("ours"), Case("bare"), Case("geventconnpool")
        rows = []
        for peer in results.peers:
            case = Case(peer)
            rows.append(
                (
                    label(peer),
                    nanoseconds(results, case),
                    *(
                        f"{results.ratio(case, to).median:.2f}" if to in results else ""
                        for to in (bare, upstream)
                    ),
                )
            )
        claims = []
        for to, most, aim in ((upstream, 0.45, 0.40), (bare, 1.8, 1.6)):
            if ours in results and to in results:
                what = f"ours / {label(to.peer)}"
                found = results.ratio(ours, to)
                claims.append(Claim(what, found, most=most, aim=aim))
        hooks = Case("ours-hooks")
        if hooks in results and ours in results:
            found = results.ratio(hooks, ours)
            claims.append(Claim("two hooks / no hook", found, most=1.35))
        plot = Bars(
            "What one get and release costs",
            "nanoseconds of CPU time (logarithmic)",
            [(label(peer), results.median(Case(peer)) * 1e9) for peer in results.peers],
            ours=tuple(label(peer) for peer in ("ours", "ours-hooks")),
            logarithmic=True,
        )
        header = ("pool", "get + release", "of the bare minimum", "of geventconnpool")
        return Report([Table(header, rows)], claims, plot)


SCENARIO = Idle()
