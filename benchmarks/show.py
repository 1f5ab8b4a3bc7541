"""Shows what was measured: printed, drawn, and put onto the page."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any, Mapping, Optional, Protocol

from benchmarks import page, plots
from benchmarks.results import Results
from benchmarks.scenarios.scenario import Report

__all__ = ["is_there", "show", "tell"]


class Shown(Protocol):
    """What is shown of a scenario, the pool's or EPP's."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def measures(self) -> str: ...
    def report(self, results: Results) -> Report: ...


def show(
    scenario: Shown,
    results: Results,
    about: Mapping[str, Any],
    command: str,
    missing: Mapping[str, str],
    output: Path,
    docs: Optional[Path],
) -> None:
    """Print the section of *scenario* and write it into the page in *docs*, if any.

    *command* and *missing* are what ``page.section`` takes; the plot goes to *output*
    as well.
    """
    report = scenario.report(results)
    picture = None
    if report.plot is not None and results.samples and is_there("matplotlib"):
        picture = page.picture_name(scenario.name)
        drawing = plots.svg(report.plot)
        for directory in (output, docs):
            if directory is not None:
                (directory / picture).write_text(drawing, encoding="utf-8")
    lines = page.section(report, scenario.measures, command, about, missing, picture)
    print("\n".join([f"## {scenario.title}", "", *lines]), flush=True)
    if docs is not None:
        path = docs / "performance.md"
        text = page.replaced(path.read_text("utf-8"), scenario.name, lines)
        path.write_text(text, encoding="utf-8")


def is_there(package: str) -> bool:
    """Whether *package* is installed; says so if it is not."""
    if importlib.util.find_spec(package) is not None:
        return True
    tell(f"{package} is not installed: what it would make is left out")
    return False


def tell(line: str) -> None:
    """What is no part of the section, for whoever waits."""
    print(line, file=sys.stderr, flush=True)
