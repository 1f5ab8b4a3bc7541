"""compat/expected.toml is strict both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintenance.compat.cells import plan
from maintenance.compat.errors import CompatError
from maintenance.compat.expected import Expectation, load, surprise
from maintenance.compat.releases import load as load_releases

from .conftest import OTHER, PYTHON, name_of, release

ROOT = Path(__file__).resolve().parents[3]
ENTRY = {"gevent": "2.0", "python": PYTHON, "outcome": "fail", "reason": "gevent's own"}


def written(tree, *entries):
    lines = []
    for entry in entries:
        lines.append("[[expected]]")
        lines += [f'{key} = "{value}"' for key, value in entry.items()]
    tree.has(release("1.0", predates_python3=True), release("2.0", PYTHON))
    tree.write("compat/expected.toml", "\n".join(lines))
    return tree.matrix


def test_an_entry_is_found_by_its_cell(tree):
    found = written(tree, ENTRY)().expected
    assert found == {name_of("2.0"): Expectation("fail", "gevent's own")}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gevent": "9.9"}, "matches no cell"),
        ({"python": "2.7"}, "matches no cell"),
        ({"gevent": "1.0"}, "never runs: 1.0 predates Python 3"),
        ({"python": "{}.{}".format(*OTHER)}, "never runs"),
        ({"outcome": "pass"}, "must have an outcome among crash"),
        ({"outcome": "no-artefact"}, "must have an outcome among crash"),
        ({"reason": " "}, "must say why"),
        ({"outcom": "fail"}, "must have the strings"),
    ],
)
def test_an_entry_that_is_not_right_is_an_error(tree, change, message):
    with pytest.raises(CompatError, match=message):
        written(tree, {**ENTRY, **change})()


def test_an_entry_that_stands_twice_is_an_error(tree):
    with pytest.raises(CompatError, match="is there twice"):
        written(tree, ENTRY, ENTRY)()


def test_no_file_means_that_all_pass(tmp_path):
    assert load(tmp_path / "expected.toml", {}) == {}


@pytest.mark.parametrize(
    ("expected", "outcome", "wrong"),
    [
        (None, "pass", None),
        (None, "fail", "fail instead of pass"),
        ("crash", "crash", None),
        ("crash", "fail", "fail instead of crash"),
        (
            "crash",
            "pass",
            "passes, but crash is expected: take its entry out of expected.toml",
        ),
    ],
)
def test_what_came_and_what_was_expected_must_be_one(expected, outcome, wrong):
    expectation = Expectation(expected, "a reason") if expected else None
    assert surprise(expectation, outcome) == wrong


def test_the_committed_file_names_cells_that_run():
    cells = plan(load_releases(ROOT / "compat" / "releases.json"))
    load(ROOT / "compat" / "expected.toml", cells)
