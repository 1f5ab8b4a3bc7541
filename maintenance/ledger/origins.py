"""Holds the entries' origins to the lock: one entry for each thing, none for nothing.

Also that the lock and the tests mean the same release of upstream's.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Sequence

from .entries import Entry
from .findings import Finding
from .lock import NAME, Lock

__all__ = ["DEFECTS", "SHIM", "check", "check_shim"]

DEFECTS = tuple(f"U{number}" for number in range(1, 12))
"""Upstream's defects that were known before the first line was written here."""
SHIM = "tests/upstream/shim.py"
_COMMIT = "upstream, commit:"
_PULL = "upstream, pull:"


def check(
    ledger: Sequence[Entry], lock: Lock, defects: Sequence[str] = DEFECTS
) -> list[Finding]:
    """What has no entry, what has two, and which entries the lock knows nothing of."""
    wanted = {_COMMIT + commit.sha: "commit" for commit in lock.commits}
    wanted.update({f"{_PULL}{pull.number}": "pull request" for pull in lock.pulls})
    wanted.update({f"other, defect:{name}": "defect" for name in defects})
    owner: dict[str, Entry] = {}
    found = []
    for entry in ledger:
        origin = entry.text("Origin")
        if not origin:
            continue
        other = owner.setdefault(origin, entry)
        if other is not entry:
            reason = f"{other.name} has the same Origin, {origin}"
            found.append(Finding(entry.name, reason, "keep one entry for it"))
        elif origin.startswith((_COMMIT, _PULL)) and origin not in wanted:
            reason = f"{origin}: {NAME} has no such thing"
            remedy = "mend Origin, or move the lock by 'python -m maintenance.ledger"
            found.append(Finding(entry.name, reason, f"{remedy} lock'"))
    for origin, kind in wanted.items():
        if origin not in owner:
            remedy = f"write one with 'Origin: {origin}'"
            subject = f"{kind} {origin.partition(':')[2][:12]}"
            found.append(Finding(subject, "it has no entry", remedy))
    return found


def check_shim(root: Path, lock: Lock) -> list[Finding]:
    """Whether the tests load a release that the lock knows, by the same hash."""
    try:
        tree = ast.parse((root / SHIM).read_text("utf-8"))
    except FileNotFoundError:
        return [Finding(SHIM, "it is missing", "the differential tests need it")]
    values = {
        target.id: str(statement.value.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    version, sha256 = values.get("VERSION", ""), values.get("SHA256", "")
    locked = {release.version: release.sha256 for release in lock.releases}
    if version not in locked:
        reason = f"VERSION is {version!r}, and {NAME} has no such release"
        return [Finding(SHIM, reason, f"load one of {', '.join(locked) or 'none'}")]
    if locked[version] != sha256:
        reason = f"SHA256 is {sha256}, and {NAME} says {locked[version]}"
        return [Finding(SHIM, reason, "find out which is right; trust neither")]
    return []
