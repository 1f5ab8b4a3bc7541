"""Reads a unified diff into files and hunks; says where one can't be read.

It knows what git prints (renames, modes, binary files) and plain ``---``/``+++``.
Where a hunk belongs here is trial.py's affair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .errors import UpstreamError

__all__ = ["FileChange", "Hunk", "dump", "parse"]

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_INDEX = re.compile(r"index ([0-9a-f]{7,64})\.\.([0-9a-f]{7,64})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass
class Hunk:
    """One ``@@`` of a diff; ``lines`` have their leading blank, plus or minus."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: list[str] = field(default_factory=list)
    section: str = ""
    """What git wrote behind the ``@@``: the definition that the hunk is in."""

    @property
    def header(self) -> str:
        """The line of the ``@@``, with both ranges written out."""
        old = f"{self.old_start},{self.old_count}"
        return f"@@ -{old} +{self.new_start},{self.new_count} @@"

    @property
    def old_lines(self) -> list[str]:
        """What stood there before, context included."""
        return [line[1:] for line in self.lines if line[:1] in (" ", "-")]

    @property
    def changed_lines(self) -> list[str]:
        """What is taken away and what is added."""
        return [line[1:] for line in self.lines if line[:1] in ("+", "-")]

    @property
    def changed_old_numbers(self) -> list[int]:
        """The numbers, before the change, of the lines it takes away or adds to."""
        numbers, at = [], self.old_start
        for line in self.lines:
            if line[:1] in ("+", "-"):
                numbers.append(max(at - 1, 1) if line[:1] == "+" else at)
            at += line[:1] in (" ", "-")
        return numbers


