"""Writing: a command is one write, which goes out at once."""

from __future__ import annotations

from gevent import socket

from benchmarks.epp.registry import HOST, RegistryProcess, login
from benchmarks.epp.relay import Relay
from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.ratios import Claim, Ratio, spread
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from geventconnpool_ext.epp import CheckDomain, client_factory
from geventconnpool_ext.epp.session import Session

COMMANDS = 100
CASE = Case("ours")


LABELS = {"ours": "a session"}


class Writing(Scenario):
    """TLS records, and packets of them, that a command becomes."""

    name = "epp-writing"
    title = "EPP: one write for each command"
    measures = (
        "What a session writes for each command, counted by a relay between it and "
        "the registry: TLS records, one for each write, and how often the relay had "
        "something to read. One of each means that length and body went out together. "
        "And whether TCP_NODELAY is on, without which a second write could wait for "
        "the acknowledgement of the first."
    )
    labels = LABELS
    unit = "integer"

    def measure(self, effort: Effort) -> Results:
        results = Results()
        commands = 2 if effort.quick else COMMANDS
        with RegistryProcess() as registry:

            def sample(case: Case) -> Sample:
                with Relay(registry.port) as relay:
                    return _written(registry, relay, commands)

            take_turns(results, [CASE], effort, sample)
        return results

    def report(self, results: Results) -> Report:
        found = {
            "TLS records": spread(results.values(CASE)),
            "packets read": spread(results.also(CASE, "reads")),
        }
        undelayed = spread(results.also(CASE, "undelayed"))
        rows = [(what, f"{ratio.median:.2f}") for what, ratio in found.items()]
        rows.append(("TCP_NODELAY", "on" if _always(undelayed) else "off"))
        claims = [
            Claim(f"{what} / commands", ratio, most=1) for what, ratio in found.items()
        ]
        claims.append(Claim("sockets with TCP_NODELAY / all", undelayed, least=1))
        return Report([Table(("for each command", ""), rows)], claims)


def _written(registry: RegistryProcess, relay: Relay, commands: int) -> Sample:
    connect = client_factory(HOST, relay.port, ca_file=registry.ca_file)
    session = Session(connect(), login)
    try:
        session.start()
        records, reads = relay.records, relay.reads
        for _ in range(commands):
            session.send(CheckDomain("a.example"))
        undelayed = session.client.socket.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY
        )
        return Sample(
            (relay.records - records) / commands,
            {
                "reads": (relay.reads - reads) / commands,
                "undelayed": 1.0 if undelayed else 0.0,
            },
        )
    finally:
        session.close()


def _always(found: Ratio) -> bool:
    return found.low >= 1


SCENARIO = Writing()
