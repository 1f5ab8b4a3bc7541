"""Puts the checks together: all that can be wrong with the ledger of one tree."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Sequence

from . import differences, lock, mentions, origins, outcomes, rules, symbols
from .entries import Entry
from .findings import Finding
from .listing import listing

__all__ = ["LEDGER", "Result", "check"]

LEDGER = "patches"


class Result(NamedTuple):
    """What was looked at, and what is wrong."""

    ledger: list[Entry]
    findings: list[Finding]
    """In the ledger's order; what belongs to no entry comes last."""
    pending: list[Entry]
    """Entries that wait for a decision, whether they are red or not."""
    tests: int
    """How many named tests had an outcome, each implementation counted."""


def check(
    root: Path,
    *,
    run: bool = True,
    allow_pending: bool = False,
    defects: Sequence[str] = origins.DEFECTS,
) -> Result:
    """Check the ledger of the tree *root*.

    Without *run* the tests are looked for and not run. *allow_pending* lets entries
    that wait for a decision be.
    """
    directory = root / LEDGER
    ledger, found = listing(directory)
    whole = not found
    for entry in ledger:
        found += rules.check(entry)
    found += rules.one_class_each(ledger)
    try:
        locked = lock.load(directory)
    except lock.LockError as error:
        found.append(Finding(f"{LEDGER}/{lock.NAME}", str(error), "make it anew"))
    else:
        found += origins.check(ledger, locked, defects)
        found += origins.check_shim(root, locked)
    pending = [entry for entry in ledger if entry.status == "pending"]
    if not allow_pending:
        remedy = "do what it asks for and set X-Status; or give --allow-pending"
        found += [Finding(entry.name, "it is pending", remedy) for entry in pending]
    decided = [entry for entry in ledger if entry.status != "pending"]
    found += symbols.check(root, decided)
    tests = 0
    if whole:
        told = outcomes.record(root, decided, run=run)
        found += outcomes.check(decided, told, ran=run)
        tests = len(told.outcomes) if run else 0
    else:
        # The differential tests read the ledger too.
        reason = "not run: the ledger can't be read as a whole"
        found.append(Finding("tests", reason, "mend the lines above first"))
    found += mentions.check(root, ledger)
    found += differences.check(root, ledger)
    order = {entry.name: number for number, entry in enumerate(ledger)}
    found.sort(key=lambda finding: order.get(finding.subject, len(order)))
    return Result(ledger, found, pending, tests)
