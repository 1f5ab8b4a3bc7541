"""Renders docs/differences.md, the page for a migrating user, from the ledger alone."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, Sequence

from .entries import Entry
from .findings import Finding

__all__ = ["PAGE", "check", "render"]

PAGE = "docs/differences.md"
_HEAD = """\
# Differences from geventconnpool

<!-- Written from patches/ by `nox -s patches -- --render`: do not edit. -->

For those who use geventconnpool 0.2.1, or its later commits, and change one import:
`from geventconnpool_ext import ConnectionPool, retry`. What the first table does not
name works as it did.

Every line is held to the facts: `nox -s patches` runs the tests that it names over
upstream's release and over ours. A number is that of the entry in the
[ledger](../patches/README.md).
"""
_DIFFERENT = """\
## What is different

Each test named here fails on upstream in the declared way, and passes here.

| upstream | here | since | shown by | ledger |
|---|---|---|---|---|
"""
_TAKEN = """\
## What was taken over

What upstream's commits and pull requests brought, as far as it is not in the table
above. Where tests are counted, they pass on upstream and here.

| upstream's change | what became of it | tests | ledger |
|---|---|---|---|
"""
_UNTAKEN = """\
## What was not taken over

| upstream's change | what became of it | why | ledger |
|---|---|---|---|
"""
_PENDING = """\
## Not decided yet

| upstream's change | ledger |
|---|---|
"""
_WORDS = {
    "adopted": "taken over as it is",
    "reimplemented": "written anew here",
    "superseded": "something else does it here",
    "rejected": "rejected",
    "not-applicable": "does not apply here",
}


def render(ledger: Sequence[Entry]) -> str:
    """The page's text. Lines stand in the order of the ledger."""
    different = [entry for entry in ledger if _is_different(entry)]
    rest = [entry for entry in ledger if not _is_different(entry)]
    untaken = [e for e in rest if e.status in ("rejected", "not-applicable")]
    pending = [e for e in rest if e.status == "pending"]
    taken = [e for e in rest if e not in untaken and e not in pending]
    parts = [_HEAD]
    parts += _table(_DIFFERENT, map(_row, _alike(different)))
    parts += _table(
        _TAKEN,
        (
            (entry.synopsis, _became(entry), str(len(entry.tests)), _number(entry))
            for entry in taken
        ),
    )
    parts += _table(
        _UNTAKEN,
        (
            (entry.synopsis, _became(entry), _why(entry), _number(entry))
            for entry in untaken
        ),
    )
    parts += _table(_PENDING, ((entry.synopsis, _number(entry)) for entry in pending))
    return "\n".join(parts)


def check(root: Path, ledger: Sequence[Entry]) -> list[Finding]:
    """Whether the page is what the ledger says."""
    remedy = "run 'nox -s patches -- --render', and commit it"
    try:
        text = (root / PAGE).read_text("utf-8")
    except FileNotFoundError:
        return [Finding(PAGE, "it is missing", remedy)]
    if text == render(ledger):
        return []
    return [Finding(PAGE, "it is not what the ledger says", remedy)]


def _is_different(entry: Entry) -> bool:
    return entry.klass == "divergence" and entry.status != "pending"


def _table(heading: str, rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n"
        for row in rows
    ]
    return [heading + "".join(lines)] if lines else []


def _alike(different: Sequence[Entry]) -> list[list[Entry]]:
    """Entries that say the same, as a commit and its pull request do, together."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in different:
        said = tuple(entry.text(name) for name in ("X-Upstream", "X-Here", "X-Since"))
        groups.setdefault(said, []).append(entry)
    return list(groups.values())


def _row(alike: Sequence[Entry]) -> list[str]:
    tests = dict.fromkeys(test for entry in alike for test in entry.tests)
    said = [alike[0].text(name) for name in ("X-Upstream", "X-Here", "X-Since")]
    return [*said, ", ".join(map(_test, tests)), ", ".join(map(_number, alike))]


def _became(entry: Entry) -> str:
    return _WORDS.get(entry.status, entry.status)


def _why(entry: Entry) -> str:
    return " ".join(entry.fields["Description"].split("\n")[1:]).strip()


def _test(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[`{name}`](../{file})"


def _number(entry: Entry) -> str:
    return f"[{entry.number}](../{entry.path.parent.name}/{entry.path.name})"
