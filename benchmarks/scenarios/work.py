"""Background work: what keepalive and rotation of idle connections cost.

Nobody waits for an interval of twenty minutes here: the cost of one round is measured,
and stretched over the interval.
"""

from __future__ import annotations

import gc
from time import monotonic, process_time
from typing import Dict, List, NamedTuple, Sequence

import gevent
import greenlet

from benchmarks.peers.opened import Connection, Module
from benchmarks.ratios import Claim, Ratio, spread
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.scenarios.scenario import Report, Scenario
from benchmarks.table import Table
from geventconnpool_ext import ConnectionPool
from geventconnpool_ext.epp import SessionPolicy

KEEPALIVE, ROTATION = "keepalive", "rotation"
CONNECTIONS = 1_000
USES = 500
"""How often the user of the pool runs."""


class Pool(ConnectionPool[Connection]):
    """Opens all at once; connect and ping switch once, as a round trip would."""

    SPAWN_FREQUENCY = 0.0

    def _new_connection(self) -> Connection:
        gevent.sleep(0)
        return Connection()

    def _keepalive(self, c: Connection) -> None:
        gevent.sleep(0)


class Work(Scenario):
    """Keepalive and rotation of 1,000 idle connections, and who has to wait for it."""

    name = "work"
    title = "Background work"
    measures = (
        f"CPU time of one keepalive round of {CONNECTIONS:,} idle connections, and of "
        "one rotation of as many, as a share of one core at the intervals that are the "
        "default for EPP: the round is measured, the interval is not waited for. All "
        "come due at once, which is the worst case. Connect and ping are a switch of "
        "greenlets, nothing else. And in other rounds, with a greenlet that gets and "
        "gives back a connection each time it runs: how many switches its gets needed "
        "at most, and the longest that others kept it from running, in CPU time."
    )
    peers = ("ours",)
    least_loops = 125
    most_rounds = 2
    timed = False

    def points(self, peer: str, quick: bool) -> Sequence[Point]:
        return (KEEPALIVE, ROTATION)

    def duration(self, sample: Sample, loops: int) -> float:
        # A quick look will do with few; else it is all of them.
        return 0.0 if loops < CONNECTIONS else float("inf")

    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        cost = _cost(str(point), loops)
        seen = _seen(str(point), loops)
        return Sample(
            cost * CONNECTIONS,
            {"switches": max(seen.switches), "gap": max(seen.gaps)},
        )

    def report(self, results: Results) -> Report:
        rows = []
        claims = []
        for point, interval in intervals().items():
            case = Case("ours", point)
            if case not in results:
                continue
            share = spread([v / interval for v in results.values(case)])
            switches = results.also(case, "switches")
            gaps = results.also(case, "gap")
            rows.append(
                (
                    f"{point}, every {interval:,.0f} s",
                    f"{results.median(case) * 1e3:,.1f} ms",
                    f"{share.median:.4%}",
                    f"{max(switches):g}",
                    f"{max(gaps) * 1e3:.2f} ms",
                )
            )
            what = f"{point}: share of one core, in percent"
            percent = Ratio(*(value * 100 for value in share))
            claims.append(Claim(what, percent, most=1.0))
            what = f"{point}: switches in a get, at most"
            most = Ratio(*[max(switches)] * 3)
            claims.append(Claim(what, most, most=1.0))
        header = (
            f"work on {CONNECTIONS:,} connections",
            "CPU time of a round",
            "of one core",
            "switches in a get, most",
            "longest the user was kept from running",
        )
        return Report([Table(header, rows)], claims)


class Seen(NamedTuple):
    """What a user of the pool has seen: switches in each get, CPU time of others."""

    switches: List[int]
    gaps: List[float]


def intervals() -> Dict[Point, float]:
    """The default intervals of both, in seconds."""
    policy = SessionPolicy()
    assert policy.hello_interval is not None
    assert policy.max_age is not None
    return {KEEPALIVE: policy.hello_interval, ROTATION: policy.max_age}


def _opened(what: str, number: int) -> Pool:
    """A pool whose connections are all idle, and nearly due."""
    # Seconds until the first is due: all are open long before.
    due = 0.2 + number * 0.0015
    if what == KEEPALIVE:
        pool = Pool(number, keepalive=due, max_opening=number)
    else:
        pool = Pool(number, max_lifetime=due / 0.9, max_opening=number)
    opened = monotonic()
    pool.wait()
    gc.collect()
    gevent.sleep(max(0.0, opened + due * 0.95 - monotonic()))
    return pool


def _done(what: str, pool: Pool) -> int:
    """How many connections had their turn."""
    stats = pool.stats()
    return stats.pings if what == KEEPALIVE else stats.discarded["lifetime"]


def _cost(what: str, number: int) -> float:
    """The CPU time of a round, for each connection, with nothing else going on."""
    pool = _opened(what, number)
    before, began = _done(what, pool), process_time()
    while _done(what, pool) - before < number:
        gevent.sleep(0.005)
    took, done = process_time() - began, _done(what, pool) - before
    pool.close()
    return took / done


def _seen(what: str, number: int) -> Seen:
    """What a user sees who begins when the round does.

    Not sooner: a connection in use is not due.
    """
    pool = _opened(what, number)
    seen = Seen([], [])
    while not _done(what, pool):
        gevent.sleep(0)
    count = 0

    def switched(event: str, args: object) -> None:
        nonlocal count
        count += 1

    previous = process_time()
    for _ in range(USES):
        seen.gaps.append(process_time() - previous)
        count = 0
        greenlet.settrace(switched)
        with pool.get():
            switches = count
        greenlet.settrace(None)
        seen.switches.append(switches)
        previous = process_time()
        gevent.sleep(0)
    pool.close()
    return seen


SCENARIO = Work()
