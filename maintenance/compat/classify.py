"""What became of a cell that ran: its outcome, the reason, the last lines that matter.

Judged from the report that the suite writes inside of the cell; without one, from what
tox said. What fits nothing is an error, never a guess.
"""

from __future__ import annotations

import json
import re
import signal
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping

from maintenance.compat.errors import UnclassifiedError
from maintenance.compat.outcomes import (
    BUILD_FAILURE,
    CRASH,
    EXECUTED,
    FAIL,
    IMPORT_FAILURE,
    PASS,
    TIMEOUT,
)

__all__ = ["Run", "Verdict", "classify", "clean"]

_LINES = 40
_WIDTH = 300
# A step that installs or builds, as tox ends it: "exit 1 (0.50 seconds) DIR> COMMAND".
_NOT_INSTALLED = re.compile(
    r"exit [1-9]\d* \([\d.]+ seconds\).*(?:uv\S* (?:pip install|build)|pip\S* install)"
)
# What toxfile.py says when the recipe for a release without a wheel fails.
_NOT_BUILT = re.compile(r"gevent \S+ cannot be built: .*")
_DIED = re.compile(r"exit -(\d+) \([\d.]+ seconds\)")
_NOT_IMPORTED = re.compile(r"^(?:ImportError|ModuleNotFoundError): .*", re.MULTILINE)
# What makes a path of this machine, or an address, into one of everywhere.
_ELSEWHERE = (
    (re.compile(r"\w+://[^\s'\")\]>]+"), "<url>"),
    (re.compile(r"(?<![\w.<])/(?:[^\s:'\"()\[\]]+/)?site-packages/"), "site-packages/"),
    (re.compile(r"(?<![\w.<])(?:~?/)(?:[^\s:'\"()\[\]/]+/)+(?=[^\s])"), ".../"),
)


@dataclass(frozen=True)
class Run:
    """What there is to judge by when tox has ended, or was ended."""

    name: str
    status: int | None
    """tox's exit status; None where it had to be killed."""
    output: str
    report: str | None
    """What the suite wrote, if it came so far."""
    limit: float


@dataclass(frozen=True)
class Verdict:
    """What became of a cell."""

    outcome: str
    reason: str = ""
    tail: list[str] = field(default_factory=list)
    tests: int = 0
    loops: list[str] = field(default_factory=list)
    greenlet: str | None = None
    python_version: str | None = None


def classify(run: Run) -> Verdict:
    """Judge *run*; raise UnclassifiedError if none of the known outcomes fits."""
    report = _read(run)
    if run.status is None:
        return Verdict(
            TIMEOUT,
            f"it did not end within {run.limit:g} s",
            _tail((report or {}).get("tail") or run.output.splitlines()),
        )
    if report is None:
        return _without_report(run)
    verdict = _from_report(run, report)
    if (verdict.outcome == PASS) != (run.status == 0):
        raise UnclassifiedError(
            f"{run.name}: its report says {verdict.outcome}, but tox ended with status"
            f" {run.status}:\n" + "\n".join(_tail(run.output.splitlines()))
        )
    return verdict


def _read(run: Run) -> dict[str, Any] | None:
    if run.report is None:
        return None
    try:
        report = json.loads(run.report)
    except ValueError as error:
        raise UnclassifiedError(
            f"{run.name}: its report is not JSON: {error}"
        ) from None
    if not isinstance(report, dict):
        raise UnclassifiedError(f"{run.name}: its report is not a table")
    return report


def _from_report(run: Run, report: Mapping[str, Any]) -> Verdict:
    loops = report.get("loops") or []
    outcomes = [loop.get("outcome") for loop in loops]
    if report.get("outcome"):
        outcomes.append(report["outcome"])
    elif not loops:
        # The suite was not reached.
        outcomes.append(
            {
                "import": IMPORT_FAILURE,
                "build": BUILD_FAILURE,
                "install": BUILD_FAILURE,
            }.get(str(report.get("stage")))
        )
    strange = [outcome for outcome in outcomes if outcome not in EXECUTED]
    if strange:
        raise UnclassifiedError(
            f"{run.name}: its report has the outcome {strange[0]!r}, none of"
            f" {', '.join(EXECUTED)}"
        )
    outcome = min(outcomes, key=EXECUTED.index)
    tests = sum(int(loop.get("passed", 0)) for loop in loops)
    if outcome == PASS and not tests:
        raise UnclassifiedError(f"{run.name}: it passes without a single test")
    bad = [loop for loop in loops if loop["outcome"] == outcome]
    lines: list[str] = [] if outcome == PASS else list(report.get("tail") or [])
    if outcome != PASS and bad and bad[0].get("tail"):
        lines = bad[0]["tail"]
    return Verdict(
        outcome,
        "" if outcome == PASS else _reason(outcome, bad, lines),
        _tail(lines),
        tests,
        [str(loop["loop"]) for loop in loops],
        report.get("greenlet"),
        report.get("python_version"),
    )


def _reason(outcome: str, loops: list[Any], lines: list[str]) -> str:
    where = " and ".join(str(loop["loop"]) for loop in loops)
    where = f" in {where}" if where else ""
    said = [line.strip() for line in lines if line.strip()]
    last = said[-1] if said else "it said nothing"
    if outcome == FAIL:
        failed = sum(int(loop.get("failed", 0)) for loop in loops)
        if failed:
            return f"{failed} test{'s' if failed > 1 else ''} failed{where}"
        return clean(f"the suite could not run{where}: {last}")
    if outcome == CRASH:
        return _signal(" ".join(said)) + where
    if outcome == TIMEOUT:
        return f"the suite did not end in time{where}"
    return clean(last)


def _without_report(run: Run) -> Verdict:
    output = run.output
    lines = _tail(output.splitlines())
    not_built = _NOT_BUILT.search(output)
    if not_built:
        return Verdict(BUILD_FAILURE, clean(not_built[0]), lines)
    if _NOT_INSTALLED.search(output):
        return Verdict(BUILD_FAILURE, "the environment could not be installed", lines)
    died = _DIED.search(output)
    if died:
        return Verdict(CRASH, _signal(f"signal {died[1]}"), lines)
    not_imported = _NOT_IMPORTED.search(output)
    if not_imported:
        return Verdict(IMPORT_FAILURE, clean(not_imported[0]), lines)
    raise UnclassifiedError(
        f"{run.name}: no report, and tox ended with status {run.status}:\n"
        + "\n".join(lines)
    )


def _signal(said: str) -> str:
    found = re.search(r"signal (\d+)", said)
    if not found:
        return "the interpreter died of a signal"
    try:
        name = signal.Signals(int(found[1])).name
    except ValueError:
        name = f"signal {found[1]}"
    return f"the interpreter died of {name}"


def _tail(lines: Iterable[str]) -> list[str]:
    """The last lines, as they would read on any machine."""
    return [clean(str(line).rstrip()) for line in lines][-_LINES:]


def clean(line: str) -> str:
    """Take paths of this machine and addresses out of a line."""
    for pattern, instead in _ELSEWHERE:
        line = pattern.sub(instead, line)
    return line[:_WIDTH]
