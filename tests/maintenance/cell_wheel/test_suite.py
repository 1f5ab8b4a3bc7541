from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from maintenance.cell_wheel import Cell, suite_digest
from maintenance.cell_wheel.suite import plan_of, prepare

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def root(tmp_path):
    """A copy of all that the suite is made of."""
    root = tmp_path / "root"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(
        ROOT / "compat" / "suite", root / "compat" / "suite", False, ignored
    )
    shutil.copytree(ROOT / "tests", root / "tests", ignore=ignored)
    shutil.copy(ROOT / "toxfile.py", root)
    return root


def test_the_copy_holds_the_tests_and_not_the_package(tmp_path):
    prepare(ROOT, tmp_path / "suite", Cell.named("py311-gevent26_9_0"))
    found = {
        str(path.relative_to(tmp_path / "suite")) for path in tmp_path.rglob("*.py")
    }
    assert {"run_suite.py", "cell_plugin.py", "tests/contract/test_lease.py"} <= found
    assert not any("geventconnpool_ext" in name for name in found)


def test_what_the_plan_runs_is_in_the_copy(tmp_path):
    prepare(ROOT, tmp_path, Cell.named("py311-gevent26_9_0"))
    plan = json.loads((tmp_path / "cell.json").read_text())
    for loop in plan["loops"]:
        for test in [*loop["tests"], *loop["epp"]]:
            assert (tmp_path / test.partition("::")[0]).exists()


def test_a_cell_of_3_6_gets_stripped_tests_and_one_of_3_8_the_tests_themselves(
    tmp_path,
):
    name = "tests/contract/test_lease.py"
    for cell, stripped in (("py36-gevent1_4_0", True), ("py38-gevent1_5_0", False)):
        prepare(ROOT, tmp_path / cell, Cell.named(cell))
        text = (tmp_path / cell / name).read_text()
        assert ("__future__" not in text) == stripped


def test_libuv_runs_where_the_wheels_hold_it():
    loops = {
        name: [loop["loop"] for loop in plan_of(ROOT, Cell.named(name))["loops"]]
        for name in ("py37-gevent1_4_0", "py311-gevent26_9_0")
    }
    assert loops == {
        "py37-gevent1_4_0": ["libev-cext"],
        "py311-gevent26_9_0": ["libev-cext", "libuv-cffi"],
    }


def test_what_is_deselected_has_a_reason_and_a_cell_it_runs_in():
    old = plan_of(ROOT, Cell.named("py36-gevent1_4_0"))["deselected"]
    new = plan_of(ROOT, Cell.named("py311-gevent26_9_0"))["deselected"]
    assert all(len(entry["reason"].split()) > 5 for entry in old)
    assert any(entry["applies"] for entry in old)
    assert not any(entry["applies"] for entry in new)


def test_a_test_that_changes_changes_the_digest_and_another_does_not(root):
    before = suite_digest(root)
    (root / "tests" / "cli" / "test_demo.py").write_text("changed = 1\n")
    assert suite_digest(root) == before
    with (root / "tests" / "contract" / "test_lease.py").open("a") as file:
        file.write("# changed\n")
    assert suite_digest(root) != before


def test_a_name_in_suite_toml_that_is_not_there_is_an_error(root, tmp_path):
    shutil.rmtree(root / "tests" / "retry")
    with pytest.raises(ValueError, match=r"there is no 'tests/retry'"):
        prepare(root, tmp_path / "suite", Cell.named("py311-gevent26_9_0"))
