"""What was measured: a value for each peer, point, process and round."""

from __future__ import annotations

import statistics
from typing import Any, Dict, Iterable, List, NamedTuple, Union

from benchmarks.ratios import Ratio, ratio

__all__ = ["Case", "Point", "Results", "Sample"]

Point = Union[int, str]
"""What a scenario varies, such as a number of waiters; ``""`` if it varies nothing."""


class Sample(NamedTuple):
    """One value, in the scenario's unit, and what else was seen in the same run."""

    value: float
    more: Dict[str, float] = {}  # noqa: RUF012 - never written to


class Case(NamedTuple):
    """A peer at a point."""

    peer: str
    point: Point = ""


class Results:
    """The samples of one scenario. Those of one process and round belong together.

    *missing* says of a peer that is not there why it is not.
    """

    def __init__(self) -> None:
        self.samples: Dict[Case, List[List[Sample]]] = {}
        self.loops: Dict[Case, int] = {}
        self.missing: Dict[str, str] = {}

    def expect(self, cases: Iterable[Case]) -> None:
        """Have *cases* stand in this order, whichever gives its first sample first."""
        for case in cases:
            self.samples.setdefault(case, [])

    def add(self, case: Case, process: int, sample: Sample) -> None:
        """Keep *sample* as the next one of *process*, counted from 0."""
        processes = self.samples.setdefault(case, [])
        while len(processes) <= process:
            processes.append([])
        processes[process].append(sample)

    def drop(self, peer: str, why: str) -> None:
        """Forget *peer*, which could not be measured to the end."""
        self.missing[peer] = why
        for case in [case for case in self.samples if case.peer == peer]:
            del self.samples[case]

    def __contains__(self, case: Case) -> bool:
        return case in self.samples

    @property
    def peers(self) -> List[str]:
        """Those that were measured, in the scenario's order."""
        return list(dict.fromkeys(case.peer for case in self.samples))

    def points(self, peer: str) -> List[Point]:
        """The points at which *peer* was measured."""
        return [case.point for case in self.samples if case.peer == peer]

    def values(self, case: Case) -> List[float]:
        """Every value of *case*, in the order in which they were taken."""
        return [s.value for process in self.samples[case] for s in process]

    def also(self, case: Case, name: str) -> List[float]:
        """What else was seen, by its *name*, in the same order."""
        return [s.more[name] for process in self.samples[case] for s in process]

    def median(self, case: Case) -> float:
        """The median of all values."""
        return statistics.median(self.values(case))

    def ratio(self, of: Case, to: Case) -> Ratio:
        """The ratios of two cases' values, each pair taken in one round."""
        return ratio(self.values(of), self.values(to))

    def to_json(self) -> Dict[str, Any]:
        """All of it as what json can write."""
        return {
            "missing": self.missing,
            "cases": [
                {
                    "peer": case.peer,
                    "point": case.point,
                    "loops": self.loops.get(case, 1),
                    "processes": [
                        [[s.value, s.more] for s in process] for process in processes
                    ],
                }
                for case, processes in self.samples.items()
            ],
        }

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> Results:
        """What ``to_json`` returned."""
        results = cls()
        results.missing = dict(data["missing"])
        for kept in data["cases"]:
            case = Case(kept["peer"], kept["point"])
            results.loops[case] = kept["loops"]
            for number, process in enumerate(kept["processes"]):
                for value, more in process:
                    results.add(case, number, Sample(value, more))
        return results
