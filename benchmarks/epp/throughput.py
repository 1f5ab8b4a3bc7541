"""Throughput: how near n sessions come to the n / latency that there can be."""

from __future__ import annotations

import statistics
from time import process_time

from benchmarks.epp.driving import rate_of
from benchmarks.epp.registry import RegistryProcess
from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.epp.senders import LABELS, SENDERS
from benchmarks.ratios import Claim, spread
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from benchmarks.words import counted

LATENCY = 0.02
SESSIONS = (1, 8, 32)
CLIENTS_PER_SESSION = 2
COMMANDS_PER_SESSION = 100
TARGET = 0.97


class Throughput(Scenario):
    """Commands a second, as a share of sessions / latency."""

    name = "epp-throughput"
    title = "EPP: throughput of n sessions"
    measures = (
        "Commands a second of n sessions, over TLS on loopback, to a registry that "
        f"takes {LATENCY * 1000:g} ms for each, as a share of the n / latency that "
        f"there can be. {CLIENTS_PER_SESSION} greenlets for each session send one "
        f"check after the other, {COMMANDS_PER_SESSION} for each session; sessions are "
        "open before. Bare sockets, with a command made once and no answer parsed, "
        "show how much of the rest is the registry's: its timer and its CPU time."
    )
    labels = LABELS

    def measure(self, effort: Effort) -> Results:
        results = Results()
        numbers = SESSIONS[:2] if effort.quick else SESSIONS
        commands = 1 if effort.quick else COMMANDS_PER_SESSION
        cases = [Case(peer, n) for n in numbers for peer in ("bare", "pool")]
        with RegistryProcess(LATENCY) as registry:

            def sample(case: Case) -> Sample:
                n = int(case.point)
                with SENDERS[case.peer](registry, n) as send:
                    began = process_time()
                    rate = rate_of(send, n * CLIENTS_PER_SESSION, n * commands)
                    used = (process_time() - began) / (n * commands)
                return Sample(1 / rate, {"share": rate * LATENCY / n, "cpu": used})

            take_turns(results, cases, effort, sample)
        return results

    def report(self, results: Results) -> Report:
        rows = []
        claims = []
        for n in results.points("pool"):
            cells = [f"{int(n) / LATENCY:,.0f}"]
            for peer in ("bare", "pool"):
                case = Case(peer, n)
                share = statistics.median(results.also(case, "share"))
                cpu = statistics.median(results.also(case, "cpu"))
                cells += [f"{1 / results.median(case):,.0f}", f"{share:.1%}"]
                cells.append(f"{cpu * 1e6:,.0f} us")
            rows.append((counted(n, "session"), *cells))
            what = f"{counted(n, 'session')}: EPPPool"
            found = spread(results.also(Case("pool", n), "share"))
            claims.append(Claim(f"{what} / limit", found, least=TARGET))
            found = results.ratio(Case("bare", n), Case("pool", n))
            claims.append(Claim(f"{what} / bare sockets", found, least=TARGET))
        header = ["", "limit (commands/s)"]
        for peer in ("bare", "pool"):
            header += [
                f"{self.labels[peer]} (commands/s)",
                "of the limit",
                "CPU time a command",
            ]
        return Report([Table(tuple(header), rows)], claims)


SCENARIO = Throughput()
