"""What an entry's fields may hold, each looked at alone.

Whether what they say is true is asked elsewhere: of the lock in origins.py, of the
source in symbols.py, of the tests in outcomes.py.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Callable, Iterator, Sequence

from .entries import CLASSES, FIELDS, STATUSES, Entry
from .findings import Finding

__all__ = ["PACKAGE", "SHARED", "check", "one_class_each"]

PACKAGE = "geventconnpool_ext"
SHARED = "tests/differential/"
"""Where a test lies that runs over upstream and over ours."""

_ALWAYS = (
    "Description",
    "Author",
    "Origin",
    "Forwarded",
    "Last-Update",
    "X-Status",
)
_TAKEN = ("adopted", "reimplemented", "superseded")
_UNTAKEN = ("rejected", "not-applicable")
_CLAIMS = ("X-Class", "X-Symbols", "X-Tests")
_DIVERGENCE = ("X-Fails-With", "X-Upstream", "X-Here", "X-Since")
_URL = r"https?://\S+"
_ORIGIN = (
    r"upstream, commit:[0-9a-f]{40}|upstream, pull:[1-9]\d*"
    r"|other, defect:(U[1-9]\d*|[a-z0-9]+(-[a-z0-9]+)*)"
    r"|other, patch:[0-9a-f]{40}"
)
_ORIGINS = (
    "'upstream, commit:FULL-SHA', 'upstream, pull:N', 'other, defect:U4',"
    " 'other, defect:some-slug'"
)
# Each: what the value must match as a whole, and how that is said in words.
_SHAPES = {
    "Origin": (_ORIGIN, f"{_ORIGINS} or 'other, patch:PATCH-ID'"),
    "Bug": (_URL, "a URL"),
    "Forwarded": (rf"no|not-needed|{_URL}", "'no', 'not-needed' or a URL"),
    "Applied-Upstream": (
        r"[0-9]+(\.[0-9a-z]+)*|[0-9a-f]{40}",
        "a version of upstream's or a commit's full sha",
    ),
    "X-Status": ("|".join(STATUSES), "one of " + ", ".join(STATUSES)),
    "X-Class": ("|".join(CLASSES), "one of " + ", ".join(CLASSES)),
    "X-Since": (r"\d+\.\d+\.\d+", "a version of ours, as 1.0.0"),
    "X-Upstream": (r"[^|]+", "what upstream does, without a '|' (it breaks the table)"),
    "X-Here": (r"[^|]+", "what happens here, without a '|' (it breaks the table)"),
}
_SYMBOL = re.compile(rf"{PACKAGE}(\.[A-Za-z_]\w*)+$")
_TEST = re.compile(r"tests/[\w/.-]+\.py(::\w+)+$")
_LONGEST_SYNOPSIS = 72


def check(entry: Entry, today: date | None = None) -> list[Finding]:
    """What is wrong with this entry's fields."""
    if today is None:
        # A day's grace: the writer may live east of here.
        today = datetime.now(timezone.utc).date() + timedelta(days=1)
    rules: list[Callable[[Entry], Iterator[tuple[str, str]]]] = [
        _known,
        _complete,
        _shapes,
        _description,
        lambda entry: _date(entry, today),
        _lists,
        _by_class,
    ]
    return [
        Finding(entry.name, reason, remedy)
        for rule in rules
        for reason, remedy in rule(entry)
    ]


def one_class_each(ledger: Sequence[Entry]) -> list[Finding]:
    """The tests that two entries claim for different classes."""
    first: dict[str, Entry] = {}
    found = []
    for entry in ledger:
        for test in entry.tests:
            other = first.setdefault(test, entry)
            if other.klass != entry.klass:
                reason = f"{test} is {entry.klass} here and {other.klass} in"
                remedy = "a test shows one thing: name another, or mend X-Class"
                found.append(Finding(entry.name, f"{reason} {other.name}", remedy))
    return found


def _known(entry: Entry) -> Iterator[tuple[str, str]]:
    for name, value in entry.fields.items():
        if name not in FIELDS:
            yield f"unknown field {name}", "write one of " + ", ".join(FIELDS)
        elif not value.strip():
            yield f"{name} is empty", "give it a value, or take it out"


def _complete(entry: Entry) -> Iterator[tuple[str, str]]:
    wanted = _ALWAYS + (_CLAIMS if entry.status in _TAKEN else ())
    for name in wanted:
        if name not in entry.fields:
            why = "" if name in _ALWAYS else f" (X-Status is {entry.status})"
            yield f"{name} is missing{why}", f"add the line '{name}: ...'"


def _shapes(entry: Entry) -> Iterator[tuple[str, str]]:
    for name, (pattern, words) in _SHAPES.items():
        value = entry.text(name)
        if value and re.fullmatch(pattern, value) is None:
            yield f"{name} is {value!r}", f"write {words}"


def _description(entry: Entry) -> Iterator[tuple[str, str]]:
    length = len(entry.synopsis)
    if length > _LONGEST_SYNOPSIS:
        reason = f"the first line of Description has {length} characters"
        yield reason, f"at most {_LONGEST_SYNOPSIS}; the rest goes on the next line"
    explained = len(entry.fields.get("Description", "").split("\n")) > 1
    if entry.status in _UNTAKEN and not explained:
        reason = f"{entry.status}, but Description does not say why"
        yield reason, "say it in the lines after the first, each indented by a space"


def _date(entry: Entry, today: date) -> Iterator[tuple[str, str]]:
    value = entry.text("Last-Update")
    if not value:
        return
    try:
        # fromisoformat reads more from Python 3.11 on.
        written = datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        yield f"Last-Update is {value!r}", "write a date, as 2026-11-24"
        return
    if written > today:
        yield f"Last-Update {value} is in the future", "write the day of the change"


def _lists(entry: Entry) -> Iterator[tuple[str, str]]:
    for name, values, pattern, words in (
        ("X-Symbols", entry.symbols, _SYMBOL, f"a dotted name that begins {PACKAGE}."),
        ("X-Tests", entry.tests, _TEST, "tests/...py::test_name, without brackets"),
    ):
        for value in dict.fromkeys(values):
            if pattern.match(value) is None:
                yield f"{name} has {value!r}", f"write {words}, one a line"
            if values.count(value) > 1:
                yield f"{name} has {value} twice", "keep one"


def _by_class(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.status == "pending":
        return
    for name in _DIVERGENCE:
        present = name in entry.fields
        if entry.klass == "divergence" and not present:
            yield f"a divergence without {name}", f"add the line '{name}: ...'"
        elif entry.klass != "divergence" and present:
            yield f"{name} belongs to a divergence", "take it out, or mend X-Class"
    if entry.klass is None:
        if entry.tests and entry.status in _UNTAKEN:
            yield "X-Tests without X-Class", "add X-Class, or take X-Tests out"
    elif not entry.tests and "X-Tests" not in entry.fields and entry.status in _UNTAKEN:
        yield "X-Class without X-Tests", "name the tests, or take X-Class out"
    if entry.klass in ("parity", "divergence"):
        for test in entry.tests:
            if not test.startswith(SHARED):
                reason = f"{test} does not run over upstream"
                yield reason, f"a {entry.klass} is shown by a test in {SHARED}"
