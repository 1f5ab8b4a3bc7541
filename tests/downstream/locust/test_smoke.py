"""locust's users share a pool; what locust counts is what the registry saw."""

from __future__ import annotations

import csv

# Not importorskip: locust patches everything when it is imported.
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not find_spec("locust"), reason="locust is missing")

LOCUSTFILE = Path(__file__).with_name("locustfile.py")


@pytest.mark.timeout(60)
def test_ten_users_of_locust_share_three_sessions(run, registry, tmp_path):
    arguments = ["--headless", "--users=10", "--spawn-rate=10", "--run-time=3s"]
    run("-m", "locust", "-f", LOCUSTFILE, *arguments, f"--csv={tmp_path / 'load'}")
    with (tmp_path / "load_stats.csv").open(newline="") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    told = rows["check"]
    seen = [entry.verb for entry in registry.record].count("check")
    assert int(told["Failure Count"]) == 0
    assert int(told["Request Count"]) >= 100
    # Users are stopped in the midst of a command: the registry may have seen more.
    assert 0 <= seen - int(told["Request Count"]) <= 10
    assert registry.counters().logins >= 3
