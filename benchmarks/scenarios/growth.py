"""What both scenarios of growth say of their values: is the cost flat."""

from __future__ import annotations

from typing import ClassVar, List

from benchmarks.plots import Line, Lines
from benchmarks.ratios import Claim
from benchmarks.results import Case, Results
from benchmarks.scenarios.scenario import Report, Scenario, label, nanoseconds
from benchmarks.table import Table

__all__ = ["FLAT", "Growth"]

FLAT = 1.3


class Growth(Scenario):
    """The cost of a get over a number of *things*."""

    things: ClassVar[str]
    plot_title: ClassVar[str]

    def report(self, results: Results) -> Report:
        columns = results.points(results.peers[0]) if results.peers else []
        rows = []
        lines: List[Line] = []
        for peer in results.peers:
            points = results.points(peer)
            cells = [nanoseconds(results, Case(peer, point)) for point in points]
            growth = results.ratio(Case(peer, points[-1]), Case(peer, points[0]))
            rows.append((label(peer), *cells, f"{growth.median:.2f}"))
            values = [results.median(Case(peer, point)) * 1e6 for point in points]
            line = (label(peer), [float(point) for point in points], values)
            lines.append(line)
        claims = []
        if "ours" in results.peers:
            for point in columns[1:]:
                found = results.ratio(Case("ours", point), Case("ours", columns[0]))
                what = f"ours: cost at {point:,} {self.things} / at {columns[0]:,}"
                claims.append(Claim(what, found, most=FLAT))
        plot = Lines(
            self.plot_title,
            f"{self.things} (logarithmic)",
            "microseconds of CPU time per get (logarithmic)",
            lines,
            ours=(label("ours"),),
        )
        header = (
            f"pool, and number of {self.things}",
            *(f"{point:,}" for point in columns),
            "last / first",
        )
        return Report([Table(header, rows)], claims, plot)
