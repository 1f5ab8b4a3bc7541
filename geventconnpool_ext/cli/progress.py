"""The demo's progress, live on stderr; nothing at all if that is no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

import gevent
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type

__all__ = ["Display"]

REFRESH = 0.2
"""Seconds between two looks. Drawing costs time that the demo measures."""


class Display:
    """``with Display() as display:`` shows a bar for every ``track``."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[status]}", style="dim"),
            console=console,
            # Without its thread: drawn by a greenlet, between two switches.
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal or console.is_dumb_terminal,
        )
        self._status: Callable[[], str] = str
        self._painter: Optional[gevent.Greenlet[[], None]] = None

    def track(self, what: str, total: int) -> Callable[[], None]:
        """Add a bar of *total* steps; call the result after every step."""
        task = self._progress.add_task(what, total=total, status="")
        return lambda: self._progress.advance(task)

    def status(self, text: Callable[[], str]) -> None:
        """Show *text*, asked for anew each time, beside the latest bar."""
        self._status = text

    def __enter__(self) -> Display:
        # Older versions of rich end what is disabled, too: with an empty line.
        if not self._progress.disable:
            self._progress.start()
            self._painter = gevent.spawn(self._paint)
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if self._painter is not None:
            self._painter.kill()
            self._progress.stop()

    def _paint(self) -> None:
        while True:
            tasks = self._progress.task_ids
            if tasks:
                self._progress.update(tasks[-1], status=self._status())
            self._progress.refresh()
            gevent.sleep(REFRESH)
