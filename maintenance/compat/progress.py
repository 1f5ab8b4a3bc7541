"""What a run shows while it goes: a bar on a terminal, elsewhere a line per cell."""

from __future__ import annotations

import time
from typing import Callable, Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

__all__ = ["Estimate", "Show"]


class Estimate:
    """How long a run will still take: from what its cells took before, and now."""

    def __init__(
        self,
        seconds: Mapping[str, float],
        jobs: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = dict(seconds)
        self._jobs = max(1, min(jobs, len(seconds)))
        self._clock = clock
        self._begun = clock()
        self._done = 0.0

    def ended(self, name: str) -> None:
        """A cell has ended."""
        self._done += self._open.pop(name)

    def left(self) -> float:
        """Seconds until all cells have ended."""
        pace = 1.0 / self._jobs
        if self._done:
            # What the finished ones took in fact, waits and a busy machine included.
            pace = (self._clock() - self._begun) / self._done
        return sum(self._open.values()) * pace


class Show:
    """Shows the cells of a run as they end; a context manager."""

    def __init__(self, estimate: Estimate, total: int, console: Console) -> None:
        self._estimate = estimate
        self._total = total
        self._ended = 0
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("cells", total=total, left=self._left())

    def __enter__(self) -> Show:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def ended(self, name: str, outcome: str, seconds: float, note: str) -> None:
        """A cell has ended; *note* says what is wrong with that, if anything is."""
        self._ended += 1
        self._estimate.ended(name)
        line = f"{name}: {outcome}, {seconds:.0f} s"
        if note:
            line += f" ({note})"
        if not self._console.is_terminal:
            line = f"[{self._ended}/{self._total}] {line}; {self._left()}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        self._bar.update(self._task, completed=self._ended, left=self._left())

    def _left(self) -> str:
        return f"about {_duration(self._estimate.left())} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
