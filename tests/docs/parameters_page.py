"""Reads docs/parameters.md: its sections, their tables, and what each is about."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "parameters.md").read_text("utf-8")

# A section with a table for a class or a function, and the module that has it.
MODULES = {
    "ConnectionPool": "geventconnpool_ext",
    "Backoff": "geventconnpool_ext",
    "retry": "geventconnpool_ext",
    "create_pool": "geventconnpool_ext",
    "EPPPool": "geventconnpool_ext.epp",
    "SessionPolicy": "geventconnpool_ext.epp",
    "Login": "geventconnpool_ext.epp",
    "change_password": "geventconnpool_ext.epp",
    "Client": "geventconnpool_ext.epp",
    "ssl_context": "geventconnpool_ext.epp.tls",
    "PoolCollector": "geventconnpool_ext.contrib.prometheus",
    "PrometheusHooks": "geventconnpool_ext.contrib.prometheus",
    "PoolInstruments": "geventconnpool_ext.contrib.opentelemetry",
    "OpenTelemetryHooks": "geventconnpool_ext.contrib.opentelemetry",
    "CommandSpans": "geventconnpool_ext.contrib.opentelemetry",
    "CombinedHooks": "geventconnpool_ext.contrib.combined",
}
NEEDED = {
    "geventconnpool_ext.contrib.prometheus": "prometheus_client",
    "geventconnpool_ext.contrib.opentelemetry": "opentelemetry",
}


def about(title):
    """The class or function that a section is about; skips where it needs more."""
    module = MODULES[title]
    if module in NEEDED:
        pytest.importorskip(NEEDED[module])
    return getattr(importlib.import_module(module), title)


def section(title):
    return re.search(
        r"^## {}\n(.*?)(?=^## |\Z)".format(title), TEXT, re.M | re.S
    ).group(1)


def rows(title):
    """The rows of a section's table: parameter to (default, limits, advice)."""
    found = {}
    for line in re.findall(r"^\| `.*$", section(title), re.M):
        name, unit, default, limits, advice = (
            cell.strip() for cell in line.strip("|").split("|")
        )
        assert name not in found
        found[name.strip("`")] = default, limits, advice, unit
    assert found, title
    return found
