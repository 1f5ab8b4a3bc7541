"""Risk: a panel of the dashboard stays empty, or shows a trouble as if all were well.

A real Prometheus scrapes pools in trouble; each query of the dashboard is put to it as
Grafana would, with its variables filled in. It takes about 15 s.
"""

from __future__ import annotations

import re
import time

import gevent
import pytest

pytest.importorskip("prometheus_client")
pytest.importorskip("lxml")
pytest.importorskip("trustme")

from geventconnpool_ext.testing import Registry, Server

from .prometheus_server import INTERVAL, JOB, prometheus
from .scrape import endpoint
from .test_monitoring import DASHBOARD
from .troubled_pools import NAMES, TroubledPools

PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
QUERIES = [
    pytest.param(panel, target, id="{}-{}".format(panel["title"], target["refId"]))
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
]
BY_STATE = "Connections of $pool, by state"
LOAD = 10.0
"""Seconds."""


def filled(text, pool=".*"):
    """*text* as Grafana puts it: four scrapes are its least rate interval."""
    interval = "{:.0f}ms".format(4000 * INTERVAL)
    return (
        text.replace("$__rate_interval", interval)
        .replace("$job", ".*")
        .replace("$pool", pool)
    )


class Shown:
    """What the dashboard shows of the time between *begin* and *end*."""

    def __init__(self, server, begin, end):
        self.server, self._begin, self._end = server, begin, end

    def series(self, target, pool=".*"):
        return self.server.series(filled(target["expr"], pool), self._begin, self._end)

    def highest(self, title, legend, pool=".*"):
        """The highest value of the line with this legend, in this panel."""
        lines = {
            written(target["legendFormat"], labels): values
            for target in PANELS[title]["targets"]
            for labels, values in self.series(target, pool)
        }
        assert legend in lines, sorted(lines)
        return max(value for _, value in lines[legend] if value == value)


def written(legend, labels):
    return re.sub(r"{{(\w+)}}", lambda found: labels.get(found.group(1), ""), legend)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The dashboard, after some seconds of trouble."""
    directory = tmp_path_factory.mktemp("prometheus")
    with Server(Registry({"client": "password"})) as registry:
        pools = TroubledPools(registry)
        try:
            with endpoint(pools.metrics) as port, prometheus(directory, port) as server:
                begin = time.time()
                gevent.sleep(LOAD)
                # The first rate needs its interval of samples.
                yield Shown(server, begin + 4 * INTERVAL, begin + LOAD)
        finally:
            pools.close()


@pytest.mark.parametrize(("panel", "target"), QUERIES)
def test_each_query_has_series_with_every_label_of_its_legend(shown, panel, target):
    series = shown.series(target)
    assert series
    wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    for labels, _ in series:
        assert set(labels) >= wanted
        assert labels["pool"] in NAMES
    # A panel that is repeated for each pool shows the lines of one.
    for pool in NAMES if panel.get("repeat") == "pool" else [".*"]:
        legends = [
            written(target["legendFormat"], labels)
            for labels, _ in shown.series(target, pool)
        ]
        assert len(legends) == len(set(legends)), "two lines cannot be told apart"


@pytest.mark.parametrize(("panel", "target"), QUERIES)
def test_each_query_obeys_the_choice_of_a_pool(shown, panel, target):
    assert {labels["pool"] for labels, _ in shown.series(target, "expiring")} <= {
        "expiring"
    }
    assert shown.series(target, "none") == []


def test_the_choices_at_the_top_are_the_jobs_and_pools_there_are(shown):
    choices = {
        variable["name"]: re.fullmatch(
            r"label_values\((.+), (\w+)\)", variable["query"]["query"]
        ).groups()
        for variable in DASHBOARD["templating"]["list"]
        if variable["type"] == "query"
    }
    found = {
        name: shown.server.get(
            "label/{}/values".format(label), **{"match[]": filled(selector)}
        )
        for name, (selector, label) in choices.items()
    }
    assert found == {"job": [JOB], "pool": sorted(NAMES)}


def test_a_saturated_pool_is_seen(shown):
    assert shown.highest(BY_STATE, "in_use", "saturated") == 2
    assert shown.highest(BY_STATE, "at most", "saturated") == 2
    assert shown.highest("Callers waiting", "saturated") >= 2
    assert shown.highest("Callers turned away per second", "saturated timeout") > 0.5
    assert shown.highest("Callers turned away per second", "saturated full") > 0.5
    held = "Time a connection is held"
    assert 0.05 <= shown.highest(held, "saturated median") <= 0.25
    waited = "Time until a caller has a connection"
    assert shown.highest(waited, "saturated mean") > 0.01
    assert shown.highest(waited, "saturated 95 %") > 0.05


def test_sessions_that_expire_are_seen_with_their_reason(shown):
    assert shown.highest("Connections that ended, by reason", "expiring max_commands")
    assert shown.highest("Connects and logins", "expiring") > 60
    assert shown.highest("Connects and logins", "expiring failed") == 0
    assert shown.highest("Gets per second", "expiring") > 1


def test_logins_that_fail_are_seen(shown):
    assert shown.highest("Connects and logins", "wrong password failed") > 60
    assert shown.highest("Connects and logins", "wrong password") == 0
    assert shown.highest(BY_STATE, "idle", "wrong password") == 0
    assert shown.highest(BY_STATE, "at least", "wrong password") == 2


def test_broken_connections_are_seen_in_the_pings(shown):
    assert shown.highest("Pings", "cut off") > 60
    assert shown.highest("Pings", "cut off failed") > 60
    assert shown.highest("Connections that ended, by reason", "cut off ping") > 60


def test_the_colours_of_states_are_given_to_lines_that_there_are(shown):
    panel = PANELS[BY_STATE]
    legends = {
        written(target["legendFormat"], labels)
        for target in panel["targets"]
        for labels, _ in shown.series(target)
    }
    coloured = {
        override["matcher"]["options"]
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["id"] == "byName"
    }
    assert coloured == legends
