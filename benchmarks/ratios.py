"""Ratios of values that were taken a moment apart, and what to say of many.

A machine that others use is faster and slower by the second, and both values of a
ratio with it. So the ratio is made of each pair, and the median is taken of the
ratios, never the ratio of medians.
"""

from __future__ import annotations

import math
import statistics
from typing import NamedTuple, Optional, Sequence

__all__ = ["Claim", "Ratio", "ratio", "spread"]


class Ratio(NamedTuple):
    """The median of some ratios, and the middle half of them: *low* to *high*."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(values: Sequence[float], others: Sequence[float]) -> Ratio:
    """The ratio of each of *values* to the one of *others* that was taken next to it.

    Raises ValueError if they are not pairs, or there are none.
    """
    if not values or len(values) != len(others):
        raise ValueError(
            f"ratios need pairs of values, not {len(values)} and {len(others)}"
        )
    return spread([value / other for value, other in zip(values, others)])


def spread(ratios: Sequence[float]) -> Ratio:
    """The median and the middle half of *ratios*, which may be few, or infinite."""
    if len(ratios) < 2 or math.inf in ratios:
        # Nothing lies half-way to infinity: those that are there must do.
        ranks = [round((len(ratios) - 1) * part) for part in (0.5, 0.25, 0.75)]
        return Ratio(*(sorted(ratios)[rank] for rank in ranks))
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, low, high)


class Claim(NamedTuple):
    """What should be true, and the ratio that was found.

    It should be *most* or less, or else *least* or more; *aim* is what is hoped for.
    """

    what: str
    found: Ratio
    most: Optional[float] = None
    least: Optional[float] = None
    aim: Optional[float] = None

    @property
    def target(self) -> str:
        """The target in words."""
        bound = f"at least {self.least:g}" if self.most is None else ""
        bound = bound or f"at most {self.most:g}"
        return bound if self.aim is None else f"{bound}, aim {self.aim:g}"

    @property
    def met(self) -> bool:
        """True if the median is within the target."""
        if self.most is not None:
            return self.found.median <= self.most
        return self.least is None or self.found.median >= self.least

    @property
    def verdict(self) -> str:
        """``met``, or by how much it was missed."""
        if self.met:
            return "met"
        bound = self.least if self.most is None else self.most
        assert bound is not None
        return f"missed by {abs(self.found.median / bound - 1):.0%}"
