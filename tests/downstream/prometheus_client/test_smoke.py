"""prometheus-client scrapes the pool's numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("prometheus_client")

PROGRAM = Path(__file__).with_name("program.py")


def test_a_scrape_counts_what_the_registry_counted(run, registry):
    samples = {}
    for line in run("-m", "gevent.monkey", PROGRAM).splitlines():
        sample, _, value = line.rpartition(" ")
        samples[sample] = float(value)
    assert [entry.verb for entry in registry.record].count("check") == 60
    counted = [
        samples[f"geventconnpool_ext_{name} pool=registry"]
        for name in ("gets_total", "connects_total", "get_duration_seconds_count")
    ]
    assert counted == [60, registry.counters().logins, 60]
