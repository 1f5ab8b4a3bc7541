"""Words for what a trial found: short for the terminal, with hunks for the cache."""

from __future__ import annotations

import textwrap
from collections import Counter

from .change import Change
from .trial import FileResult, HunkResult

__all__ = ["full", "summary"]


def summary(change: Change, results: list[FileResult]) -> list[str]:
    """The lines for the terminal: every file, every hunk, and where to look."""
    lines = [f"{change.name}: {change.title or '(without a subject)'}"]
    lines += [f"  {text}" for text in (change.author, change.date) if text]
    lines += [f"  note: {note}" for note in change.notes]
    for result in results:
        lines += ["", *_file(result)]
        for hunk in result.hunks:
            lines += _hunk(hunk)
    counts = Counter(hunk.verdict for result in results for hunk in result.hunks)
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    return [*lines, "", f"hunks: {told or 'none'}"]


def full(change: Change, results: list[FileResult]) -> str:
    """The text for the cache: as the summary, with upstream's lines of each hunk."""
    lines = [
        "Upstream's text: for reading, not for copying. It belongs into no commit.",
        "",
        *summary(change, []),
    ]
    for result in results:
        lines += ["", *_file(result)]
        for hunk in result.hunks:
            lines += [*_hunk(hunk), ""]
            lines += ["      " + line for line in hunk.hunk.lines]
    return "\n".join(lines) + "\n"


def _file(result: FileResult) -> list[str]:
    change = result.change
    here = ", ".join(result.targets) or "no file here"
    what = f" ({change.what})" if change.what else ""
    indent = " " * 4
    lines = textwrap.wrap(
        f"{change.path}{what} -> {here}", 80, subsequent_indent=indent
    )
    if change.binary:
        lines.append("  binary: not looked into; compare by hand if it matters here")
    elif change.new is None and result.targets:
        lines.append("  upstream deletes it: decide whether ours goes, too")
    elif change.old is None:
        lines.append("  new: decide whether, and where, it is wanted here")
    elif change.renamed and not result.hunks:
        lines.append("  only renamed: nothing to do, unless our file should follow")
    elif not result.hunks:
        lines.append("  no line changed")
    return lines


def _hunk(result: HunkResult) -> list[str]:
    hunk = result.hunk
    last = hunk.old_start + max(hunk.old_count - 1, 0)
    where = f" at {result.where}" if result.where else ""
    lines = [f"  lines {hunk.old_start}-{last}: {result.verdict}{where}"]
    if result.candidates:
        lines.append("    look at " + result.candidates[0])
        lines += ["            " + place for place in result.candidates[1:]]
    return lines
