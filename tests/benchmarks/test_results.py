"""What was measured, and the files it is kept in."""

from __future__ import annotations

import json

import pytest

from benchmarks import files
from benchmarks.results import Case, Results, Sample
from benchmarks.scenarios import load


@pytest.fixture
def results():
    made = Results()
    made.expect([Case("ours", 10), Case("ours", 100), Case("bare", 10)])
    for process in range(2):
        # Every second round goes backwards.
        made.add(Case("bare", 10), process, Sample(1.0, {"longest": 5.0}))
        made.add(Case("ours", 100), process, Sample(3.0, {"longest": 6.0}))
        made.add(Case("ours", 10), process, Sample(2.0, {"longest": 7.0}))
    made.loops[Case("ours", 10)] = 64
    made.missing["psycopg_pool"] = "psycopg-pool is not installed"
    return made


def test_peers_and_points_stand_in_the_order_of_the_scenario(results):
    assert results.peers == ["ours", "bare"]
    assert results.points("ours") == [10, 100]


def test_ratios_are_of_the_values_of_one_round(results):
    found = results.ratio(Case("ours", 100), Case("bare", 10))
    assert found.median == 3.0
    assert results.also(Case("ours", 10), "longest") == [7.0, 7.0]


def test_a_peer_that_fails_leaves_no_half_of_its_values(results):
    results.drop("ours", "failed: ended")
    assert results.peers == ["bare"]
    assert results.missing["ours"] == "failed: ended"


def test_json_keeps_all_of_it(results):
    again = Results.from_json(json.loads(json.dumps(results.to_json())))
    assert again.to_json() == results.to_json()
    assert again.samples == results.samples


def test_pyperf_reads_the_values_of_each_case(results, tmp_path):
    pyperf = pytest.importorskip("pyperf", reason="pyperf comes with `bench`")
    path = tmp_path / "pyperf.json"
    run = {"about": {}, "scenarios": {"waiters": results}}
    files.dump_pyperf(run, load, path)
    suite = pyperf.BenchmarkSuite.load(str(path))
    assert suite.get_benchmark_names() == [
        "waiters: ours, 10",
        "waiters: ours, 100",
        "waiters: bare, 10",
    ]
    benchmark = suite.get_benchmark("waiters: ours, 10")
    assert benchmark.get_values() == (2.0, 2.0)
    assert benchmark.get_nrun() == 2
    assert benchmark.get_unit() == "second"
