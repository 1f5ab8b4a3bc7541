"""What a section says of its own run."""

from __future__ import annotations

import pytest

from benchmarks import about, scenarios
from benchmarks.measure import FULL, QUICK
from benchmarks.results import Sample


def effort_of(name, effort=FULL):
    return about.about(scenarios.load(name), effort)["effort"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("idle", "5 processes of each pool, 7 rounds in each, 0.1 s of CPU time"),
        ("memory", "5 processes of each pool, 1 round in each, on "),
        ("work", "5 processes of each pool, 2 rounds in each, on "),
    ],
)
def test_the_effort_is_that_of_the_scenario_and_not_what_was_asked_for(name, said):
    assert effort_of(name).startswith(said)


def test_what_there_is_one_of_is_told_as_one():
    assert effort_of("idle", QUICK).startswith("1 process of each pool, 1 round in")


@pytest.mark.parametrize("name", scenarios.NAMES)
def test_a_scenario_is_timed_if_more_loops_make_its_samples_last(name):
    scenario = scenarios.load(name)
    long = scenario.duration(Sample(1.0, {"seconds": 1.0}), 1_000_000)
    assert scenario.timed == (long < float("inf"))
