"""How findings are shown: at most 80 columns, in any encoding, colour in a terminal.

Each line begins with a word for its level, so that nothing depends on the colour.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from typing import Iterator, List, Mapping, Optional, TextIO

from .finding import NOTE, OK, PROBLEM, WARNING, Finding

__all__ = ["Page", "duration", "printable"]

_WIDTH = 80
_LEVEL = 9
_LABEL = 13
_COLOURS = {OK: "32", NOTE: "36", WARNING: "33", PROBLEM: "1;31"}


class Page:
    """Writes to *out*; *environ* (default: the process's) may choose the colour."""

    def __init__(
        self, out: TextIO, environ: Optional[Mapping[str, str]] = None
    ) -> None:
        self._out = out
        self._encoding = getattr(out, "encoding", None) or "ascii"
        in_terminal = out.isatty()
        self._coloured = _coloured(
            in_terminal, os.environ if environ is None else environ
        )
        self._width = _WIDTH
        if in_terminal:
            # Narrower than 50 there is no place for the words beside the labels.
            self._width = max(50, min(shutil.get_terminal_size().columns, _WIDTH))

    def paragraph(self, text: str, level: str = "") -> None:
        """Write *text*, in the colour of *level*."""
        for line in self._wrapped(text, "", ""):
            self._write(line, len(line) if level else 0, level)

    def gap(self) -> None:
        """Write an empty line."""
        self._write("")

    def finding(self, finding: Finding, took: Optional[float] = None) -> None:
        """Write one; *took* is how many seconds its step took."""
        lines = list(self._body(finding, took))
        label = finding.level.ljust(_LEVEL) + finding.name.ljust(_LABEL)
        first, rest = lines[0], lines[1:]
        self._write(label + first, len(finding.level), finding.level)
        for line in rest:
            self._write(" " * len(label) + line)

    def not_tried(self, names: List[str]) -> None:
        """Write which steps were not tried, if any."""
        if names:
            self._write(
                "-".ljust(_LEVEL) + "not tried".ljust(_LABEL) + ", ".join(names)
            )

    def _body(self, finding: Finding, took: Optional[float]) -> Iterator[str]:
        time = "" if took is None else duration(took)
        room = self._width - _LEVEL - _LABEL
        # The time stands at the end of the first line, which leaves it its place.
        first = self._wrapped(
            finding.what, "", "", room - (len(time) + 2 if time else 0)
        )
        yield (first[0].ljust(room - len(time)) + time).rstrip()
        for line in first[1:]:
            yield line
        for detail in finding.details:
            for line in self._wrapped(detail, "", "  ", room):
                yield line
        if finding.level == OK:
            return
        for prefix, text in (("why: ", finding.why), ("do:  ", finding.action)):
            if text:
                for line in self._wrapped(text, prefix, " " * len(prefix), room):
                    yield line

    def _wrapped(
        self, text: str, first: str, others: str, width: Optional[int] = None
    ) -> List[str]:
        # What a command or an address is made of stays whole, so it can be copied.
        return textwrap.wrap(
            printable(text, self._encoding),
            width or self._width,
            initial_indent=first,
            subsequent_indent=others,
            break_on_hyphens=False,
            break_long_words=False,
        ) or [""]

    def _write(self, line: str, coloured: int = 0, level: str = "") -> None:
        line = line.rstrip()
        if coloured and self._coloured:
            line = "\x1b[{}m{}\x1b[0m{}".format(
                _COLOURS[level], line[:coloured], line[coloured:]
            )
        print(line, file=self._out, flush=True)


def printable(text: str, encoding: str = "utf-8") -> str:
    """*text* without what could steer a terminal, in the characters of *encoding*."""
    shown = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def duration(seconds: float) -> str:
    """Seconds as a reader wants them."""
    if seconds < 1:
        return "{:.1f} ms".format(1000 * seconds)
    return "{:.1f} s".format(seconds)


def _coloured(in_terminal: bool, environ: Mapping[str, str]) -> bool:
    # no-color.org and force-color.org: set at all, and not empty.
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or (
        in_terminal and environ.get("TERM") != "dumb"
    )
