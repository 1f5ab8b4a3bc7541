"""What an EPP scenario is, and how what it compares takes turns.

Unlike the pool's own scenarios these are about what happens between two processes, the
client and the registry: everything that is compared runs in this one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import (
    Callable,
    ClassVar,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Sequence,
)

from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios.scenario import Report

__all__ = ["FULL", "QUICK", "Effort", "Scenario", "take_turns"]


class Effort(NamedTuple):
    """How much to measure. *quick* is only to see that it works."""

    quick: bool
    rounds: int


FULL = Effort(False, rounds=7)
QUICK = Effort(True, rounds=1)


class Scenario(ABC):
    """One question. *labels* are what the peers are called where people read it.

    *unit* is what a sample's value is, for pyperf; *needs* the options without which
    ``nox -s bench`` does not measure all of it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    measures: ClassVar[str]
    labels: ClassVar[Mapping[str, str]]
    unit: ClassVar[str] = "second"
    needs: ClassVar[Sequence[str]] = ()

    def versions(self) -> Dict[str, str]:
        """Of what is measured next to ours, where it is installed."""
        return {}

    @abstractmethod
    def measure(self, effort: Effort) -> Results:
        """Measure it, from starting a registry to stopping it."""

    @abstractmethod
    def report(self, results: Results) -> Report:
        """What the results say. Peers may be missing from them."""


def take_turns(
    results: Results,
    cases: Iterable[Case],
    effort: Effort,
    sample: Callable[[Case], Sample],
) -> None:
    """Add a sample of each of *cases* in each round, every second one backwards.

    A round that does not count comes first: what is imported and cached at first use
    is no cost of it.
    """
    forwards: Sequence[Case] = list(cases)
    backwards: List[Case] = list(reversed(forwards))
    for turn in range(0 if effort.quick else -1, effort.rounds):
        for case in backwards if turn % 2 else forwards:
            taken = sample(case)
            if turn >= 0:
                results.add(case, 0, taken)