@dataclass
class FileChange:
    """What a diff does to one file; ``old`` or ``new`` is None where there is none."""

    old: str | None = None
    new: str | None = None
    old_blob: str = ""
    new_blob: str = ""
    binary: bool = False
    mode: str = ""
    renamed: bool = False
    copied: bool = False
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The name it goes by: the old one, since that is what was there."""
        return self.old or self.new or "?"

    @property
    def what(self) -> str:
        """What happens to the file, in words; empty for an ordinary change."""
        words = []
        if self.old is None:
            words.append("new file")
        elif self.new is None:
            words.append("deleted")
        elif self.renamed or self.copied:
            words.append(f"{'renamed' if self.renamed else 'copied'} to {self.new}")
        if self.binary:
            words.append("binary")
        if self.mode:
            words.append(f"mode {self.mode}")
        return ", ".join(words)


def parse(text: str, where: str) -> list[FileChange]:
    """The files that the diff in *text* changes; what stands around it is skipped.

    Raises UpstreamError, naming *where* and the line, if a hunk is cut short.
    """
    reader = _Reader(text.split("\n"), where)
    while reader.at < len(reader.lines):
        reader.step()
    return reader.files


def dump(files: list[FileChange]) -> bytes:
    """The hunks of these files as git would write them; no binary files, no modes."""
    lines = []
    for file in files:
        old, new = file.old or file.new, file.new or file.old
        lines += [f"diff --git a/{old} b/{new}"]
        lines += [f"--- a/{file.old}" if file.old else "--- /dev/null"]
        lines += [f"+++ b/{file.new}" if file.new else "+++ /dev/null"]
        for hunk in file.hunks:
            lines += [hunk.header, *hunk.lines]
    return "\n".join([*lines, ""]).encode("utf-8", "surrogateescape")


class _Reader:
    """One pass over the lines; ``at`` is the next one."""

    def __init__(self, lines: list[str], where: str) -> None:
        self.lines = lines
        self.where = where
        self.at = 0
        self.files: list[FileChange] = []
        self.git = False  # within the header lines of a 'diff --git'

    def step(self) -> None:
        line = self.lines[self.at]
        following = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        self.at += 1
        if line.startswith("diff --git "):
            self.git = True
            self.files.append(FileChange())
            self._names_of_git(line)
        elif line.startswith("--- ") and following.startswith("+++ "):
            if not self.git:
                self.files.append(FileChange())
            self._names(line, following)
            self.at += 1
            self.git = False
        elif line.startswith("@@ ") and self.files:
            self.git = False
            self._hunk(line)
        elif self.git:
            self._header(line)

    def _names_of_git(self, line: str) -> None:
        # Only these lines name a file that is binary, empty or changes its mode.
        change = self.files[-1]
        rest = line[len("diff --git ") :]
        half = (len(rest) - 1) // 2
        if rest[:half][2:] == rest[half + 1 :][2:]:
            change.old = _name(rest[:half])
            change.new = _name(rest[half + 1 :])

    def _names(self, old: str, new: str) -> None:
        change = self.files[-1]
        change.old, change.new = _name(old[4:]), _name(new[4:])
        if change.old is None and change.new is None:
            raise UpstreamError(
                f"{self.where}: line {self.at}: a change from nothing to nothing"
            )

    def _header(self, line: str) -> None:
        change = self.files[-1]
        found = _INDEX.match(line)
        if found:
            change.old_blob, change.new_blob = found[1], found[2]
        elif line.startswith("new file mode"):
            change.old = None
        elif line.startswith("deleted file mode"):
            change.new = None
        elif line.startswith("old mode "):
            change.mode = line[len("old mode ") :]
        elif line.startswith("new mode "):
            change.mode += " to " + line[len("new mode ") :]
        elif line.startswith(("rename from ", "copy from ")):
            change.renamed = line.startswith("rename")
            change.copied = not change.renamed
            change.old = _unquoted(line.split(" from ", 1)[1])
        elif line.startswith(("rename to ", "copy to ")):
            change.new = _unquoted(line.split(" to ", 1)[1])
        elif line.startswith(("Binary files ", "GIT binary patch")):
            change.binary = True

    def _hunk(self, line: str) -> None:
        found = _HUNK.match(line)
        if found is None:
            raise UpstreamError(
                f"{self.where}: line {self.at}: {line[:40]!r} is no"
                " '@@ -line,count +line,count @@'"
            )
        hunk = Hunk(
            old_start=int(found[1]),
            old_count=int(found[2] or 1),
            new_start=int(found[3]),
            new_count=int(found[4] or 1),
            section=line[found.end() :].strip(),
        )
        begun = self.at
        old, new = hunk.old_count, hunk.new_count
        while old or new:
            body = self.lines[self.at] if self.at < len(self.lines) else "end of file"
            # A mail program may have taken the blank of an empty context line.
            sign = body[:1] or " "
            old -= sign in " -"
            new -= sign in " +"
            if sign not in " +-\\" or old < 0 or new < 0:
                raise UpstreamError(
                    f"{self.where}: the hunk in line {begun} is cut short or its"
                    f" counts are wrong: see line {self.at + 1}"
                )
            hunk.lines.append(body or " ")
            self.at += 1
        if self.at < len(self.lines) and self.lines[self.at].startswith("\\ "):
            hunk.lines.append(self.lines[self.at])
            self.at += 1
        self.files[-1].hunks.append(hunk)


def _name(text: str) -> str | None:
    """The path of a ``---`` or ``+++`` line: no time, no quotes, no ``a/``."""
    name = _unquoted(text.split("\t")[0].rstrip("\r"))
    if name == "/dev/null":
        return None
    return name[2:] if name[:2] in ("a/", "b/") else name


def _unquoted(text: str) -> str:
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text

    def escape(found: re.Match[str]) -> str:
        octets = found[0]
        if octets[1].isdigit():
            values = (int(number, 8) for number in re.findall(r"\d{3}", octets))
            return bytes(values).decode("utf-8", "surrogateescape")
        return _ESCAPES.get(octets[1], octets[1])

    return re.sub(r'(?:\\[0-3][0-7]{2})+|\\[ntr"\\]', escape, text[1:-1])
