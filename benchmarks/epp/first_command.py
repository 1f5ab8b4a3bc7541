"""The first command: how long it waits for a session of a pool that has none yet."""

from __future__ import annotations

from time import perf_counter
from typing import Any, Callable

from benchmarks.epp.registry import RegistryProcess, login
from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.epp.throughput import LATENCY
from benchmarks.ratios import Claim
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from geventconnpool_ext.epp import EPPPool
from geventconnpool_ext.epp.session import Session

SIZES = (1, 10, 50)
REPEATED = 5


LABELS = {"alone": "one session, no pool", "pool": "EPPPool, cold"}


class FirstCommand(Scenario):
    """The wait for the first session, next to one handshake and login."""

    name = "epp-first-command"
    title = "EPP: the first command of a cold pool"
    measures = (
        "Time until the first caller has a session, from opening a pool that has "
        "none, next to the time of one TCP connect, TLS handshake, greeting and login "
        f"without any pool; the registry takes {LATENCY * 1000:g} ms for each "
        "message. A pool goes on opening its other sessions meanwhile. No TLS session "
        f"is there to be resumed. The median of {REPEATED} is one value."
    )
    labels = LABELS

    def measure(self, effort: Effort) -> Results:
        results = Results()
        sizes = SIZES[:1] if effort.quick else SIZES
        repeated = 1 if effort.quick else REPEATED
        cases = [Case("alone", 1), *(Case("pool", size) for size in sizes)]
        with RegistryProcess(LATENCY) as registry:

            def sample(case: Case) -> Sample:
                size = int(case.point)
                wait = alone if case.peer == "alone" else cold
                waits = sorted(wait(registry.connect(), size) for _ in range(repeated))
                return Sample(waits[len(waits) // 2], {})

            take_turns(results, cases, effort, sample)
        return results

    def report(self, results: Results) -> Report:
        one = Case("alone", 1)
        rows = [(self.labels["alone"], _ms(results, one), "")]
        claims = []
        for size in results.points("pool"):
            case = Case("pool", size)
            found = results.ratio(case, one)
            name = f"{self.labels['pool']}, of {size}"
            rows.append((name, _ms(results, case), f"{found.median:.2f}"))
            claims.append(Claim(f"{name} / {self.labels['alone']}", found, most=1.2))
        header = ("wait", "time", "of one session")
        return Report([Table(header, rows)], claims)


def alone(connect: Callable[[], Any], size: int) -> float:
    """Seconds for one session, opened by hand."""
    began = perf_counter()
    session = Session(connect(), login)
    session.start()
    waited = perf_counter() - began
    session.close()
    return waited


def cold(connect: Callable[[], Any], size: int) -> float:
    """Seconds for the first session of a pool of *size*."""
    pool = EPPPool(connect, login, size, kind="pool", open=False)
    began = perf_counter()
    pool.open()
    with pool.get():
        waited = perf_counter() - began
    pool.close()
    return waited


def _ms(results: Results, case: Case) -> str:
    return f"{results.median(case) * 1000:.1f} ms"


SCENARIO = FirstCommand()
