"""Runs the tests that entries name, once, and holds the outcomes to the classes.

One child pytest over the tree, with recorder.py in it. That a divergence's failure on
upstream counts as a pass, and as nothing else, is the doing of tests/differential.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple, Sequence

from . import recorder
from .entries import Entry
from .findings import Finding

__all__ = ["IMPLEMENTATIONS", "Record", "check", "record"]

IMPLEMENTATIONS = ("upstream", "ours")
_LONGEST = 900


class Record(NamedTuple):
    """What a run told: by node id, and why it told nothing of some."""

    outcomes: dict[str, dict[str, Any]]
    errors: dict[str, str]
    ended: str
    """Empty, or the last words of a pytest that ended without a record."""


def record(root: Path, ledger: Sequence[Entry], *, run: bool = True) -> Record:
    """Run the tests that *ledger* names; without *run* only collect them."""
    wanted = {test for entry in ledger for test in entry.tests}
    files = sorted({test.partition("::")[0] for test in wanted})
    files = [file for file in files if (root / file).is_file()]
    if not files:
        return Record({}, {}, "")
    with tempfile.TemporaryDirectory(prefix="ledger-") as name:
        path = Path(name) / "record.json"
        path.write_text(json.dumps({"wanted": sorted(wanted)}), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--color=no"]
        command += ["-p", recorder.__name__, "-p", "no:cacheprovider"]
        command += ["--continue-on-collection-errors", f"--rootdir={root}"]
        if (root / "pyproject.toml").exists():
            command.append(f"--config-file={root / 'pyproject.toml'}")
        if not run:
            command.append("--collect-only")
        said, status = _call([*command, *files], root, path)
        told = json.loads(path.read_text("utf-8"))
    # 1: tests failed. 5: none is left, which the record tells better.
    ended = "" if "outcomes" in told and status in (0, 1, 5) else said
    return Record(told.get("outcomes", {}), told.get("errors", {}), ended)


def check(ledger: Sequence[Entry], told: Record, *, ran: bool = True) -> list[Finding]:
    """What is wrong with the entries' tests; without *ran*, only which are missing."""
    found = []
    if told.ended:
        remedy = "mend what it says; no outcome is known until then"
        found.append(Finding("pytest", f"it ended early: {told.ended}", remedy))
        if not told.outcomes:
            return found
    by_test: dict[str, list[dict[str, Any]]] = {}
    for node, outcome in told.outcomes.items():
        by_test.setdefault(node.partition("[")[0], []).append(outcome)
    for entry in ledger:
        for test in entry.tests:
            found += _missing(entry, test, told) if test not in by_test else []
            if ran and test in by_test:
                found += _red(entry, test, by_test[test])
    return found


def _missing(entry: Entry, test: str, told: Record) -> list[Finding]:
    file = test.partition("::")[0]
    reason, remedy = f"there is no test {test}", "write it, or mend X-Tests"
    if file in told.errors:
        reason, remedy = f"{file} gave no tests: {told.errors[file]}", "mend the file"
    return [Finding(entry.name, reason, remedy)]


def _red(entry: Entry, test: str, runs: list[dict[str, Any]]) -> list[Finding]:
    found = []
    for run in runs:
        if run["outcome"] != "passed":
            on = f" on {run['implementation']}" if run["implementation"] else ""
            said = f": {run['reason']}" if run["reason"] else ""
            reason = f"{test}{on}: {run['outcome']}{said}"
            found.append(Finding(entry.name, reason, _REMEDIES[run["outcome"]]))
    if entry.klass == "extension":
        return found
    # A run of neither is a test that cannot tell one from the other.
    over = {run["implementation"] for run in runs}
    for name in IMPLEMENTATIONS:
        if name not in over:
            reason = f"{test} does not run over {name}"
            remedy = "use the fixture 'implementation' in it"
            found.append(Finding(entry.name, reason, remedy))
    return found


_REMEDIES = {
    "failed": "mend the package or the test, or say in the ledger what is true now",
    "skipped": "a skip proves nothing: provide what it asks for, and run again",
    "expected to fail": "an expected failure proves nothing: mend it, or name another",
    "not run": "pytest did not come to it: see its own output",
}


def _call(command: list[str], root: Path, path: Path) -> tuple[str, int]:
    environment = {**os.environ, recorder.VARIABLE: str(path)}
    # The tree is checked, and the recorder is taken from here: two trees, in tests.
    here = Path(__file__).resolve().parents[2]
    environment["PYTHONPATH"] = os.pathsep.join([str(root), str(here)])
    environment.pop("PYTEST_ADDOPTS", None)
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
    except subprocess.TimeoutExpired:
        return "no end after 600 s", -1
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return " / ".join(lines[-8:])[-_LONGEST:], done.returncode
