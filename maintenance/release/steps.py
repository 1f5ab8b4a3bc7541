"""Runs numbered steps, and tells each in one line: its time, and what came of it."""

from __future__ import annotations

import time
from typing import Callable, NamedTuple, Sequence

from maintenance.git import GitError

from .errors import ReleaseError

__all__ = ["Step", "run"]


class Step(NamedTuple):
    """A title of two words at most; what is done; what to do when that fails."""

    title: str
    do: Callable[[], str]
    remedy: str


def run(steps: Sequence[Step], write: Callable[[str], None]) -> None:
    """Run the steps in order, and note each title in the log by *write*.

    Raises the first ReleaseError, with a remedy; then no further step is run.
    """
    width = max(len(step.title) for step in steps)
    for number, step in enumerate(steps, 1):
        write(f"=== {number} {step.title}")
        begin = time.monotonic()
        try:
            result = step.do()
        except (ReleaseError, GitError, OSError) as error:
            _tell(number, step.title, width, begin, "FAILED")
            remedy = getattr(error, "remedy", None) or step.remedy
            raise ReleaseError(str(error), remedy) from error
        _tell(number, step.title, width, begin, result)


def _tell(number: int, title: str, width: int, begin: float, result: str) -> None:
    seconds = time.monotonic() - begin
    print(f"{number:2}  {title:<{width}}  {seconds:5.1f} s  {result}", flush=True)
