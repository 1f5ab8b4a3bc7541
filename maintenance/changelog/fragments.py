"""What a fragment in changes/ must look like; nothing about what becomes of it.

towncrier passes over a file whose name it does not understand. Here it is an error,
or a change would be missing in the changelog without a word.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Sequence

__all__ = ["listed", "problems"]

# What towncrier passes over, too.
_OTHERS = ("README.md", ".gitignore")
_NAME = re.compile(
    r"(?:\d+|\+[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<type>[a-z]+)(?:\.\d+)?\.md$"
)
_MARK = re.compile(r"\(ledger\b[^)]*\)?")
_GOOD_MARK = re.compile(r"\(ledger\s\d{4}(?:,\s\d{4})*\)$")


def listed(directory: Path) -> list[Path]:
    """The files in *directory* that have to be fragments, sorted by name."""
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.iterdir() if path.name not in _OTHERS)


def problems(directory: Path, types: Sequence[str]) -> list[str]:
    """What is wrong with which fragment, and what would be right."""
    found = []
    for path in listed(directory):
        where = f"{directory.name}/{path.name}"
        found += [f"{where}: {said}" for said in _problems(path, types)]
    return found


def _problems(path: Path, types: Sequence[str]) -> list[str]:
    match = _NAME.match(path.name)
    right = f"NUMBER.TYPE.md or +slug.TYPE.md, TYPE one of {', '.join(types)}"
    if match is None or not path.is_file():
        return [f"not a fragment's name; call it {right}"]
    if match["type"] not in types:
        return [f"{match['type']!r} is no type of change; call it {right}"]
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return ["not UTF-8; write it in UTF-8"]
    if not text.strip():
        return ["empty; say what changed for users"]
    said = []
    if re.match(r"\s*[-*#]\s", text):
        said.append("it begins like a list or a heading; write plain sentences")
    if any(line.startswith("## ") for line in text.splitlines()):
        said.append("a heading in it would cut the changelog; write plain sentences")
    for mark in _MARK.findall(text):
        if _GOOD_MARK.match(mark) is None:
            said.append(
                f"{mark!r} is no mark; write (ledger 0031) or (ledger 0031, 0032)"
            )
    return said
