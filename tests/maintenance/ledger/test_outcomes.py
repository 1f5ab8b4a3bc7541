"""The named tests are run in a child, and what they do is held to the class."""

from __future__ import annotations

import pytest

from maintenance.ledger import checking, entries, outcomes, symbols

from . import project as made_up
from .project import DEFECTS, EXTRA, FIRST, LEDGER

pytestmark = pytest.mark.timeout(60)

SICK_TESTS = """\
import os

import pytest

def test_fails_on_upstream(implementation):
    assert implementation == "ours", "upstream can't"

def test_fails_here(implementation):
    assert implementation == "upstream", "we can't"

def test_is_skipped(implementation):
    if implementation == "upstream":
        pytest.skip("geventconnpool 0.2.1 is not there: run pip download")

@pytest.mark.xfail(reason="one day", strict=True)
def test_is_expected_to_fail(implementation):
    assert False

def test_runs_once():
    pass

@pytest.fixture
def late():
    yield
    assert False, "too late"

def test_fails_in_teardown(implementation, late):
    pass

def test_that_nobody_names(implementation):
    os._exit(3)

@pytest.mark.parametrize("value", ["a::b", "c[d]", 1])
def test_has_parameters(implementation, value):
    pass

class TestGroup:
    def test_is_in_a_class(self, implementation):
        pass
"""
SICK = "tests/differential/test_sick.py"
EXPECTED = {
    "fails_on_upstream": "on upstream: failed: AssertionError: upstream can't",
    "fails_here": "on ours: failed: AssertionError: we can't",
    "is_skipped": "on upstream: skipped: Skipped: geventconnpool 0.2.1 is not there",
    "runs_once": "does not run over upstream",
    "fails_in_teardown": "failed: AssertionError: too late",
    "is_expected_to_fail": ": expected to fail",
    "is_not_there": f"there is no test {SICK}::test_is_not_there",
}
HEALTHY = ("has_parameters",)


