"""Runs other programs; what they say goes to a log file, and comes back as text."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from .errors import ReleaseError

__all__ = ["Log"]


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

        Raises ReleaseError, with its last line, if it fails or does not end.
        """
        self.write("$ " + " ".join(command))
        status, said = _run(command, directory, environment, timeout)
        self.write(said)
        if status == 0:
            return said
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        told = "no end after {:g} s".format(timeout) if status is None else ""
        told = told or f"status {status}: " + (lines[-1] if lines else "it said nothing")
        raise ReleaseError(f"{' '.join(_shown(command))} failed, {told}")


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
    return done.returncode, done.stdout.decode("utf-8", "replace")


def _shown(command: Sequence[str]) -> list[str]:
    """Enough of a command to know it by: the log has all of it."""
    words = [Path(command[0]).name, *command[1:]]
    return [word for word in words[:4] if len(word) < 40]
