"""Reads and writes DEP-3 headers: fields, continuation lines, nothing else.

What the fields mean, and which there must be, is entries.py's and rules.py's affair.
A file is one header. No patch follows it: upstream's text is not kept here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Mapping

__all__ = ["Dep3Error", "Header", "dump", "parse", "read"]

_FIELD = re.compile(r"([A-Z][A-Za-z0-9]*(?:-[A-Z][A-Za-z0-9]*)*):(?: (.*))?$")


class Dep3Error(ValueError):
    """A header that can't be read: ``file:line: what is wrong and what is right``."""

    def __init__(self, where: str, line: int, problem: str) -> None:
        super().__init__(f"{where}:{line}: {problem}")
        self.where = where
        self.line = line
        self.problem = problem


class Header(Dict[str, str]):
    """Fields by name, in the file's order; ``lines`` tells where each one stands.

    The value of a field that goes over several lines has them joined by line feeds,
    without their indent; a line of a single dot is an empty one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


def parse(text: str, where: str) -> Header:
    """The header that *text* is; *where* names it in errors (Dep3Error)."""
    header = Header()
    name = ""
    ended = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            ended = ended or number
            continue
        if ended:
            raise Dep3Error(
                where,
                ended,
                "an empty line ends the header, and nothing may follow it;"
                " within a value write ' .'",
            )
        if line != line.rstrip():
            raise Dep3Error(where, number, "blanks at the line's end; remove them")
        if line[0] == " ":
            if not name:
                raise Dep3Error(
                    where, number, "a continuation line before any 'Field: value'"
                )
            header[name] += "\n" + ("" if line == " ." else line[1:])
            continue
        match = _FIELD.match(line)
        if match is None:
            raise Dep3Error(
                where,
                number,
                f"{line[:40]!r} is no 'Field: value' and no line indented by one space",
            )
        name = match[1]
        if name in header:
            raise Dep3Error(
                where,
                number,
                f"{name} stands in line {header.lines[name]} already; keep one",
            )
        header[name] = match[2] or ""
        header.lines[name] = number
    if not header:
        raise Dep3Error(where, 1, "empty; a 'Description: ...' was expected")
    return header


def read(path: Path) -> Header:
    """The header of a file. Raises Dep3Error, and OSError if there is no file."""
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise Dep3Error(where, line, "not UTF-8") from None
    return parse(text, where)


def dump(fields: Mapping[str, str]) -> str:
    """The text of a header with these fields, in their order: parse's inverse.

    Raises ValueError for a name or a value that a header can't hold.
    """
    lines = []
    for name, value in fields.items():
        if _FIELD.match(name + ":") is None:
            raise ValueError(f"{name!r} is no name of a field, as 'X-Status' is one")
        first, *rest = [line.rstrip() for line in value.rstrip("\n").split("\n")]
        if "." in rest:
            raise ValueError(f"{name}: a line of a single dot can't be written")
        lines.append(f"{name}: {first}".rstrip())
        lines += [" " + (line or ".") for line in rest]
    return "\n".join(lines) + "\n"
