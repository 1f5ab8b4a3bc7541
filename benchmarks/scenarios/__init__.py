"""The questions, one module for each, in the order in which they are shown."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.scenarios.scenario import Scenario

__all__ = ["NAMES", "load"]

NAMES = ("idle", "contended", "waiters", "connections", "memory", "fairness", "work")


def load(name: str) -> Scenario:
    """The scenario of that name."""
    module = importlib.import_module(f"{__name__}.{name}")
    scenario: Scenario = module.SCENARIO
    return scenario
