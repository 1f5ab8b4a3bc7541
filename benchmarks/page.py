"""docs/performance.md: what was measured, put between the marks of each scenario.

The prose around the marks is written by hand and left alone.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence

from benchmarks.scenarios.scenario import Report
from benchmarks.table import claims_table, render

__all__ = ["PageError", "picture_name", "replaced", "section"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


class PageError(Exception):
    """The page has not the marks that it should."""


def replaced(text: str, name: str, lines: Sequence[str]) -> str:
    """*text*, with *lines* between the marks of *name*.

    Raises PageError if the marks are not there, in turn.
    """
    begin, end = (f"<!-- benchmark {name}: {word} -->\n" for word in ("begin", "end"))
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise PageError(f"the page needs the lines {begin}and {end}in turn")
    body = "\n".join(lines).strip("\n")
    return f"{before}{begin}\n{body}\n\n{end}{after}"


def section(
    report: Report,
    measures: str,
    command: str,
    about: Mapping[str, Any],
    missing: Mapping[str, str],
    picture: Optional[str] = None,
) -> List[str]:
    """The lines of one scenario: its command, tables, claims and picture.

    *about* says what it was measured with: ``versions``, a mapping, ``effort``,
    ``date``; *missing* which peers could not be, by their label, and why.
    """
    lines = [*_wrapped(measures), "", f"    {command}", "", *_wrapped(_with(about)), ""]
    for table in report.tables:
        lines += [*render(table), ""]
    if report.claims:
        lines += [*render(claims_table(report.claims)), ""]
    for remark in report.remarks:
        lines += [*_wrapped(remark), ""]
    for peer, why in missing.items():
        lines += [*_wrapped(f"Not measured: {peer}, {why}."), ""]
    if picture is not None and report.plot is not None:
        lines += [f"![{report.plot.title}]({picture})", ""]
    return lines


def picture_name(scenario: str) -> str:
    """The file of a scenario's plot, next to the page."""
    return f"performance-{scenario}.svg"


def _with(about: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{n} {v}" for n, v in about["versions"].items())
    return f"{about['date']}: {versions}. {about['effort']}"


def _wrapped(text: str) -> List[str]:
    return textwrap.wrap(text, 85, break_long_words=False, break_on_hyphens=False)
