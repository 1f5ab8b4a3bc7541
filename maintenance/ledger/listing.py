"""Reads all that lies in patches/, and finds where series and files disagree.

Unlike entries.load it goes on after a file that can't be read: each is a finding.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from . import dep3, entries
from .entries import Entry
from .findings import Finding

__all__ = ["listing"]

_NAME = re.compile(r"\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.dep3$")


def listing(directory: Path) -> tuple[list[Entry], list[Finding]]:
    """The entries that could be read, in the order of series, and what is wrong.

    Files that series does not list are read too, after those that it lists.
    """
    where = f"{directory.name}/{entries.SERIES}"
    found: list[Finding] = []
    try:
        listed = entries.series(directory)
    except FileNotFoundError:
        remedy = "write one file name a line into it, in order"
        return [], [Finding(where, "it is missing", remedy)]
    files = sorted(path.name for path in directory.glob("*" + entries.SUFFIX))
    for name, times in Counter(listed).items():
        if times > 1:
            found.append(Finding(where, f"it lists {name} {times} times", "keep one"))
    listed = list(dict.fromkeys(listed))
    for name in listed:
        if name not in files:
            remedy = f"write the file, or take the line out of {where}"
            found.append(Finding(_stem(name), "series lists it; no such file", remedy))
    for name in files:
        if name not in listed:
            remedy = f"add the line {name} to {where}, or delete the file"
            found.append(Finding(_stem(name), "series does not list it", remedy))
    found += _numbers([*listed, *(name for name in files if name not in listed)])
    read = []
    for name in [*listed, *files]:
        if name in files:
            files.remove(name)
            try:
                read.append(entries.read(directory / name))
            except dep3.Dep3Error as error:
                found.append(Finding(_stem(name), str(error), "mend that line"))
    return read, found


def _numbers(names: list[str]) -> list[Finding]:
    found = []
    last = ""
    for name in names:
        if _NAME.match(name) is None:
            remedy = "call it NNNN-slug.dep3, the slug of a-z, 0-9 and hyphens"
            found.append(Finding(_stem(name), "not a name of an entry", remedy))
        elif name[:4] <= last:
            reason = f"number {name[:4]} after {last}: numbers grow, and none is twice"
            found.append(Finding(_stem(name), reason, "give it another number"))
        else:
            last = name[:4]
    return found


def _stem(name: str) -> str:
    return name[: -len(entries.SUFFIX)] if name.endswith(entries.SUFFIX) else name
