"""locust's users share a pool; what locust counts is what the registry saw."""

from __future__ import annotations

import json

# Not importorskip: locust patches everything when it is imported.
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not find_spec("locust"), reason="locust is missing")

LOCUSTFILE = Path(__file__).with_name("locustfile.py")


@pytest.mark.timeout(60)
def test_ten_users_of_locust_share_three_sessions(run, registry, tmp_path):
    arguments = ["--headless", "--users=10", "--spawn-rate=10", "--run-time=3s"]
    arguments.append(f"--json-file={tmp_path / 'stats'}")
    run("-m", "locust", "-f", LOCUSTFILE, *arguments)
    (told,) = json.loads((tmp_path / "stats.json").read_text("utf-8"))
    seen = [entry.verb for entry in registry.record].count("check")
    assert (told["method"], told["name"]) == ("EPP", "check")
    assert told["num_failures"] == 0
    assert told["num_requests"] >= 100
    # Users are stopped in the midst of a command: the registry may have seen more.
    assert 0 <= seen - told["num_requests"] <= 10
    assert registry.counters().logins >= 3
