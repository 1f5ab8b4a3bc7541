"""Looks for each divergence in CHANGELOG.md, by the mark ``(ledger 0031)``.

How the changelog is made stands in maintenance/changelog.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Sequence

from .entries import Entry
from .findings import Finding

__all__ = ["CHANGELOG", "check", "mentioned"]

CHANGELOG = "CHANGELOG.md"
# A mark may be broken over two lines, and may name several.
_MARK = re.compile(r"\(ledger\s+(\d{4}(?:,\s*\d{4})*)\)")


def mentioned(text: str) -> list[str]:
    """The numbers that a changelog's marks name: ``(ledger 0031, 0032)``."""
    marks = [mark.split(",") for mark in _MARK.findall(text)]
    return [number.strip() for numbers in marks for number in numbers]


def check(root: Path, ledger: Sequence[Entry]) -> list[Finding]:
    """The divergences that are not mentioned, and marks that name no entry."""
    try:
        numbers = set(mentioned((root / CHANGELOG).read_text("utf-8")))
    except FileNotFoundError:
        return [Finding(CHANGELOG, "it is missing", "run 'nox -s changelog'")]
    found = [
        Finding(
            entry.name,
            f"{CHANGELOG} does not mention it",
            f"write '(ledger {entry.number})' into its fragment in changes/,"
            " and run 'nox -s changelog'",
        )
        for entry in ledger
        if entry.klass == "divergence"
        and entry.status != "pending"
        and entry.number not in numbers
    ]
    for number in sorted(numbers - {entry.number for entry in ledger}):
        reason = f"it mentions ledger {number}, and no entry has that number"
        found.append(Finding(CHANGELOG, reason, "mend the mark in its fragment"))
    return found
