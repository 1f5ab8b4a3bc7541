"""Prints what checking.py found: a paragraph for each red thing, then a table.

Plain words carry the meaning; colour, where there is a terminal, only repeats it.
"""

from __future__ import annotations

import textwrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .checking import Result
from .entries import CLASSES, STATUSES, Entry

__all__ = ["show"]

_NONE = "no class"


def show(result: Result, console: Console) -> None:
    """Print it, at the console's width (80 where there is no terminal)."""
    for subject, reason, remedy in result.findings:
        _paragraph(console, "red", subject, f"{reason}. To do: {remedy}.")
    red = {finding.subject for finding in result.findings}
    for entry in result.pending:
        if entry.name not in red:
            _paragraph(console, "pending", entry.name, f"{entry.synopsis}.")
    console.print(_table(result, red))
    names = {entry.name for entry in result.ledger}
    other = len(red - names)
    tests = "tests not run"
    if result.tests is not None:
        tests = f"{result.tests} runs of their tests"
    console.print(
        f"{len(names)} entries, {tests}:"
        f" {len(red & names)} entries red, {other} other things red",
        highlight=False,
        style="bold red" if red else "bold green",
    )


def _paragraph(console: Console, word: str, subject: str, text: str) -> None:
    lines = textwrap.wrap(
        f"{word} {subject}: {text}",
        width=max(console.width, 40),
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    whole = Text("\n".join(lines))
    whole.stylize("bold red" if word == "red" else "yellow", 0, len(word))
    console.print(whole, soft_wrap=True)


def _table(result: Result, red: set[str]) -> Table:
    table = Table(title="The ledger, by status and class", title_justify="left")
    table.add_column("status")
    columns = [*CLASSES, _NONE]
    for name in [*columns, "red"]:
        table.add_column(name, justify="right")

    def row(name: str, entries: list[Entry], last: bool = False) -> None:
        counts = [sum((e.klass or _NONE) == c for e in entries) for c in columns]
        counts.append(sum(entry.name in red for entry in entries))
        table.add_row(name, *(str(count or "") for count in counts), end_section=last)

    statuses = [s for s in STATUSES if any(e.status == s for e in result.ledger)]
    for status in statuses:
        members = [entry for entry in result.ledger if entry.status == status]
        row(status, members, last=status == statuses[-1])
    row("all", result.ledger)
    return table
