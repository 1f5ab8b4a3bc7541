"""Runs other programs; what they say goes to a log file, and comes back as text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from .errors import CommandFailed

__all__ = ["Log", "chief_line"]


_MOST_BELOW = 2
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Log:
    """The log of one rehearsal: begun anew at *path*, whose directory is made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", "utf-8")

    def write(self, text: str) -> None:
        """Add lines."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")

    def run(
        self,
        command: Sequence[str],
        directory: Path,
        environment: Mapping[str, str] | None = None,
        *,
        timeout: float = 600,
    ) -> str:
        """Run *command* in *directory*; return what it said on both outputs.

        Raises CommandFailed if it fails or does not end.
        """
        self.write("$ " + " ".join(command))
        status, said = _run(command, directory, environment, timeout)
        self.write(said)
        if status == 0:
            return said
        why = f"no end after {timeout:g} s" if status is None else f"status {status}"
        message = f"{_shown(command)} failed ({why}): {chief_line(said)}"
        raise CommandFailed(message, said)


def _run(
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str] | None,
    timeout: float,
) -> tuple[int | None, str]:
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as expired:
        return None, (expired.stdout or b"").decode("utf-8", "replace")
    # Some write in colour even to a file.
    said = done.stdout.decode("utf-8", "replace")
    return done.returncode, _COLOUR.sub("", said)


def _shown(command: Sequence[str]) -> str:
    """Enough of a command to know it by: the log has all of it."""
    words = [Path(word).name if Path(word).is_absolute() else word for word in command]
    return " ".join(word for word in words[:4] if len(word) < 40)


def chief_line(said: str) -> str:
    """The last line that speaks of an error, with what is indented below it.

    The last line of all if none does.
    """
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    found = [n for n, line in enumerate(lines) if re.search(r"error\b", line, re.I)]
    if not found:
        return lines[-1].strip() if lines else "it said nothing"
    chief = [lines[found[-1]]]
    for line in lines[found[-1] + 1 :][:_MOST_BELOW]:
        if not line.startswith((" ", "\t")):
            break
        chief.append(line)
    return " ".join(" ".join(line.split()) for line in chief)