@pytest.fixture(scope="module", autouse=True)
def bare_children():
    """The made-up tests need no plugin that happens to be installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        yield


@pytest.fixture(scope="module")
def sick(tmp_path_factory):
    """Findings of one run over entries that are each sick in one way, by entry."""
    root = tmp_path_factory.mktemp("sick")
    ledger = dict(LEDGER)
    for number, name in enumerate([*EXPECTED, *HEALTHY], len(LEDGER) + 1):
        ledger[f"{number:04}-{name.replace('_', '-')}"] = parity(f"test_{name}", name)
    ledger["0020-class"] = parity("TestGroup::test_is_in_a_class", "group")
    ledger["0021-broken-file"] = {
        **EXTRA,
        "Origin": "other, defect:broken-file",
        "X-Tests": "tests/test_broken.py::test_it",
    }
    ledger["0022-no-file"] = {
        **EXTRA,
        "Origin": "other, defect:no-file",
        "X-Tests": "tests/test_gone.py::test_it",
    }
    made_up.make(root, ledger)
    (root / SICK).write_text(SICK_TESTS)
    (root / "tests" / "test_broken.py").write_text("import nothing_of_this_name\n")
    result = checking.check(root, defects=DEFECTS)
    found = {}
    for finding in result.findings:
        found.setdefault(finding.subject[5:], []).append(finding.reason)
    return found


def parity(test, name):
    origin = "other, defect:" + name.replace("_", "-")
    return {**FIRST, "Origin": origin, "X-Tests": f"{SICK}::{test}"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_test_that_proves_nothing_turns_its_entry_red(sick, name):
    assert any(EXPECTED[name] in reason for reason in sick[name.replace("_", "-")])


def test_entries_whose_tests_pass_stay_green_beside_red_ones(sick):
    red = {name.replace("_", "-") for name in EXPECTED} | {"broken-file", "no-file"}
    assert set(sick) == red


def test_only_the_implementation_that_fails_is_named(sick):
    assert len(sick["fails-here"]) == 1
    assert len(sick["is-skipped"]) == 1


def test_a_file_that_cannot_be_imported_is_told_with_its_error(sick):
    (reason,) = sick["broken-file"]
    assert "tests/test_broken.py gave no tests" in reason
    assert "nothing_of_this_name" in reason


def test_a_file_that_is_not_there_is_a_missing_test(sick):
    assert sick["no-file"] == ["there is no test tests/test_gone.py::test_it"]


def test_a_ledger_in_order_is_green_with_its_tests_run_once(project):
    path = project / "tests" / "test_own.py"
    count = "        open(__file__ + '.runs', 'a').write('1')\n"
    path.write_text(made_up.OWN.replace("        pass\n", count))
    result = checking.check(project, defects=DEFECTS)
    assert result.findings == []
    assert result.tests == 5
    assert (project / "tests" / "test_own.py.runs").read_text() == "1"


def test_without_running_tests_are_looked_for_all_the_same(project):
    (project / "tests" / "differential" / "test_pool.py").write_text(
        "def test_it_lends(implementation):\n    assert False\n"
    )
    result = checking.check(project, run=False, defects=DEFECTS)
    (found,) = result.findings
    assert found.subject == "0004-connecting"
    assert "there is no test" in found.reason
    assert result.tests is None


def test_a_pytest_that_ends_early_is_red_with_its_words(project):
    conftest = project / "tests" / "differential" / "conftest.py"
    refuse = (
        "def pytest_collection_modifyitems():\n"
        "    raise pytest.UsageError('the ledger and the tests disagree')\n"
    )
    conftest.write_text(made_up.CONFTEST + refuse)
    found = checking.check(project, defects=DEFECTS).findings
    assert "pytest" in [finding.subject for finding in found]
    assert any("the ledger and the tests disagree" in f.reason for f in found)


def test_nothing_is_run_while_an_entry_cannot_be_read(project):
    (project / "patches" / "0003-mind.dep3").write_text("Origin\n")
    result = checking.check(project, defects=DEFECTS)
    assert "tests" in [finding.subject for finding in result.findings]
    assert result.tests is None


def test_a_pending_entry_s_tests_and_symbols_are_not_looked_at(project):
    fields = {
        **FIRST,
        "Origin": "other, patch:" + made_up.PATCH_ID,
        "X-Status": "pending",
        "X-Symbols": "geventconnpool_ext.nowhere",
        "X-Tests": f"{SICK}::test_stub",
    }
    made_up.make(project, {**LEDGER, "0006-new": fields})
    result = checking.check(project, allow_pending=True, defects=DEFECTS)
    assert result.findings == []
    assert [entry.name for entry in result.pending] == ["0006-new"]


SYMBOLS = {
    "geventconnpool_ext.pool": None,
    "geventconnpool_ext.pool.ConnectionPool.get": None,
    "geventconnpool_ext.retry": None,
    "geventconnpool_ext.pool.ConnectionPool.put": "ConnectionPool has no put",
    "geventconnpool_ext.pools.ConnectionPool": "geventconnpool_ext has no pools",
    "geventconnpool_ext.sick": "importing geventconnpool_ext.sick fails",
    "geventconnpool_ext.poor": "No module named 'nothing_of_this_name'",
}


def test_a_symbol_that_is_not_there_is_red_and_others_are_not(project):
    fields = {**FIRST, "X-Symbols": "\n".join(SYMBOLS)}
    made_up.write(project, "0001-first-version", fields)
    package = project / "geventconnpool_ext"
    (package / "sick.py").write_text("raise RuntimeError('sick')\n")
    (package / "poor.py").write_text("import nothing_of_this_name\n")
    found = symbols.check(project, entries.load(project / "patches"))
    assert {finding.subject for finding in found} == {"0001-first-version"}
    missing = {name: reason for name, reason in SYMBOLS.items() if reason}
    assert len(found) == len(missing)
    for finding, (name, reason) in zip(found, missing.items()):
        assert finding.reason.startswith(f"X-Symbols {name}: ")
        assert reason in finding.reason


def test_a_package_that_cannot_be_imported_is_told_once_a_symbol(project):
    (project / "geventconnpool_ext" / "__init__.py").write_text("import nothing_here\n")
    found = symbols.check(project, entries.load(project / "patches")[:1])
    assert len(found) == 2
    assert all("No module named 'nothing_here'" in f.reason for f in found)


def test_no_named_test_needs_no_child(project):
    assert outcomes.record(project, []) == outcomes.Record({}, {}, "")
