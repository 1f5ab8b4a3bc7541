"""The report that a watching workflow puts into a pull request or an issue.

Markdown, rendered from the records of one run. Its reader has not seen the run.
"""

from __future__ import annotations

from typing import Iterable, Mapping

from maintenance.compat.execution import Ended
from maintenance.compat.records import Record

__all__ = ["report", "title"]


def title(ended: Ended, news: Iterable[str] = ()) -> str:
    """One line: which gevent, and whether all is well."""
    gevents = list(dict.fromkeys(r["gevent"] for r in ended.records.values()))
    if not gevents and not ended.unclassified:
        return "; ".join(f"gevent {line}" for line in news) or "nothing has run"
    if not gevents:
        return "a cell of the matrix could not be classified"
    names = ", ".join(gevents[:3]) + (" and others" if len(gevents) > 3 else "")
    good = not ended.surprises and not ended.unclassified
    return f"gevent {names}: {'as expected' if good else 'not as expected'}"


def report(ended: Ended, news: Iterable[str], counts: Mapping[str, int]) -> str:
    """The whole report: title, news of the index, a table, and why cells failed."""
    news = list(news)
    parts = [f"# {title(ended, news)}", ""]
    parts += [f"- gevent {line}" for line in news]
    if ended.records:
        said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        parts += ["", f"{said}.", "", *_table(ended)]
    for name, record in ended.records.items():
        if name in ended.surprises or record["tail"]:
            parts += ["", *_details(name, record, ended.surprises.get(name))]
    for error in ended.unclassified:
        parts += ["", "## unclassified: an error of the matrix", "", *_fenced(error)]
    return "\n".join(parts) + "\n"


def _table(ended: Ended) -> list[str]:
    rows = ["| cell | Python | greenlet | tests | outcome | |", "|" + "---|" * 6]
    for name, record in ended.records.items():
        cells = [
            f"`{name}`",
            record["python_version"] or record["python"],
            record["greenlet"] or "",
            str(record["tests"]),
            record["outcome"],
            ended.surprises.get(name) or record["reason"],
        ]
        rows.append(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        )
    return rows


def _details(name: str, record: Record, wrong: str | None) -> list[str]:
    lines = [f"## {name}: {wrong or record['outcome']}", ""]
    if record["reason"]:
        lines += [f"{record['reason'][:1].upper()}{record['reason'][1:]}.", ""]
    if record["gevent"] != "master":
        lines += [f"Again, on your machine: `tox run -e {name}`", ""]
    return lines + (_fenced("\n".join(record["tail"])) if record["tail"] else [])


def _fenced(text: str) -> list[str]:
    # Longer than any fence within: what a test prints must not end it.
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence + "text", text, fence]
