"""docs/operating.md explains each metric there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geventconnpool_ext import PoolStats

pytest.importorskip("prometheus_client")
pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry

from geventconnpool_ext.contrib.opentelemetry import (
    OpenTelemetryHooks,
    PoolInstruments,
)
from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
SHORT = {"db.": "db.client.connection.", "ext.": "geventconnpool_ext."}


def rows():
    """The cells of each row of the table of numbers."""
    section = PAGE.read_text("utf-8").partition("## Numbers")[2]
    # The first table; that of the alerts follows.
    lines = re.search(r"(?:^\|.*\n)+", section, re.M).group().splitlines()
    found = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    assert len(found) > 10
    return found


def first_name(cell):
    return re.findall("`([^`]+)`", cell)[0]


def written_out(name):
    for short, long in SHORT.items():
        if name.startswith(short):
            return long + name[len(short) :]
    return name


def test_every_number_of_the_stats_is_explained():
    named = [name for row in rows() for name in re.findall("`([^`]+)`", row[0])]
    assert sorted(named) == sorted(PoolStats._fields)


def test_every_prometheus_metric_is_explained(new_pool):
    metrics = CollectorRegistry()
    PoolCollector(new_pool(), registry=metrics)
    PrometheusHooks("p", registry=metrics)
    shown = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in metrics.collect()
    }
    assert {"geventconnpool_ext_" + first_name(row[1]) for row in rows()} == shown


def test_every_opentelemetry_instrument_is_explained(new_pool):
    reader = InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    hooks = OpenTelemetryHooks("p", meter_provider=provider)
    pool = new_pool(name="p", hooks=hooks)
    PoolInstruments(pool, meter_provider=provider)
    pool.release(pool.acquire(), discard=True)
    (resource,) = reader.get_metrics_data().resource_metrics
    (scope,) = resource.scope_metrics
    shown = {metric.name for metric in scope.metrics}
    provider.shutdown()
    assert {written_out(first_name(row[2])) for row in rows()} == shown


def test_every_row_says_what_it_means_when_to_act_and_what_to_do():
    for row in rows():
        assert len(row) == 6, row
        assert all(row[1:]), row
