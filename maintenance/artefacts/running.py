"""One program, run in silence: what it says is told only when it fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from .errors import ArtefactError

__all__ = ["run"]

_TOLD = 60
"""Most lines that are told of each of its two outputs."""


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    umask: int = -1,
) -> str:
    """Return what *command* wrote to its standard output.

    *env* is added to this process's own. Raises ArtefactError, with the end of what
    it said, for another status than 0.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        umask=umask,
    )
    if done.returncode:
        said = "\n".join(
            "\n".join(text.strip().splitlines()[-_TOLD:])
            for text in (done.stdout, done.stderr)
            if text
        )
        told = " ".join(str(part) for part in command)
        raise ArtefactError(f"{told}\nended with status {done.returncode}:\n{said}")
    return done.stdout
