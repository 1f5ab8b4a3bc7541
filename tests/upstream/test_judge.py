"""The judge of the differential tests, at work on tests and a ledger made up here."""

from __future__ import annotations

import textwrap

import pytest

from .children import ROOT, pytest_in

CONFTEST = """
import sys
from pathlib import Path

sys.path.append({root!r})
from maintenance.ledger import entries
from tests.differential.judge import Judge

HERE = Path(__file__).resolve().parent


def pytest_configure(config):
    ledger = entries.load(HERE / "patches")
    config.pluginmanager.register(Judge(HERE, HERE / "checks", ledger))
"""
TESTS = """
import pytest

BOTH = pytest.mark.parametrize("implementation", ["upstream", "ours"])


def on(implementation, name, error):
    if implementation == name:
        raise error


@BOTH
def test_as_declared(implementation):
    on(implementation, "upstream", AssertionError("no connection within 1 s"))


@BOTH
def test_passes(implementation):
    pass


@BOTH
def test_other_class(implementation):
    on(implementation, "upstream", ValueError("no connection within 1 s"))


@BOTH
def test_other_text(implementation):
    on(implementation, "upstream", AssertionError("something else"))


@BOTH
def test_not_here_either(implementation):
    on(implementation, "upstream", AssertionError("no connection within 1 s"))
    on(implementation, "ours", AssertionError("no connection within 1 s"))


@BOTH
def test_skipped(implementation):
    pytest.skip("nothing to see")


@BOTH
def test_alike(implementation):
    pass


@BOTH
def test_not_alike(implementation):
    on(implementation, "upstream", AssertionError("no connection within 1 s"))


@BOTH
def test_without_setup(implementation, missing):
    pass
"""
PARITY = ["alike", "not_alike"]
DIVERGENCE = ["as_declared", "passes", "other_class", "other_text"]
DIVERGENCE += ["not_here_either", "skipped", "without_setup"]
DECLARED = "AssertionError: no connection within \\d s$"


@pytest.fixture
def play(tmp_path):
    """Run TESTS by a ledger of *entries*: class, tests, how they fail."""

    def run(*entries, tests=TESTS):
        (tmp_path / "patches").mkdir()
        (tmp_path / "checks").mkdir()
        (tmp_path / "conftest.py").write_text(CONFTEST.format(root=str(ROOT)))
        (tmp_path / "checks" / "test_it.py").write_text(textwrap.dedent(tests))
        names = []
        for number, (klass, named, declared) in enumerate(entries, 1):
            names.append("{:04}-it.dep3".format(number))
            nodes = ["checks/test_it.py::test_" + name for name in named]
            lines = ["Description: It", "X-Class: " + klass]
            lines.append("X-Tests: " + "\n ".join(nodes))
            if declared:
                lines.append("X-Fails-With: " + declared)
            (tmp_path / "patches" / names[-1]).write_text("\n".join(lines) + "\n")
        (tmp_path / "patches" / "series").write_text("\n".join(names) + "\n")
        return pytest_in(tmp_path, "checks", environment={})

    return run


def test_each_test_is_judged_by_what_the_ledger_declares(play):
    ended = play(("parity", PARITY, None), ("divergence", DIVERGENCE, DECLARED))
    ends = {
        name[len("test_") :].replace("[", " ").rstrip("]"): kind
        for name, (kind, _) in ended.outcomes.items()
    }
    assert ends == {
        "as_declared upstream": "passed",
        "as_declared ours": "passed",
        "passes upstream": "failure",
        "passes ours": "passed",
        "other_class upstream": "failure",
        "other_class ours": "passed",
        "other_text upstream": "failure",
        "other_text ours": "passed",
        "not_here_either upstream": "passed",
        "not_here_either ours": "failure",
        "skipped upstream": "skipped",
        "skipped ours": "skipped",
        "alike upstream": "passed",
        "alike ours": "passed",
        "not_alike upstream": "failure",
        "not_alike ours": "passed",
        "without_setup upstream": "error",
        "without_setup ours": "error",
    }
    said = {name: text for name, (_, text) in ended.outcomes.items()}
    assert (
        "it passes on upstream, but patches/0002-it.dep3 declares a divergence"
        in said["test_passes[upstream]"]
    )
    for name, came in (
        ("test_other_class", "a ValueError: no connection within 1 s came"),
        ("test_other_text", "a AssertionError: something else came"),
    ):
        text = " ".join(said[name + "[upstream]"].split())
        assert "it fails on upstream otherwise than patches/0002-it.dep3" in text
        assert came.replace("a ", "", 1) in text


UNPLACED = """
def test_unnamed():
    pass


def test_two_classes():
    pass


def test_two_failures():
    pass


def test_undeclared():
    pass


def test_declared():
    pass


def test_extension():
    pass
"""


def test_what_the_ledger_does_not_place_stops_the_run(play):
    ended = play(
        ("parity", ["two_classes"], None),
        ("divergence", ["two_classes", "two_failures"], DECLARED),
        ("divergence", ["two_failures"], "OSError: x"),
        ("divergence", ["undeclared"], None),
        ("parity", ["declared"], DECLARED),
        ("extension", ["extension"], None),
        tests=UNPLACED,
    )
    assert ended.status == 4
    assert ended.outcomes == {}
    failure = "divergence ({})".format(DECLARED)
    for name, problem in {
        "unnamed": "no entry names it",
        "two_classes": "0001-it claims it as parity, and 0002-it as " + failure,
        "two_failures": "0002-it claims it as {}, and 0003-it as divergence"
        " (OSError: x)".format(failure),
        "undeclared": "0004-it is a divergence without X-Fails-With",
        "declared": "0005-it is a parity with X-Fails-With",
        "extension": "0006-it claims it as extension, which says nothing of upstream",
    }.items():
        assert "checks/test_it.py::test_{}: {}".format(name, problem) in ended.said
