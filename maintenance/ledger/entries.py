"""The ledger's entries as objects: what patches/series lists, in its order.

A file that can't be read is an error here. What an entry claims is checked in
rules.py, and whether it is true in the modules after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from . import dep3

__all__ = [
    "CLASSES",
    "FIELDS",
    "SERIES",
    "STATUSES",
    "SUFFIX",
    "Entry",
    "add",
    "load",
    "next_name",
    "read",
    "series",
]

SERIES = "series"
SUFFIX = ".dep3"
STATUSES = (
    "adopted",
    "reimplemented",
    "superseded",
    "rejected",
    "not-applicable",
    "pending",
)
CLASSES = ("parity", "divergence", "extension")
FIELDS = (
    "Description",
    "Author",
    "Origin",
    "Bug",
    "Forwarded",
    "Applied-Upstream",
    "Last-Update",
    "X-Status",
    "X-Class",
    "X-Symbols",
    "X-Tests",
    "X-Fails-With",
    "X-Upstream",
    "X-Here",
    "X-Since",
)
"""Every field an entry may have, in the order in which they are written."""


@dataclass(frozen=True)
class Entry:
    """One file of the ledger; ``name`` is the file's, without its suffix."""

    name: str
    path: Path
    fields: Mapping[str, str]
    fails_with: tuple[tuple[str, str], ...]
    """For each of ``tests``: the exception's class, and a pattern of its text."""

    @property
    def number(self) -> str:
        """The first four digits of the name, by which a changelog refers to it."""
        return self.name[:4]

    @property
    def origin(self) -> str:
        """Where the change comes from: ``upstream, commit:1bbb93a...``."""
        return self.fields.get("Origin", "")

    @property
    def status(self) -> str:
        """What became of the change: one of STATUSES."""
        return self.fields.get("X-Status", "")

    @property
    def klass(self) -> str | None:
        """One of CLASSES, or None: nothing is claimed that a test could show."""
        return self.fields.get("X-Class")

    @property
    def symbols(self) -> tuple[str, ...]:
        """Dotted names of what implements it here."""
        return _lines(self.fields, "X-Symbols")

    @property
    def tests(self) -> tuple[str, ...]:
        """Node ids of the tests that show it, without a parameter's brackets."""
        return _lines(self.fields, "X-Tests")

    @property
    def synopsis(self) -> str:
        """The first line of the description."""
        return self.fields.get("Description", "").split("\n")[0]

    def text(self, field: str) -> str:
        """A field's value as one line."""
        return " ".join(self.fields.get(field, "").split())


def series(directory: Path) -> list[str]:
    """The file names that ``series`` lists, in its order. OSError without the file."""
    lines = (directory / SERIES).read_text("utf-8").splitlines()
    names = [line.partition("#")[0].strip() for line in lines]
    return [name for name in names if name]


def read(path: Path) -> Entry:
    """The entry of one file. Raises dep3.Dep3Error, and OSError without the file."""
    header = dep3.read(path)
    return Entry(path.name[: -len(SUFFIX)], path, header, _fails_with(header, path))


def load(directory: Path) -> list[Entry]:
    """All entries, in the order of ``series``.

    Raises dep3.Dep3Error at the first that can't be read, and FileNotFoundError if
    one, or ``series`` itself, is missing.
    """
    return [read(directory / name) for name in series(directory)]


def next_name(directory: Path, slug: str) -> str:
    """The name that a further entry gets: ``0044-`` and *slug*."""
    if re.match(r"[a-z0-9]+(-[a-z0-9]+)*$", slug) is None:
        raise ValueError(f"{slug!r} is no slug: a-z, 0-9 and single hyphens between")
    taken = [*series(directory), *(path.name for path in directory.glob("*" + SUFFIX))]
    numbers = [int(name[:4]) for name in taken if re.match(r"\d{4}-", name)]
    return f"{max(numbers, default=0) + 1:04}-{slug}"


def add(directory: Path, name: str, fields: Mapping[str, str]) -> Path:
    """Write a new entry and append it to ``series``; return its file.

    Raises ValueError, and writes nothing, if a field is unknown or the name taken.
    """
    unknown = [field for field in fields if field not in FIELDS]
    if unknown:
        raise ValueError(f"no field of an entry: {', '.join(unknown)}")
    path = directory / (name + SUFFIX)
    listed = (directory / SERIES).read_text("utf-8")
    if path.exists() or path.name in series(directory):
        raise ValueError(f"{path.name} is in the ledger already")
    text = dep3.dump({field: fields[field] for field in FIELDS if field in fields})
    if listed and not listed.endswith("\n"):
        listed += "\n"
    path.write_text(text, "utf-8")
    (directory / SERIES).write_text(f"{listed}{path.name}\n", "utf-8")
    return path


def _lines(fields: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = (line.strip() for line in fields.get(name, "").split("\n"))
    return tuple(value for value in values if value)


def _fails_with(header: dep3.Header, path: Path) -> tuple[tuple[str, str], ...]:
    name = "X-Fails-With"
    declared = []
    where, line = f"{path.parent.name}/{path.name}", header.lines.get(name, 1)
    for value in _lines(header, name):
        kind, colon, pattern = value.partition(": ")
        if not colon or not kind.isidentifier():
            problem = f"{name}: {value!r} is no 'ExceptionClass: regular expression'"
            raise dep3.Dep3Error(where, line, problem)
        try:
            re.compile(pattern)
        except re.error as error:
            problem = f"{name}: {pattern!r} is no regular expression: {error}"
            raise dep3.Dep3Error(where, line, problem) from None
        declared.append((kind, pattern))
    tests = _lines(header, "X-Tests")
    if len(declared) == 1:
        declared *= len(tests)
    if declared and len(declared) != len(tests):
        problem = f"{name} has {len(declared)} lines for {len(tests)} tests: 1 or each"
        raise dep3.Dep3Error(where, line, problem)
    return tuple(declared)
