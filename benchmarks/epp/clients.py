"""Clients: commands a second over the number of those who want to send."""

from __future__ import annotations

from typing import List

from benchmarks.epp.driving import rate_in
from benchmarks.epp.registry import RegistryProcess
from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.epp.senders import LABELS, SENDERS
from benchmarks.epp.throughput import LATENCY
from benchmarks.plots import Line, Lines
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from benchmarks.words import counted

SESSIONS = 32
CLIENTS = (1, 2, 4, 8, 16, 32, 64, 128)
SECONDS = 1.0


class Clients(Scenario):
    """The pool, a connection per command, and one session behind a lock."""

    name = "epp-clients"
    title = "EPP: throughput over the number of clients"
    measures = (
        "Commands a second of 1 to 128 greenlets that send one check after the other, "
        f"over TLS on loopback, to a registry that takes {LATENCY * 1000:g} ms for "
        f"each message, login and logout included: through a pool of {SESSIONS} "
        f"sessions, open before; with a connection for each command, {SESSIONS} at "
        "once; and over one session behind a lock. The limit is one command for each "
        f"client, {SESSIONS} at most, in {LATENCY * 1000:g} ms."
    )
    labels = LABELS
    peers = ("pool", "connection", "lock")

    def measure(self, effort: Effort) -> Results:
        results = Results()
        numbers = (1, 4) if effort.quick else CLIENTS
        seconds = 0.01 if effort.quick else SECONDS
        sessions = 2 if effort.quick else SESSIONS
        cases = [Case(peer, n) for n in numbers for peer in self.peers]
        with RegistryProcess(LATENCY) as registry:

            def sample(case: Case) -> Sample:
                with SENDERS[case.peer](registry, sessions) as send:
                    return Sample(1 / rate_in(send, int(case.point), seconds), {})

            take_turns(results, cases, effort, sample)
        return results

    def report(self, results: Results) -> Report:
        points = results.points("pool")
        rows = []
        lines: List[Line] = []
        for peer in results.peers:
            rates = [1 / results.median(Case(peer, n)) for n in points]
            rows.append((self.labels[peer], *(f"{rate:,.0f}" for rate in rates)))
            lines.append((self.labels[peer], [float(n) for n in points], rates))
        limits = [min(int(n), SESSIONS) / LATENCY for n in points]
        lines.append(("the limit", [float(n) for n in points], limits))
        for peer in results.peers[1:]:
            ratios = [
                results.ratio(Case(peer, n), Case("pool", n)).median for n in points
            ]
            label = f"{self.labels['pool']} / {self.labels[peer]}"
            rows.append((label, *(f"{found:.1f}" for found in ratios)))
        plot = Lines(
            f"Commands a second to a registry that takes {LATENCY * 1000:g} ms",
            "greenlets that send (logarithmic)",
            "commands a second (logarithmic)",
            lines,
            ours=(self.labels["pool"],),
        )
        header = ("commands/s", *(counted(n, "client") for n in points))
        return Report([Table(header, rows)], [], plot)


SCENARIO = Clients()
