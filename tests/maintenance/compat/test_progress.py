"""What a run shows, and how long it says it will take."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from maintenance.compat.progress import Estimate, Show


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_before_anything_has_ended_the_past_is_the_estimate():
    assert Estimate({"a": 30, "b": 50, "c": 40}, 2, Clock()).left() == 60


def test_more_jobs_than_cells_do_not_help():
    assert Estimate({"a": 30}, 4, Clock()).left() == 30


def test_a_run_that_is_slower_than_the_past_is_estimated_by_itself():
    clock = Clock()
    estimate = Estimate({"a": 30, "b": 50, "c": 40}, 2, clock)
    clock.now = 60
    estimate.ended("a")
    assert estimate.left() == 180


@pytest.mark.parametrize("terminal", [True, False])
def test_every_cell_that_ends_is_told_with_the_time_left(terminal):
    said = io.StringIO()
    console = Console(file=said, force_terminal=terminal, width=100)
    estimate = Estimate({"a": 30, "b": 50}, 1)
    with Show(estimate, 2, console) as show:
        show.ended("a", "fail", 31.4, "fail [instead] of pass")
        show.ended("b", "pass", 50, "")
    assert "a: fail, 31 s (fail [instead] of pass)" in said.getvalue()
    assert ("[1/2] a" in said.getvalue()) is not terminal
    assert "about 0 s left" in said.getvalue()
