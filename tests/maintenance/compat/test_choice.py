"""Which cells a command line or a sample chooses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from maintenance.compat.cells import PYTHONS, plan
from maintenance.compat.errors import CompatError
from maintenance.compat.releases import load
from maintenance.compat.sample import sample
from maintenance.compat.selection import Selection, select

from .conftest import HERE, OTHER, PYTHON, name_of, release

COMMITTED = Path(__file__).resolve().parents[3] / "compat" / "releases.json"
OTHER_PYTHON = "{}.{}".format(*OTHER)


@pytest.fixture
def matrix(tree):
    tree.has(
        release("1.0", PYTHON, yanked=True),
        release("2.0", PYTHON, OTHER_PYTHON),
        release("3.0", PYTHON),
    )
    return tree.matrix({HERE: sys.executable, OTHER: sys.executable})


def chosen(matrix, **wanted):
    return list(select(matrix, Selection(**wanted)))


def test_without_a_wish_everything_stale_is_chosen_and_nothing_yanked(matrix):
    assert set(chosen(matrix)) == {
        name_of("2.0", OTHER),
        name_of("2.0"),
        name_of("3.0"),
    }


def test_wishes_narrow_the_choice(matrix):
    assert chosen(matrix, releases=["2.0"], pythons=[PYTHON]) == [name_of("2.0")]
    assert chosen(matrix, cells=[name_of("3.0")]) == [name_of("3.0")]


def test_a_yanked_release_is_chosen_by_its_name(matrix):
    assert chosen(matrix, releases=["1.0"]) == [name_of("1.0")]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"releases": ["9.9"]}, "not in compat/releases.json, whose newest is 3.0"),
        ({"pythons": ["2.7"]}, "Python 2.7 is not of the matrix"),
        ({"cells": ["py3-gevent1"]}, "is no cell; one looks like"),
        ({"cells": [name_of("3.0", OTHER)]}, "never runs: gevent 3.0 ships no wheel"),
    ],
)
def test_a_wish_that_names_nothing_is_an_error(matrix, wanted, message):
    with pytest.raises(CompatError, match=message):
        chosen(matrix, **wanted)


# --- the sample ---------------------------------------------------------------------


def sampled(*here):
    releases = load(COMMITTED)
    return sample(plan(releases), releases, here or PYTHONS)


def test_a_sample_has_about_six_cells_with_wheels_from_all_over_the_matrix():
    cells = sampled()
    assert 5 <= len(cells) <= 7
    assert all(cell.kind == "wheel" for cell in cells)
    finals = [r.version for r in load(COMMITTED) if r.wheels and not r.prerelease]
    assert cells[0].gevent == finals[-1]
    assert "1.5.0" in {cell.gevent for cell in cells}
    assert any(cell.python < (3, 8) for cell in cells)
    assert {(3, 8), PYTHONS[-1]} <= {cell.python for cell in cells}


@pytest.mark.parametrize("here", PYTHONS)
def test_a_sample_is_found_on_a_machine_with_a_single_python(here):
    cells = sampled(here)
    assert cells
    assert {cell.python for cell in cells} == {here}
    assert len({cell.name for cell in cells}) == len(cells)


def test_a_python_that_is_missing_is_replaced_by_the_nearest():
    with_all = {cell.python for cell in sampled()}
    without = [python for python in PYTHONS if python not in ((3, 8), (3, 15))]
    cells = sampled(*without)
    assert (3, 8) in with_all
    assert {(3, 9), (3, 14)} <= {cell.python for cell in cells}


def test_a_machine_without_any_python_of_the_matrix_has_no_sample():
    releases = load(COMMITTED)
    assert sample(plan(releases), releases, []) == []
