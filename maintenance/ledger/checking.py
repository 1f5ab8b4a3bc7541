"""Puts the checks together: all that can be wrong with the ledger of one tree."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Sequence

from . import differences, lock, mentions, origins, outcomes, rules, symbols
from .entries import Entry
from .findings import Finding
from .listing import listing

__all__ = ["LEDGER", "Result", "check", "texts"]

LEDGER = "patches"


class Result(NamedTuple):
    """What was looked at, and what is wrong."""

    ledger: list[Entry]
    findings: list[Finding]
    """In the ledger's order; what belongs to no entry comes last."""
    pending: list[Entry]
    """Entries that wait for a decision, whether they are red or not."""
    tests: int | None
    """How many runs of named tests had an outcome; None if they were not to run."""


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
    read, unread = listing(root / LEDGER)
    found = [*unread, *texts(root, read, allow_pending=allow_pending, defects=defects)]
    decided = [entry for entry in read if entry.status != "pending"]
    found += symbols.check(root, decided)
    tests = None
    if unread:
        # The differential tests read the ledger too.
        reason = "not run: the ledger can't be read as a whole"
        found.append(Finding("tests", reason, "mend the lines above first"))
    else:
        told = outcomes.record(root, decided, run=run)
        found += outcomes.check(decided, told, ran=run)
        tests = len(told.outcomes) if run else None
    order = {entry.name: number for number, entry in enumerate(read)}
    found.sort(key=lambda finding: order.get(finding.subject, len(order)))
    pending = [entry for entry in read if entry.status == "pending"]
    return Result(read, found, pending, tests)


def texts(
    root: Path,
    ledger: Sequence[Entry],
    *,
    allow_pending: bool = False,
    defects: Sequence[str] = origins.DEFECTS,
) -> list[Finding]:
    """What is wrong as far as reading tells it, and nothing has to be imported."""
    found = [finding for entry in ledger for finding in rules.check(entry)]
    found += rules.one_class_each(ledger)
    try:
        locked = lock.load(root / LEDGER)
    except lock.LockError as error:
        remedy = "write it anew by 'python -m maintenance.ledger lock'"
        found.append(Finding(f"{LEDGER}/{lock.NAME}", str(error), remedy))
    else:
        found += origins.check(ledger, locked, defects)
        found += origins.check_shim(root, locked)
    if not allow_pending:
        remedy = "do what it asks for and set X-Status; or give --allow-pending"
        found += [
            Finding(entry.name, "it is pending", remedy)
            for entry in ledger
            if entry.status == "pending"
        ]
    return [*found, *mentions.check(root, ledger), *differences.check(root, ledger)]
