"""The dashboard and the alerts of docs/monitoring/ fit the metrics there are."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("prometheus_client")

from prometheus_client import CollectorRegistry

from geventconnpool_ext import DiscardReason
from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks

from .. import programs

HERE = Path(__file__).resolve().parent
MONITORING = HERE.parents[1] / "docs" / "monitoring"
ALERTS = MONITORING / "alerts.yml"
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
NAME = re.compile(r"\bgeventconnpool_ext_\w+")


@pytest.fixture
def samples(new_pool):
    """The names of every sample that a scrape can show."""
    metrics = CollectorRegistry()
    PoolCollector(new_pool(), registry=metrics)
    PrometheusHooks("p", registry=metrics)
    return {s.name for family in metrics.collect() for s in family.samples}


def test_every_alert_has_its_row_in_the_page_for_operating():
    page = (MONITORING.parent / "operating.md").read_text("utf-8")
    alerts = re.findall(r"- alert: (\w+)", ALERTS.read_text("utf-8"))
    assert re.findall(r"^\| `(Pool\w+)` \|", page, re.M) == alerts


def expressions():
    return [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]


def test_alerts_ask_for_metrics_that_exist(samples):
    named = set(NAME.findall(ALERTS.read_text("utf-8")))
    assert len(named) > 8
    assert named - samples == set()


def test_the_dashboard_shows_every_metric_and_no_other(samples):
    named = {name for text in expressions() for name in NAME.findall(text)}
    assert named - samples == set()
    histogram_parts = ("_created", "_sum", "_count")
    assert {n for n in samples if not n.endswith(histogram_parts)} == named


def test_each_panel_has_a_place_of_its_own_and_says_what_it_shows():
    places = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], sum_of(panel, "x", "w"))
        for y in range(panel["gridPos"]["y"], sum_of(panel, "y", "h"))
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24
    assert all(panel["description"] for panel in DASHBOARD["panels"])
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def sum_of(panel, start, length):
    return panel["gridPos"][start] + panel["gridPos"][length]


def test_the_ends_that_no_alert_counts_are_those_the_program_asked_for():
    uncounted = set(re.findall(r'reason!~"([^"]+)"', ALERTS.read_text("utf-8")))
    reasons = set("".join(uncounted).split("|"))
    pytest.importorskip("lxml")
    from geventconnpool_ext.epp import ExpiryReason

    deliberate = {DiscardReason.requested, DiscardReason.forked}
    assert reasons == {*map(str, ExpiryReason.PLANNED), *map(str, deliberate)}


# -- with Prometheus' own tool ---------------------------------------------------------


def promtool(*arguments):
    command = [programs.need("promtool"), *map(str, arguments)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_promtool_accepts_the_alerts():
    promtool("check", "rules", ALERTS)


def test_each_alert_fires_in_its_trouble_and_in_no_other(tmp_path):
    cases = (HERE / "alerts_test.yml").read_text("utf-8")
    prepared = tmp_path / "alerts_test.yml"
    prepared.write_text(cases.replace("RULES", str(ALERTS)), "utf-8")
    promtool("test", "rules", prepared)


def test_promtool_accepts_the_queries_of_the_dashboard(tmp_path):
    rules = [
        {"record": "panel:query{}".format(number), "expr": concrete(expression)}
        for number, expression in enumerate(expressions())
    ]
    path = tmp_path / "queries.yml"
    # JSON is YAML.
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", path)


def concrete(expression):
    return expression.replace("$__rate_interval", "5m").replace("$", "")
