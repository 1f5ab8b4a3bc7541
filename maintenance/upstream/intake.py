"""What taking in a change writes: a pending entry, a failing test, a fragment.

All is computed before the first file is written, and what was written is taken back
if a later file can't be. None of it holds upstream's text: names of files and
people, hashes, and blanks for the maintainer's own words.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from maintenance.ledger import entries

from .change import Change
from .errors import UpstreamError
from .known import LEDGER

__all__ = ["FILL_IN", "KINDS", "Intake", "prepare", "steps"]

FILL_IN = "FILL IN"
"""Marks what the maintainer has to write; nothing that is finished holds it."""
KINDS = ("major", "added", "changed", "deprecated", "removed", "fixed", "security")
_TESTS = Path("tests") / "differential"
_CHANGES = Path("changes")
_REPORTS = Path(".cache") / "upstream-changes"

_TEST = '''\
"""Entry {name} of the ledger: {what}"""

from __future__ import annotations

import pytest


def test_{function}(implementation):
    pytest.fail(
        "{fill_in}: show what the change of entry {name} does."
        " Use implementation.ConnectionPool or implementation.retry; the test must"
        " fail on upstream's release as X-Fails-With says, and pass here."
    )
'''


@dataclass
class Intake:
    """The files to be written, by path within the project."""

    name: str
    fields: Mapping[str, str]
    texts: Mapping[Path, str]
    report: Path
    test: Path | None
    fragment: Path | None

    def write(self, project: Path) -> None:
        """Write them all, or none. Raises UpstreamError."""
        for path in self.texts:
            if path != self.report and (project / path).exists():
                raise UpstreamError(
                    f"{path} is there already; choose another slug by --name"
                )
        series = project / LEDGER / entries.SERIES
        before = series.read_bytes()
        written: list[Path] = []
        try:
            for path, text in self.texts.items():
                target = project / path
                target.parent.mkdir(parents=True, exist_ok=True)
                written.append(target)
                # A patch may hold octets that are no UTF-8.
                target.write_text(text, "utf-8", "surrogateescape")
            written.append(project / LEDGER / (self.name + entries.SUFFIX))
            entries.add(project / LEDGER, self.name, self.fields)
        except BaseException as error:
            for target in written:
                target.unlink(missing_ok=True)
            if series.read_bytes() != before:
                series.write_bytes(before)
            if isinstance(error, OSError):
                raise UpstreamError(f"nothing was written: {error}") from None
            raise


def prepare(
    project: Path,
    change: Change,
    report: str,
    *,
    slug: str | None = None,
    kind: str = "changed",
    same_as: str | None = None,
) -> Intake:
    """What to write for this change.

    Arguments:
        slug: the entry's name behind its number; by default from the change's.
        kind: what sort of fragment.
        same_as: the entry that has this change already, under another hash. Then,
            as for a change of nothing, the entry says so and is finished.

    Raises UpstreamError if the slug is none.
    """
    if slug is None:
        slug = re.sub(r"[^a-z0-9]+", "-", "upstream " + change.name.lower()).strip("-")
    try:
        name = entries.next_name(project / LEDGER, slug)
    except ValueError as error:
        raise UpstreamError(f"--name: {error}") from None
    fields = _fields(change)
    path = _REPORTS / (name + ".txt")
    why = ""
    if same_as:
        why = f"The change of entry {same_as} again, under another hash."
    elif not change.files:
        why = "It changes no file: an empty commit, or a merge of what was there."
    if why:
        synopsis = "The same change again" if same_as else "Nothing is changed"
        fields["Description"] = f"{synopsis}\n{why}"
        fields["X-Status"] = "not-applicable"
        return Intake(name, fields, {path: report}, path, None, None)
    function = slug.replace("-", "_")
    test = _TESTS / f"test_{function}.py"
    fragment = _CHANGES / f"+{name}.{kind}.md"
    fields["X-Class"] = "divergence"
    fields["X-Tests"] = f"{test.as_posix()}::test_{function}"
    fields["X-Fails-With"] = f"AssertionError: {FILL_IN}"
    texts = {
        path: report,
        test: _TEST.format(
            name=name, function=function, fill_in=FILL_IN, what=FILL_IN + " what for."
        ),
        fragment: f"{FILL_IN} what a user notices of it (ledger {name[:4]}).\n",
    }
    return Intake(name, fields, texts, path, test, fragment)


def steps(intake: Intake) -> list[str]:
    """What the maintainer does next, with the commands."""
    entry = f"{LEDGER}/{intake.name}{entries.SUFFIX}"
    if intake.test is None:
        return [
            f"{entry}: {intake.fields['X-Status']}; nothing else is to be done.",
            "Move the lock when every new commit has its entry:",
            "  nox -s patches -- lock",
        ]
    return [
        "Written:",
        f"  {entry} (pending)",
        f"  {intake.test} (fails until you write it)",
        f"  {intake.fragment}",
        "Upstream's lines, to read and not to copy:",
        f"  {intake.report}",
        "",
        "1. Read the change. Is it not for us? Set X-Status in the entry to rejected",
        "   or not-applicable, say why in Description, and take out X-Class, X-Tests",
        "   and X-Fails-With. Then delete the test and the fragment; go on with 6.",
        "2. Write the test. See it fail on upstream as well as here:",
        f"     nox -s differential -- {intake.test}",
        "3. Write the code, in your own words, until the test passes here.",
        "4. Fill in the entry: Description, X-Fails-With, X-Symbols, X-Upstream,",
        "   X-Here, X-Since, and X-Status: reimplemented. If the test passes on",
        "   upstream, too: X-Class: parity, without the fields of a divergence.",
        "5. Fill in the fragment, and write the changelog:",
        "     nox -s changelog",
        "6. When every new commit has its entry, move the lock and check it all:",
        "     nox -s patches -- lock",
        "     nox -s patches -- --render",
        "7. Commit the entry, series, the lock, the test, the code, the fragment,",
        "   CHANGELOG.md and docs/differences.md together.",
    ]


def _fields(change: Change) -> dict[str, str]:
    touched = [file.path for file in change.files]
    shown = "\n".join(f"  {path}" for path in touched[:20])
    more = f"\n  and {len(touched) - 20} more" if len(touched) > 20 else ""
    fields = {
        "Description": f"{FILL_IN} what it does, in at most 72 characters\n"
        f"{FILL_IN} what stands here instead, in your own words. It touches:\n"
        f"{shown}{more}",
        "Author": change.author or FILL_IN,
        "Origin": change.origin,
        "Forwarded": "not-needed",
        "Last-Update": datetime.date.today().isoformat(),
        "X-Status": "pending",
    }
    if change.bug:
        fields["Bug"] = change.bug
    return fields
