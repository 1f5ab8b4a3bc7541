"""Risk: doctor calls a combination good that is not, or says nothing that helps.

The matrix that it compares with is a file of the package: the processes here run on a
copy of the package, beside which each test writes its own.
"""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

import geventconnpool_ext
from geventconnpool_ext import __version__
from geventconnpool_ext.cli.surroundings import Versions, examine
from geventconnpool_ext.compatibility import Cell, Matrix, load

from .asked import words
from .processes import run

PACKAGE = Path(geventconnpool_ext.__file__).resolve().parent
ROOT = Path(__file__).resolve().parents[2]
GEVENT = metadata.version("gevent")
GREENLET = metadata.version("greenlet")
PYTHON = "{}.{}".format(*sys.version_info[:2])
CELL = [PYTHON, "pass", GREENLET, ["libev-cext"], ""]
# The first place of sys.path is the working directory, which may hold the package too.
PROGRAM = """
import sys
sys.path[0] = {!r}
{}
from geventconnpool_ext.cli import main
sys.exit(main())
"""
# What has asked for a fork already, when the rest is told that there is none.
LOADED = "import gevent.os, multiprocessing, os, random; "
FAILING = [PYTHON, "crash", GREENLET, ["libev-cext"], "it dies of a signal"]


@pytest.fixture
def doctor(tmp_path):
    """A function that runs doctor, with this row of the matrix for this gevent."""

    def call(*arguments, row=(CELL,), others=None, first="", **variables):
        copy = tmp_path / PACKAGE.name
        if not copy.exists():
            skipped = shutil.ignore_patterns("__pycache__", "compatibility.json")
            shutil.copytree(str(PACKAGE), str(copy), ignore=skipped)
        if row is not None:
            content = {
                "schema": 1,
                "version": "1.2.3",
                "platform": sysconfig.get_platform(),
                "date": "2026-11-25",
                "releases": dict(others or {}, **{GEVENT: list(row)}),
            }
            (copy / "compatibility.json").write_text(json.dumps(content), "utf-8")
        program = PROGRAM.format(str(tmp_path), first)
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
        return run("doctor", *arguments, python=("-c", program), **variables)

    return call


def found(finished, name):
    """The finding of this name, from what --json wrote."""
    (finding,) = (f for f in json.loads(finished.out)["findings"] if f["name"] == name)
    return finding


def test_a_tested_combination_that_passes_is_said_to(doctor):
    finished = doctor()
    assert finished.status == 0, finished.err
    assert "gevent {} on Python {} was tested and".format(GEVENT, PYTHON) in (
        finished.out
    )
    assert "greenlet {} is the one".format(GREENLET) in finished.out
    assert __version__ in finished.out
    assert "version 1.2.3" in finished.out
    assert "\x1b" not in finished.out
    assert max(map(len, finished.out.splitlines())) <= 80


def test_a_failing_combination_ends_with_1_its_reason_and_what_to_install(doctor):
    finished = doctor("--json", row=[FAILING], others={"99.1.0": [CELL]})
    assert finished.status == 1
    assert json.loads(finished.out)["combination"] == "fails"
    finding = found(finished, "gevent")
    assert finding["level"] == "problem"
    assert "crash" in finding["what"]
    assert "it dies of a signal" in finding["what"]
    assert "pip install gevent==99.1.0" in finding["action"]


def test_an_untested_combination_is_a_warning_and_says_what_was_tested(doctor):
    elsewhere = [["3.99", *CELL[1:]]]
    finished = doctor("--json", row=elsewhere, others={"99.1.0": [CELL]})
    assert finished.status == 0
    assert json.loads(finished.out)["combination"] == "untested"
    finding = found(finished, "gevent")
    assert finding["level"] == "warning"
    assert "pip install gevent==99.1.0" in finding["action"]
    assert "passes on Python 3.99" in finding["action"]


def test_an_installation_without_the_matrix_says_so(doctor):
    finished = doctor(row=None)
    assert finished.status == 0
    assert "not known whether it was tested" in words(finished.out)
    assert max(map(len, finished.out.splitlines())) <= 80


def test_a_matrix_of_another_schema_is_an_error_that_says_what_to_do(doctor, tmp_path):
    doctor()
    (tmp_path / PACKAGE.name / "compatibility.json").write_text('{"schema": 2}')
    finished = doctor(row=None)
    assert finished.status == 1
    (line,) = finished.err.splitlines()
    assert "schema 2" in line
    assert "install the package anew" in line


def test_a_matrix_from_the_future_means_that_the_clock_is_late(doctor, tmp_path):
    doctor()
    path = tmp_path / PACKAGE.name / "compatibility.json"
    path.write_text(path.read_text("utf-8").replace("2026-11-25", "2999-01-01"))
    finished = doctor("--json", row=None)
    assert finished.status == 1
    clock = found(finished, "clock")
    assert clock["level"] == "problem"
    assert "2999-01-01" in clock["what"]
    assert "Set the clock" in clock["action"]


def test_a_warning_ends_with_1_if_strict(doctor):
    elsewhere = [["3.99", *CELL[1:]]]
    assert doctor(row=elsewhere).status == 0
    assert doctor("--strict", row=elsewhere).status == 1


