"""The questions, by name, in the order in which they are shown."""

from __future__ import annotations

from typing import Dict

from benchmarks.epp import (
    clients,
    first_command,
    framing,
    opening,
    parsing,
    throughput,
    writing,
)
from benchmarks.epp.scenario import Scenario

__all__ = ["NAMES", "load"]

_SCENARIOS: Dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        throughput.SCENARIO,
        clients.SCENARIO,
        opening.SCENARIO,
        first_command.SCENARIO,
        framing.SCENARIO,
        parsing.SCENARIO,
        writing.SCENARIO,
    )
}

NAMES = tuple(_SCENARIOS)


def load(name: str) -> Scenario:
    """The scenario of that name."""
    return _SCENARIOS[name]
