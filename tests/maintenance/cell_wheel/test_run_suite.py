"""The runner of a cell, run by this interpreter over small suites made here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import gevent
import pytest

import geventconnpool_ext

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(tmp_path):
    """Run a suite that consists of one file; return the status and the report."""
    suite = tmp_path / "suite"
    suite.mkdir()
    for name in ("run_suite.py", "cell_plugin.py", "pytest.ini"):
        shutil.copy(ROOT / "compat" / "suite" / name, suite)
    installed = tmp_path / "site-packages"
    installed.mkdir()
    package = Path(geventconnpool_ext.__file__).parent
    (installed / package.name).symlink_to(package)

    def run(test, **changes):
        (suite / "test_it.py").write_text(test)
        plan = {
            "cell": "made up",
            "gevent": gevent.__version__,
            "seconds": 20,
            "loops": [
                {
                    "loop": "libev-cext",
                    "tests": ["test_it.py"],
                    "epp": [],
                    "chosen": True,
                }
            ],
            "deselected": [],
        }
        (suite / "cell.json").write_text(json.dumps({**plan, **changes}))
        report = tmp_path / "report.json"
        done = subprocess.run(
            [sys.executable, str(suite / "run_suite.py")],
            env={
                **os.environ,
                "PYTHONPATH": str(installed),
                "GEVENTCONNPOOL_EXT_CELL_REPORT": str(report),
            },
            stdout=subprocess.PIPE,
            timeout=60,
        )
        return done.returncode, json.loads(report.read_text())

    return run


def test_a_suite_that_passes_is_counted_without_what_is_deselected(run):
    entry = {"test": "test_it.py::test_d", "reason": "because", "applies": True}
    status, report = run(
        "import pytest\n"
        "def test_a(): pass\n"
        "def test_b(): pass\n"
        "def test_c(): pytest.skip('no')\n"
        "def test_d(): assert 0\n",
        deselected=[entry],
    )
    assert status == 0
    assert report["outcome"] == "pass"
    assert report["stage"] == "suite"
    assert report["gevent"] == gevent.__version__
    assert report["python_version"] == "{}.{}.{}".format(*sys.version_info[:3])
    (loop,) = report["loops"]
    assert (loop["passed"], loop["failed"], loop["skipped"]) == (2, 0, 1)


def test_a_failure_shows_its_last_lines_and_no_path_of_the_machine(run, tmp_path):
    entry = {"test": "test_it.py::test_a", "reason": "elsewhere", "applies": False}
    status, report = run(
        "def test_a(): assert 6 * 7 == 43\ndef test_b(): pass\n", deselected=[entry]
    )
    assert status == 1
    (loop,) = report["loops"]
    assert (report["outcome"], loop["passed"], loop["failed"]) == ("fail", 1, 1)
    tail = "\n".join(report["tail"])
    assert "6 * 7" in tail
    assert str(tmp_path) not in tail


def test_a_file_that_cannot_be_imported_is_a_failure(run):
    status, report = run("import no_such_module\n")
    assert (status, report["outcome"]) == (1, "fail")


def test_a_crash_is_told_from_a_failure(run):
    status, report = run("import os\ndef test_a(): os.abort()\n")
    assert (status, report["outcome"]) == (1, "crash")
    assert report["tail"][-1] == "ended by signal 6"


def test_a_hang_ends_with_the_place_where_it_hangs(run):
    test = "import time\ndef test_a(): time.sleep(60)  # hangs\n"
    status, report = run(test, seconds=2)
    assert (status, report["outcome"]) == (1, "timeout")
    assert any("in test_a" in line for line in report["tail"])


def test_to_deselect_what_does_not_exist_is_a_failure(run):
    entry = {"test": "test_it.py::test_gone", "reason": "because", "applies": False}
    status, report = run("def test_a(): pass\n", deselected=[entry])
    assert (status, report["outcome"]) == (1, "fail")
    assert "test_gone" in "\n".join(report["tail"])


def test_another_gevent_than_the_cells_is_an_import_failure(run):
    status, report = run("def test_a(): pass\n", gevent="0.1")
    assert (status, report["outcome"], report["stage"]) == (
        1,
        "import-failure",
        "import",
    )