def test_the_worst_stands_first_and_the_verdict_last(doctor):
    finished = doctor(
        row=[["3.99", *CELL[1:]]], GEVENTCONNPOOL_EXT_KIND="nul", GEVENT_RESOLVER="ares"
    )
    levels = [line[:9].strip() for line in finished.out.splitlines()[4:-2]]
    order = ["problem", "warning", "note", "ok"]
    shown = [order.index(level) for level in levels if level]
    assert shown == sorted(shown)
    assert set(shown) == {0, 1, 2, 3}
    assert finished.out.endswith("Something is wrong: kind. Look also at: gevent.\n")


def test_another_greenlet_than_the_tested_one_is_named(doctor):
    finished = doctor("--json", row=[[PYTHON, "pass", "0.0.1", ["libev-cext"], ""]])
    assert finished.status == 0
    finding = found(finished, "greenlet")
    assert finding["level"] == "note"
    assert GREENLET in finding["what"]
    assert "0.0.1" in finding["what"]


def test_wrong_variables_end_with_1_and_each_is_named_with_what_would_be_right(doctor):
    finished = doctor(
        "--json",
        GEVENT_LOOP="none-such",
        GEVENT_RESOLVER="none-such",
        GEVENTCONNPOOL_EXT_KIND="nul",
    )
    assert finished.status == 1
    for name, right in (
        ("loop", "GEVENT_LOOP"),
        ("resolver", "GEVENT_RESOLVER"),
        ("kind", "pool or null"),
    ):
        finding = found(finished, name)
        assert finding["level"] == "problem", finding
        assert right in finding["action"], finding
    assert "nul" in found(finished, "kind")["what"]


def test_the_fallback_and_a_blocking_resolver_are_warnings(doctor):
    finished = doctor("--json", GEVENTCONNPOOL_EXT_KIND="null", GEVENT_RESOLVER="block")
    assert finished.status == 0
    assert found(finished, "kind")["level"] == "warning"
    assert found(finished, "resolver")["level"] == "warning"


@pytest.mark.parametrize(
    ("patch", "level", "words"),
    [
        ("patch_all()", "ok", "monkey-patched: socket, ssl"),
        ("patch_socket()", "warning", "ssl is not"),
    ],
)
def test_it_sees_what_is_monkey_patched_in_its_process(doctor, patch, level, words):
    first = "import gevent.monkey; gevent.monkey." + patch
    finished = doctor("--json", first=first)
    finding = found(finished, "patching")
    assert finding["level"] == level
    assert words in finding["what"]


def test_a_system_without_a_fork_is_told_so_and_not_warned_of_one(doctor):
    first = LOADED + "del os.fork, os.forkpty, os.register_at_fork"
    finding = found(doctor("--json", first=first), "processes")
    assert finding["level"] == "ok"
    assert finding["what"].startswith("there is no fork here")
    assert finding["action"] == ""


def test_a_fork_that_a_pool_cannot_notice_is_a_warning(doctor):
    first = LOADED + "del os.register_at_fork"
    finding = found(doctor("--json", first=first), "processes")
    assert finding["level"] == "warning"
    assert finding["action"] == "Open pools after the fork"


def test_it_needs_no_extra_and_names_those_that_are_missing(doctor):
    first = "sys.modules.update(rich=None, lxml=None, cffi=None)"
    finished = doctor("--json", first=first)
    assert finished.status == 0, finished.err
    extras = found(finished, "extras")
    assert extras["level"] == "note"
    assert "lxml (EPP, ping), rich (demo)" in extras["what"]
    assert "geventconnpool_ext[epp,cli" in extras["action"]
    assert "cffi" in found(finished, "libuv")["what"]


def test_a_pass_on_another_platform_or_implementation_is_not_called_tested():
    matrix = Matrix(
        "1.2.3",
        "linux-x86_64",
        "2026-11-25",
        [Cell(GEVENT, "3.11", "pass", "", "", [])],
    )
    for implementation, platform in (
        ("CPython", "macosx-11.0-arm64"),
        ("PyPy", "linux-x86_64"),
        ("CPython without GIL", "linux-x86_64"),
    ):
        versions = Versions(
            __version__, implementation, "3.11.7", GEVENT, GREENLET, platform
        )
        finding = examine(versions, matrix)[0]
        assert finding.level == "warning", finding
        assert "was tested on" in finding.what


def test_the_help_tells_the_exit_status_within_80_columns():
    finished = run("doctor", "--help", COLUMNS="80", NO_COLOR="1")
    assert finished.status == 0
    assert "Exit status: 0" in finished.out
    assert "--strict" in finished.out
    assert max(map(len, finished.out.splitlines())) <= 80


def test_the_package_carries_what_the_matrix_found_of_every_gevent_it_requires():
    content = json.loads((ROOT / "compat" / "results.json").read_text("utf-8"))
    executed = {
        (record["gevent"], record["python"])
        for record in content["cells"].values()
        if record["tests"]
    }
    matrix = load()
    assert matrix is not None
    assert matrix.cell("1.5.0", "3.8") is not None
    assert {(cell.gevent, cell.python) for cell in matrix.cells} >= executed
    # The finals from 1.5.0 to 26.9.0, at least.
    assert len({cell.gevent for cell in matrix.cells}) >= 39
