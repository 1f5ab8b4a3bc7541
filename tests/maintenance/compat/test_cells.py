"""Which cells there are, and which of them are executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintenance.cell_wheel.cell import Cell as NamedCell
from maintenance.compat.cells import PYTHONS, cell_name, plan, unknown_pythons
from maintenance.compat.releases import File, Release, load

COMMITTED = Path(__file__).resolve().parents[3] / "compat" / "releases.json"
A_FILE = File("a-file", "its digest")


def release(version="20.1.0", *pythons, **fields):
    wheels = dict.fromkeys(pythons, A_FILE)
    defaults = {
        "prerelease": False,
        "uploaded": "2020-01-02",
        "yanked": False,
        "yanked_reason": None,
        "requires_python": None,
        "sdist": A_FILE,
        "predates_python3": False,
    }
    return Release(version=version, wheels=wheels, **{**defaults, **fields})


def cell(made, python):
    return plan([made])[cell_name(made.version, python)]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("26.9.0", "py311-gevent26_9_0"),
        ("1.1a1", "py311-gevent1_1a1"),
        ("1.3.2.post0", "py311-gevent1_3_2_post0"),
    ],
)
def test_a_cell_is_named_by_its_python_and_release(version, name):
    assert cell_name(version, (3, 11)) == name


def test_every_cell_has_a_name_that_tox_knows_for_the_same_cell():
    for planned in plan(load(COMMITTED)).values():
        named = NamedCell.named(planned.name)
        assert (named.release, named.python) == (planned.gevent, planned.python)


def test_every_release_has_a_cell_for_every_python():
    cells = plan([release("1.0"), release("2.0")])
    assert len(cells) == 2 * len(PYTHONS)


def test_a_release_is_executed_where_it_has_a_wheel():
    made = release("20.1.0", "3.8", "3.9")
    executed = [c.python for c in plan([made]).values() if c.executable]
    assert executed == [(3, 8), (3, 9)]
    assert cell(made, (3, 8)).kind == "wheel"


def test_a_release_without_any_wheel_is_built_on_the_oldest_python():
    made = release("1.1.2")
    executed = [c for c in plan([made]).values() if c.executable]
    assert [(c.python, c.kind) for c in executed] == [((3, 6), "sdist")]
    assert cell(made, (3, 8)).reason == (
        "gevent 1.1.2 ships no wheel for Python from 3.6 up"
        " and is built from source on 3.6 only"
    )


def test_a_release_that_predates_python_3_is_unsupported():
    made = cell(release("0.13.8", predates_python3=True), (3, 6))
    assert (made.outcome, made.reason) == ("unsupported", "0.13.8 predates Python 3")


def test_a_yanked_release_is_run_only_on_request():
    made = cell(release("2.0", "3.9", yanked=True, yanked_reason="oh"), (3, 9))
    assert (made.outcome, made.reason) == ("yanked", "2.0 was yanked: oh")
    assert made.on_request


@pytest.mark.parametrize(
    ("python", "requires", "reason"),
    [
        ((3, 8), ">=3.9", "gevent 26.4.0 declares Python >= 3.9"),
        (
            (3, 9),
            ">=3.9",
            "gevent 26.4.0 declares Python >= 3.9 but ships no wheel for 3.9",
        ),
        (
            (3, 13),
            ">=3.9",
            "gevent 26.4.0 ships no wheel for 3.13: its newest is for 3.12",
        ),
        ((3, 8), None, "gevent 26.4.0 ships no wheel for 3.8"),
    ],
)
def test_what_is_missing_is_said_in_words(python, requires, reason):
    made = release("26.4.0", "3.10", "3.12", requires_python=requires)
    found = cell(made, python)
    assert (found.outcome, found.reason) == ("no-artefact", reason)


def test_a_wheel_for_a_python_that_has_no_column_is_noticed():
    assert unknown_pythons([release("9.0", "3.15", "3.16")]) == ["3.16"]


def test_all_releases_that_python_3_can_run_are_executed_somewhere():
    found = load(COMMITTED)
    executed = [c for c in plan(found).values() if c.executable]
    runnable = {r.version for r in found if not (r.predates_python3 or r.yanked)}
    assert {c.gevent for c in executed} == runnable
    wheels = sum(len(r.wheels) for r in found if not r.yanked)
    assert sum(c.kind == "wheel" for c in executed) == wheels
    assert all(c.reason for c in plan(found).values() if not c.executable)
