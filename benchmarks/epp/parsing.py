"""Parsing: what reading a small answer costs, ours and epplib's where it is there."""

from __future__ import annotations

import importlib.util
from time import process_time
from typing import Any, Callable, Dict

from benchmarks.epp.epplib_version import epplib_version
from benchmarks.epp.scenario import Effort, Scenario, take_turns
from benchmarks.ratios import Claim
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report
from benchmarks.table import Table
from benchmarks.words import counted
from geventconnpool_ext.epp import answers

Read = Callable[[bytes], Dict[str, bool]]
"""Which of the domains in the answer to a check are available."""

LOOPS = 2000

_ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response>
<result code="1000"><msg>Command completed successfully</msg></result>
<resData><domain:chkData xmlns:domain="urn:ietf:params:xml:ns:domain-1.0">{}
</domain:chkData></resData>
<trID><clTRID>ABC-12345</clTRID><svTRID>54322-XYZ</svTRID></trID>
</response></epp>"""
_DOMAIN = """<domain:cd><domain:name avail="{}">{}</domain:name></domain:cd>"""

ASKED = {
    1: {"a.example": True},
    20: {f"name-{n}.example": n % 2 == 0 for n in range(20)},
}


def answer(asked: Dict[str, bool]) -> bytes:
    """The answer to a check of the domains *asked*, each with whether it is free."""
    domains = "".join(
        _DOMAIN.format(int(free), domain) for domain, free in asked.items()
    )
    return _ANSWER.format(domains).encode()


def ours() -> Read:
    """Our parser, and the available domains looked up in what it returns."""

    def read(message: bytes) -> Dict[str, bool]:
        parsed = answers.parse(message)
        assert isinstance(parsed, answers.Answer)
        assert (parsed.code, parsed.cl_tr_id) == (1000, "ABC-12345")
        return {
            str(name.text): name.get("avail") in ("1", "true")
            for name in parsed.find_all("domain:chkData/domain:cd/domain:name")
        }

    return read


def epplib() -> Read:
    """epplib's parser, without a schema, with the IETF's namespaces."""
    from geventconnpool_ext.epp.epplib_namespaces import use_ietf_namespaces

    use_ietf_namespaces()
    responses: Any = importlib.import_module("epplib.responses")

    def read(message: bytes) -> Dict[str, bool]:
        parsed = responses.CheckDomainResult.parse(message)
        assert (parsed.code, parsed.cl_tr_id) == (1000, "ABC-12345")
        return {data.name: data.avail for data in parsed.res_data}

    return read


PEERS: Dict[str, Callable[[], Read]] = {"ours": ours, "epplib": epplib}


LABELS = {"ours": "geventconnpool_ext", "epplib": "epplib"}


class Parsing(Scenario):
    """CPU time for one answer, from octets to what it says."""

    name = "epp-parsing"
    title = "EPP: parsing small answers"
    measures = (
        "CPU time to read the answer to a check of 1 and of 20 domains, from the "
        "octets of the message to its code, its clTRID and which domains are "
        "available; without a schema, by both."
    )
    labels = LABELS
    needs = ("--epplib-source DIR",)

    def versions(self) -> Dict[str, str]:
        found = epplib_version()
        return {} if found is None else {"epplib": found}

    def measure(self, effort: Effort) -> Results:
        results = Results()
        loops = 1 if effort.quick else LOOPS
        readers = {"ours": PEERS["ours"]()}
        if importlib.util.find_spec("epplib") is None:
            results.missing["epplib"] = "epplib is not installed (it is not on PyPI)"
        else:
            readers["epplib"] = PEERS["epplib"]()
        cases = [Case(peer, number) for number in ASKED for peer in readers]

        def sample(case: Case) -> Sample:
            asked = ASKED[int(case.point)]
            read, message = readers[case.peer], answer(asked)
            if read(message) != asked:
                raise RuntimeError(f"{case.peer} reads something else in the answer")
            began = process_time()
            for _ in range(loops):
                read(message)
            return Sample(max(process_time() - began, 1e-9) / loops, {})

        take_turns(results, cases, effort, sample)
        return results

    def report(self, results: Results) -> Report:
        rows = [
            (
                self.labels[peer],
                *(
                    f"{results.median(Case(peer, number)) * 1e6:,.0f} us"
                    for number in ASKED
                ),
            )
            for peer in results.peers
        ]
        claims = [
            Claim(
                f"ours / epplib, {counted(number, 'domain')}",
                results.ratio(Case("ours", number), Case("epplib", number)),
                most=1,
            )
            for number in ASKED
            if "epplib" in results.peers
        ]
        header = (
            "time for an answer",
            *(counted(number, "domain") for number in ASKED),
        )
        return Report([Table(header, rows)], claims)


SCENARIO = Parsing()
