"""What a scenario is: what runs in the workers, and what is made of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, List, NamedTuple, Optional, Sequence, Tuple

from benchmarks.peers import PEERS
from benchmarks.results import Case, Point, Results, Sample
from benchmarks.table import Table

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module
    from benchmarks.plots import Plot
    from benchmarks.ratios import Claim

__all__ = ["Report", "Scenario", "label", "nanoseconds"]


class Report(NamedTuple):
    """What a scenario found."""

    tables: List[Table]
    claims: List[Claim]
    plot: Optional[Plot] = None
    remarks: Tuple[str, ...] = ()


class Scenario(ABC):
    """One question.

    *unit* is what a sample's value is, for pyperf: ``second`` or ``byte``.
    *least_loops* is what a sample takes when it need not last, *most_rounds* bounds the
    rounds where samples are long, or all the same. *timed* is whether a sample takes
    as many loops as last the seconds that are asked for, and not always the same.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    measures: ClassVar[str]
    peers: ClassVar[Sequence[str]]
    unit: ClassVar[str] = "second"
    least_loops: ClassVar[int] = 1
    most_rounds: ClassVar[int] = 1_000
    timed: ClassVar[bool] = True

    def points(self, peer: str, quick: bool) -> Sequence[Point]:
        """The points at which *peer* is measured."""
        return ("",)

    @abstractmethod
    def sample(self, peer: Module, point: Point, loops: int) -> Sample:
        """Measure *peer* once, from opening it to closing it. Runs in a worker."""

    def duration(self, sample: Sample, loops: int) -> float:
        """How many seconds of *sample* were measured: more loops make it longer."""
        return sample.value * loops

    @abstractmethod
    def report(self, results: Results) -> Report:
        """What the results say. Peers may be missing from them."""


def label(peer: str) -> str:
    """What *peer* is called where people read it."""
    return PEERS[peer].label


def nanoseconds(results: Results, case: Case) -> str:
    """The median of *case*, in words."""
    value = results.median(case) * 1e9
    return f"{value:,.0f} ns" if value < 10_000 else f"{value / 1000:,.1f} us"
