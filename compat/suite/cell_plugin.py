"""What pytest does in a cell: the tests that the plan names, within a bound, counted.

Loaded by pytest.ini. It leaves out what the plan deselects, checks that gevent runs
the loop that is meant, ends a run that hangs with every thread's traceback, and
writes what came of each test to the file that run_suite.py names.

Source for Python 3.6.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys

import gevent
import pytest


def pytest_configure(config):
    """Set the watchdog, and prepare to count."""
    counts = Counts()
    config.pluginmanager.register(counts, "cell-counts")
    plan = read_plan()
    # The real stderr: pytest's capture would swallow the tracebacks.
    faulthandler.dump_traceback_later(plan["seconds"], exit=True, file=os.dup(2))


def read_plan():
    """Return the plan of this cell."""
    with open(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "cell.json")
    ) as f:
        return json.load(f)


def loop_name():
    """Return the name of the loop that gevent runs: 'libev-cext', 'libuv-cffi'."""
    loop = type(gevent.get_hub().loop)
    where = loop.__module__
    if "libuv" in where:
        return "libuv-cffi"
    return "libev-cffi" if "corecffi" in where else "libev-cext"


def pytest_sessionstart(session):
    """Fail where another loop runs than the one that is meant."""
    meant = os.environ["GEVENTCONNPOOL_EXT_CELL_LOOP"]
    if loop_name() != meant:
        raise pytest.UsageError(
            "gevent runs the loop {}, not {}".format(loop_name(), meant)
        )


def pytest_collection_modifyitems(config, items):
    """Leave out what the plan deselects; what it names must exist."""
    files = {item.nodeid.partition("::")[0] for item in items}
    left_out = []
    for entry in read_plan()["deselected"]:
        name = entry["test"]
        found = [
            item
            for item in items
            if item.nodeid == name or item.nodeid.startswith((name + "::", name + "["))
        ]
        if not found and name.partition("::")[0] in files:
            raise pytest.UsageError(
                "suite.toml deselects {!r}, which is no test".format(name)
            )
        if entry["applies"]:
            left_out += found
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


class Counts:
    """Counts outcomes, and writes them in the end."""

    def __init__(self):
        self.outcomes = {"passed": set(), "failed": set(), "skipped": set()}

    def pytest_runtest_logreport(self, report):
        """Note one phase of one test."""
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome].add(report.nodeid)

    def pytest_collectreport(self, report):
        """A file that cannot be collected failed."""
        if report.failed:
            self.outcomes["failed"].add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        """Write the counts."""
        failed = self.outcomes["failed"]
        numbers = {
            "passed": len(self.outcomes["passed"] - failed),
            "failed": len(failed),
            "skipped": len(self.outcomes["skipped"]),
        }
        with open(os.environ["GEVENTCONNPOOL_EXT_CELL_COUNTS"], "w") as file:
            json.dump(numbers, file)
        sys.stdout.flush()
