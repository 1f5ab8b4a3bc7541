"""What results.json holds, and how it follows the plan."""

from __future__ import annotations

import json
import sys

import pytest

from maintenance.compat.errors import CompatError
from maintenance.compat.files import write_json
from maintenance.compat.outcomes import MEANING

from .conftest import OTHER, PYTHON, name_of, release

OTHER_PYTHON = "{}.{}".format(*OTHER)


def executed(matrix, name, **fields):
    """Give a cell the record of an execution."""
    cell = matrix.plan[name]
    from maintenance.compat.records import planned

    matrix.results.cells[name] = {
        **planned(cell, "pass", ""),
        "python_version": matrix.python_version(cell.python),
        "source": matrix.keys.source,
        "key": matrix.key(cell),
        "tests": 5,
        **fields,
    }
    matrix.results.save(matrix.plan)


def test_a_cell_that_is_not_executed_has_a_record_with_its_reason(tree):
    tree.has(release("1.0", predates_python3=True), release("2.0", PYTHON))
    tree.matrix().follow()
    records = tree.records()
    assert records[name_of("1.0")]["outcome"] == "unsupported"
    assert records[name_of("2.0", OTHER)]["outcome"] == "no-artefact"
    assert name_of("2.0") not in records
    assert all(record["reason"] for record in records.values())


def test_a_cell_without_an_interpreter_here_says_so(tree):
    tree.has(release("2.0", OTHER_PYTHON))
    tree.matrix().follow()
    record = tree.records()[name_of("2.0", OTHER)]
    assert record["outcome"] == "no-interpreter"
    assert f"no CPython {OTHER_PYTHON} was found" in record["reason"]


def test_what_was_executed_elsewhere_is_kept_where_there_is_no_interpreter(tree):
    tree.has(release("2.0", OTHER_PYTHON))
    elsewhere = tree.matrix({OTHER: sys.executable})
    executed(elsewhere, name_of("2.0", OTHER))
    tree.matrix().follow()
    assert tree.records()[name_of("2.0", OTHER)]["outcome"] == "pass"


def test_a_cell_that_became_executable_is_new(tree):
    tree.has(release("2.0"))
    tree.matrix().follow()
    tree.has(release("2.0", PYTHON))
    matrix = tree.matrix()
    matrix.follow()
    assert name_of("2.0") not in tree.records()
    assert matrix.is_new(matrix.plan[name_of("2.0")])


def test_a_release_that_is_yanked_later_is_recorded_as_yanked(tree):
    tree.has(release("2.0", PYTHON))
    executed(tree.matrix(), name_of("2.0"))
    tree.has(release("2.0", PYTHON, yanked=True, yanked_reason="oh"))
    tree.matrix().follow()
    assert tree.records()[name_of("2.0")]["outcome"] == "yanked"


def test_records_of_releases_that_are_gone_go_too(tree):
    tree.has(release("1.0"), release("2.0"))
    tree.matrix().follow()
    tree.has(release("2.0"))
    tree.matrix().follow()
    assert {record["gevent"] for record in tree.records().values()} == {"2.0"}


def test_records_stand_in_the_order_of_releases(tree):
    tree.has(release("9.0"), release("10.0"))
    tree.matrix().follow()
    gevents = [record["gevent"] for record in tree.records().values()]
    assert gevents == sorted(gevents, key=float)


def test_nothing_is_written_where_nothing_has_changed(tree):
    tree.has(release("1.0"), release("2.0"))
    tree.matrix().follow()
    before = tree.results.stat()
    tree.matrix().follow()
    assert tree.results.stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": "fine"}, "has the outcome 'fine', not one of pass, fail"),
        ({"more": 1}, "has other fields than a record's: more"),
    ],
)
def test_a_record_that_is_not_right_is_refused(tree, change, message):
    tree.has(release("1.0"))
    tree.matrix().follow()
    content = json.loads(tree.results.read_text())
    content["cells"][name_of("1.0")].update(change)
    tree.results.write_text(json.dumps(content))
    with pytest.raises(CompatError, match=message):
        tree.matrix()


def test_a_file_of_another_schema_is_refused(tree):
    tree.has(release("1.0"))
    tree.results.write_text('{"schema": 2, "cells": {}}')
    with pytest.raises(CompatError, match="is not of schema 1"):
        tree.matrix()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file.json"
    path.write_text("old")
    with path.open() as reader:
        write_json(path, {"a": "ä"})
        # Who has begun to read the old one is not shown a half of the new one.
        assert reader.read() == "old"
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert path.read_text("utf-8") == '{\n "a": "ä"\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_the_page_about_the_files_explains_every_outcome(request):
    page = (request.config.rootpath / "compat" / "README.md").read_text("utf-8")
    for outcome, meaning in MEANING.items():
        assert f"| `{outcome}` | {meaning} |" in page


# --- when a record is stale ---------------------------------------------------------


def stale(matrix):
    return {
        cell.gevent: why
        for cell in matrix.plan.values()
        if cell.executable and (why := matrix.stale(cell))
    }


@pytest.fixture
def fresh(tree):
    """A tree whose cells were all executed; returns how to look at it again."""
    tree.has(release("1.0", PYTHON), release("2.0", PYTHON), release("3.0", PYTHON))
    matrix = tree.matrix()
    for version in ("1.0", "2.0", "3.0"):
        executed(matrix, name_of(version))
    assert stale(matrix) == {}
    return tree.matrix


def test_a_changed_constraint_makes_its_cells_stale_and_no_other(tree, fresh):
    tree.write("compat/constraints/old.txt", "greenlet<3\n")
    why = "its constraints, the suite or tox.toml have changed"
    assert stale(fresh()) == {"1.0": why, "2.0": why}


def test_another_file_of_the_release_makes_its_cell_stale(tree, fresh):
    changed = release("2.0", PYTHON)
    changed["wheels"][PYTHON]["sha256"] = "another"
    tree.has(release("1.0", PYTHON), changed, release("3.0", PYTHON))
    # tox.toml is the same: it names the cells, not their files.
    assert stale(fresh()) == {"2.0": "the release has another file now"}


@pytest.mark.parametrize(
    "name", ["compat/suite/run.py", "tox.toml", "geventconnpool_ext/pool.py"]
)
def test_a_change_of_suite_tox_or_code_makes_every_cell_stale(tree, fresh, name):
    path = tree.root / name
    tree.write(name, (path.read_text() if path.exists() else "") + "\n# more\n")
    assert set(stale(fresh())) == {"1.0", "2.0", "3.0"}


def test_the_command_line_and_data_make_no_cell_stale(tree, fresh):
    tree.write("geventconnpool_ext/cli/doctor.py", "more = 1\n")
    tree.write("geventconnpool_ext/data/results.json", "{}")
    assert stale(fresh()) == {}


def test_another_bugfix_release_of_python_makes_its_cells_stale(tree, fresh):
    matrix = fresh()
    for record in matrix.results.cells.values():
        record.update(python_version="3.0.1", key="another")
    assert stale(matrix)["1.0"].startswith("ran on Python 3.0.1, here is ")


def test_a_cell_without_a_constraint_file_is_an_error(tree, fresh):
    tree.write("compat/constraints/eras.toml", "[[era]]\n")
    with pytest.raises(CompatError, match=name_of("1.0")):
        stale(fresh())
