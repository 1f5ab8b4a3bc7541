"""A pytest plugin: runs only the tests the ledger names, and records what they do.

It is loaded into the child that outcomes.py starts, and writes one JSON object. What
an outcome means for an entry is decided there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

__all__ = ["VARIABLE"]

VARIABLE = "GEVENTCONNPOOL_EXT_LEDGER_RECORD"
"""Names a JSON file: ``{"wanted": [node ids]}`` before, ``{"outcomes": ...}`` after."""


class Recorder:
    """What became of each test, and of each file that could not be collected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wanted = set(json.loads(path.read_text("utf-8"))["wanted"])
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect what no entry names, after other plugins have seen all."""
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            base = item.nodeid.partition("[")[0]
            (kept if base in self.wanted else dropped).append(item)
        for item in kept:
            callspec = getattr(item, "callspec", None)
            which = callspec.params.get("implementation") if callspec else None
            self.outcomes[item.nodeid] = {
                "implementation": which if isinstance(which, str) else None,
                "outcome": "not run",
                "reason": "",
            }
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that can't be imported, or was skipped as a whole."""
        if report.failed or report.skipped:
            self.errors[report.nodeid] = _reason(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a phase's outcome; the worst of setup, call and teardown stays."""
        seen = self.outcomes.get(report.nodeid)
        if seen is None or seen["outcome"] not in ("not run", "passed"):
            return
        outcome: str = report.outcome if report.when == "call" else ""
        if report.failed or report.skipped:
            outcome = "failed" if report.failed else "skipped"
            # An expected failure is no proof of anything.
            outcome = "expected to fail" if hasattr(report, "wasxfail") else outcome
            seen["reason"] = _reason(report)
        seen["outcome"] = outcome or seen["outcome"]

    def pytest_sessionfinish(self) -> None:
        """Write all of it."""
        record = {"outcomes": self.outcomes, "errors": self.errors}
        self.path.write_text(json.dumps(record), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, if the file to record into is named."""
    path = os.environ.get(VARIABLE)
    if path:
        config.pluginmanager.register(Recorder(Path(path)), "ledger-recorder")


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        # A skip: file, line, reason.
        return str(report.longrepr[2])
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr or "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not crash:
        # A traceback ends with what went wrong.
        lines = [line[2:] for line in lines if line.startswith("E ")][-1:] or lines[-1:]
    return lines[0].strip() if lines else ""
