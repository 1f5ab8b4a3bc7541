"""Growth: the cost of a get when the pool holds more and more connections."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Sequence

from benchmarks.results import Point, Sample
from benchmarks.scenarios.growth import Growth

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module


class Connections(Growth):
    """1 to 1,000 idle connections."""

    name = "connections"
    title = "Growth: connections"
    measures = (
        "CPU time of one get and release by one greenlet, from a pool of so many idle "
        "connections, each of which has its turn."
    )
    peers = ("bare", "ours", "geventconnpool", "psycopg_pool")
    things = "connections"
    plot_title = "Cost of a get over the size of the pool"
    least_loops = 1_024

    def points(self, peer: str, quick: bool) -> Sequence[Point]:
        return (1, 10) if quick else (1, 10, 100, 1_000)

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        opened = peer.open_pool(int(point))
        # The first return of a connection can be another than those to follow.
        opened.turns(int(point) + 64)
        began = process_time()
        opened.turns(loops)
        took = process_time() - began
        opened.close()
        return Sample(took / loops)


SCENARIO = Connections()
