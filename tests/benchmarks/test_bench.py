"""What ``nox -s bench`` makes of names and options."""

from __future__ import annotations

import pytest

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from benchmarks import bench
from benchmarks.epp.scenarios import NAMES as NAMES_OF_EPP
from benchmarks.scenarios import NAMES


@pytest.fixture
def ran(monkeypatch):
    """What would have run: the part, its scenarios, its rounds."""
    seen = []

    def run_of(part, status):
        def run(options):
            seen.append((part, list(options.scenario), options.rounds))
            return status

        return run

    monkeypatch.setattr(bench.pool, "run", run_of("pool", 1))
    monkeypatch.setattr(bench.epp, "run", run_of("epp", 0))
    return seen


ALL, ALL_OF_EPP = ("pool", list(NAMES), None), ("epp", list(NAMES_OF_EPP), None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", [ALL, ALL_OF_EPP]),
        ("--quick", [ALL, ALL_OF_EPP]),
        ("idle", [("pool", ["idle"], None)]),
        ("--rounds 3 idle", [("pool", ["idle"], 3)]),
        ("idle --rounds 3 work", [("pool", ["idle", "work"], 3)]),
        ("epp", [ALL_OF_EPP]),
        ("epp epp-writing", [("epp", ["epp-writing"], None)]),
        ("--rounds 3 epp epp-writing", [("epp", ["epp-writing"], 3)]),
        ("epp-writing", [("epp", ["epp-writing"], None)]),
        ("idle epp", [("pool", ["idle"], None), ALL_OF_EPP]),
    ],
)
def test_each_part_gets_its_own_names_and_none_runs_without(given, expected, ran):
    bench.main(given.split())
    assert ran == expected


def test_a_failure_of_one_part_is_one_of_the_run_and_does_not_stop_the_other(ran):
    assert bench.main([]) == 1
    assert bench.main(["epp"]) == 0
    assert len(ran) == 3


def test_a_wrong_name_is_refused_before_anything_runs(ran, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main(["idle", "epp-nothing"])
    assert ended.value.code == 2
    assert "no scenario epp-nothing; there are idle" in capsys.readouterr().err
    assert ran == []
