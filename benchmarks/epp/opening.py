"""Opening: the CPU time that a client needs for each session of a new pool."""

from __future__ import annotations

import ssl
from time import process_time
from typing import Any, Callable, Dict

from gevent import ssl as gevent_ssl

from benchmarks.epp.registry import HOST, RegistryProcess, login
from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.epp.throughput import LATENCY
from benchmarks.epp.trust import whole_bundle
from benchmarks.plots import Bars
from benchmarks.ratios import Claim
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from geventconnpool_ext.epp import EPPPool
from geventconnpool_ext.epp.client import Client

SESSIONS = 50
SMALL, WHOLE = "one authority", "the system's authorities"


def shared(registry: RegistryProcess, ca_file: str) -> Callable[[], Client]:
    """As ``client_factory`` does it: one context, and TLS sessions are resumed."""
    return registry.connect(ca_file=ca_file)


def whole_handshakes(registry: RegistryProcess, ca_file: str) -> Callable[[], Client]:
    """One context, under which nothing is resumed: one that others made."""
    context: Any = gevent_ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca_file)
    context.load_cert_chain(registry.cert_file, registry.key_file)
    return registry.connect(context=context)


def fresh(registry: RegistryProcess, ca_file: str) -> Callable[[], Client]:
    """A context for each connection, as epplib has it (E17)."""
    options = {**registry.trust(), "ca_file": ca_file}
    return lambda: Client(HOST, registry.port, **options)


PEERS: Dict[str, Callable[[RegistryProcess, str], Callable[[], Client]]] = {
    "shared": shared,
    "whole": whole_handshakes,
    "fresh": fresh,
}


LABELS = {
    "shared": "a shared context, resumed",
    "whole": "a shared context",
    "fresh": "a context for each",
}


class Opening(Scenario):
    """CPU time per session, with a shared context and with one for each."""

    name = "epp-opening"
    title = "EPP: opening sessions"
    measures = (
        f"CPU time of the client for each of the {SESSIONS} sessions of a new pool, "
        "from making the pool to having every session: TCP, TLS with a client "
        "certificate, greeting and login, to a registry that takes "
        f"{LATENCY * 1000:g} ms for each message. What a shared SSL context costs is "
        "in it. Where only the registry's authority is "
        "trusted, making a context costs little; where all of the system's are, much."
    )
    labels = LABELS

    def measure(self, effort: Effort) -> Results:
        results = Results()
        sessions = 2 if effort.quick else SESSIONS
        cases = [Case(peer, trust) for trust in (WHOLE, SMALL) for peer in PEERS]
        with RegistryProcess(LATENCY, mutual=True) as registry, whole_bundle(
            registry.ca_file
        ) as bundle:
            files = {SMALL: registry.ca_file, WHOLE: bundle[0]}

            def sample(case: Case) -> Sample:
                ca_file = files[str(case.point)]
                began = process_time()
                connect = PEERS[case.peer](registry, ca_file)
                with EPPPool(connect, login, sessions, kind="pool") as pool:
                    pool.wait(60)
                    used = process_time() - began
                return Sample(used / sessions, {"authorities": bundle[1]})

            take_turns(results, cases, effort, sample)
        return results

    def report(self, results: Results) -> Report:
        bars = [
            (self.labels[peer], results.median(Case(peer, WHOLE)) * 1000)
            for peer in results.peers
        ]
        trusts = results.points("shared")
        rows = [
            (
                self.labels[peer],
                *(f"{results.median(Case(peer, t)) * 1000:.2f} ms" for t in trusts),
            )
            for peer in results.peers
        ]
        claims = [
            Claim(
                "a context for each / shared, the system's authorities",
                results.ratio(Case("fresh", WHOLE), Case("shared", WHOLE)),
                least=5,
            ),
            Claim(
                "TLS sessions resumed / whole handshakes",
                results.ratio(Case("shared", SMALL), Case("whole", SMALL)),
                most=1,
            ),
        ]
        authorities = int(results.also(Case("shared", WHOLE), "authorities")[0])
        plot = Bars(
            "CPU time of the client for each session opened",
            "milliseconds, the system's authorities trusted",
            bars,
            ours=(self.labels["shared"],),
        )
        remark = f"The system's authorities and the registry's own were {authorities}."
        table = Table(("CPU time a session", *map(str, trusts)), rows)
        return Report([table], claims, plot, (remark,))


SCENARIO = Opening()
