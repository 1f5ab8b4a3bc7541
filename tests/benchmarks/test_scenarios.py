"""Each scenario runs to its end and reports. No times are asserted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import peers, scenarios
from benchmarks.measure import QUICK, measure
from benchmarks.page import section
from benchmarks.results import Case, Results, Sample

ROOT = Path(__file__).resolve().parents[2]
ABOUT = {"versions": {}, "effort": "", "date": ""}


@pytest.mark.slow
@pytest.mark.timeout(110)
@pytest.mark.parametrize("name", scenarios.NAMES)
def test_a_scenario_measures_each_peer_that_is_there_and_reports_it(name, installed):
    installed("geventconnpool")
    scenario = scenarios.load(name)
    results = measure(scenario, QUICK)
    missing = {
        peer for peer in scenario.peers if peers.version(peers.PEERS[peer]) is None
    }
    assert set(results.missing) == missing
    assert results.peers == [peer for peer in scenario.peers if peer not in missing]
    report = scenario.report(results)
    assert report.claims
    text = "\n".join(section(report, scenario.measures, "", ABOUT, {}))
    assert [c.what for c in report.claims if c.what not in text] == []
    assert sum(len(table.rows) for table in report.tables) >= len(results.peers)


@pytest.mark.parametrize("name", scenarios.NAMES)
def test_a_scenario_reports_where_only_ours_is_there(name):
    scenario = scenarios.load(name)
    results = Results()
    more = dict.fromkeys(
        ("mean", "longest", "cpu_mean", "cpu_longest", "never", "switches", "gap"), 1.0
    )
    for point in scenario.points("ours", True):
        results.add(Case("ours", point), 0, Sample(1.0, more))
    assert scenario.report(results).tables[0].rows


def test_a_peer_that_fails_is_noted_and_the_others_are_measured(monkeypatch):
    scenario = scenarios.load("idle")
    monkeypatch.setattr(type(scenario), "peers", ("bare", "broken"))
    broken = peers.PEERS["bare"]._replace(name="broken")
    # The worker, a process of its own, knows no such peer.
    monkeypatch.setitem(peers.PEERS, "broken", broken)
    results = measure(scenario, QUICK)
    assert results.peers == ["bare"]
    assert results.missing["broken"].startswith("failed: ")


def test_a_pool_that_lets_the_same_greenlets_have_it_again_is_found_out(installed):
    upstream = peers.load(installed("geventconnpool"))
    more = scenarios.load("fairness").sample(upstream, "", 2_000).more
    assert more["never"] > 0
    assert more["longest"] > 10 * (more["mean"] + 1)


@pytest.mark.parametrize("name", ["ours", "bare-line"])
def test_first_come_first_served_is_seen_as_fair(name, installed):
    fair = peers.load(installed(name))
    more = scenarios.load("fairness").sample(fair, "", 2_000).more
    assert more["never"] == 0
    # Counted in turns of others, so the same on any machine.
    assert more["longest"] <= 1.1 * more["mean"]


MEMORY = """
import sys, geventconnpool_ext
sys.path.insert(0, sys.argv[1])
from benchmarks import peers, scenarios
from benchmarks.scenarios.memory import CONNECTION, WAITER
scenario, ours = scenarios.load("memory"), peers.load(peers.OURS)
for what in (CONNECTION, WAITER):
    print(scenario.sample(ours, what, 100).value)
"""


def test_memory_is_of_what_the_pool_keeps(tmp_path):
    # In a process of its own, as a benchmark is: in this one, coverage and the log
    # that pytest keeps take memory for every greenlet and connection, too.
    env = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(ROOT)],
        cwd=str(tmp_path),
        env=env,
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    connection, waiter = map(float, done.stdout.split())
    assert 50 < connection < 2_000
    assert waiter > 50


def test_the_longest_wait_for_background_work_is_the_longest_of_all_rounds():
    results = Results()
    for gap in (0.001, 0.002, 0.009):
        sample = Sample(0.03, {"switches": 0.0, "gap": gap})
        results.add(Case("ours", "keepalive"), 0, sample)
    (table,) = scenarios.load("work").report(results).tables
    row = dict(zip(table.header, table.rows[0]))
    assert row["longest the user was kept from running"] == "9.00 ms"


def test_growth_over_waiters_is_told_in_time_as_well():
    results = Results()
    values = {"yield": (1e-6, 1.5e-6), "bare-line": (3e-6, 4e-6), "ours": (5e-6, 7e-6)}
    for peer, both in values.items():
        for point, value in zip((10, 1_000), both):
            results.add(Case(peer, point), 0, Sample(value))
    growth = scenarios.load("waiters").report(results).tables[1]
    assert growth.header == ("grows from 10 waiters", "to 1,000")
    assert [row[1] for row in growth.rows] == ["500 ns", "1,000 ns", "2,000 ns"]
