"""The closer: closes connections in the background, once, within a bound."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

from gevent import Greenlet

from ._bounded import ENDS_QUIETLY
from ._log import describe, log

if TYPE_CHECKING:
    from ._clock import Clock, Timer
    from ._entry import Entry
    from .hooks import DiscardReason


class Close:
    """One close under way; settled exactly once."""

    __slots__ = ("begun", "entry", "reason", "report", "settled", "timer")

    def __init__(
        self,
        entry: Entry,
        reason: DiscardReason,
        report: Optional[Callable[[Any, DiscardReason], None]],
    ) -> None:
        self.entry = entry
        self.reason = reason
        self.report = report
        self.begun = False
        self.settled = False
        self.timer: Optional[Timer] = None


class Closer:
    """Closes connections that have left the pool.

    Arguments: *close* (connection, reason) may take its time; *closed* (entry)
    is told when the close has returned, or *timeout* seconds after it began, and
    must not switch.
    """

    def __init__(
        self,
        clock: Clock,
        close: Callable[[Any, DiscardReason], None],
        closed: Callable[[Entry], None],
        timeout: float,
        name: str,
    ) -> None:
        self._clock = clock
        self._close = close
        self._closed = closed
        self._timeout = timeout
        self._name = name
        self.running: Dict[Greenlet[..., Any], Close] = {}

    def start(
        self,
        entry: Entry,
        reason: DiscardReason,
        report: Optional[Callable[[Any, DiscardReason], None]] = None,
    ) -> Greenlet[..., Any]:
        """Begin to close, and return the greenlet that does; switches nothing.

        *report* (connection, reason) runs after the close, in its greenlet: it
        is for those who cannot report a discard themselves.
        """
        return self._spawn(Close(entry, reason, report))

    def abandon(self) -> List[Entry]:
        """End in a forked child; return what the parent goes on closing."""
        closes = list(self.running.items())
        for greenlet, close in closes:
            # Or one that has not begun yet would be begun again.
            close.begun = True
            greenlet.kill(block=False)
        return [close.entry for _, close in closes]

    def _spawn(self, close: Close) -> Greenlet[..., Any]:
        greenlet = Greenlet(self._run, close)
        self.running[greenlet] = close
        greenlet.rawlink(partial(self._ended, close))
        greenlet.start()
        return greenlet

    def _run(self, close: Close) -> None:
        connection = close.entry.connection
        close.begun = True
        failure: Optional[BaseException] = None
        try:
            try:
                # The bound counts from here: after a stall of the loop, a timer would
                # go off before this has begun, and nothing would ever be closed.
                close.timer = self._clock.call_later(
                    self._timeout, self._overdue, close
                )
            finally:
                # Without a bound, if there is no timer to be had.
                self._close(connection, close.reason)
        except BaseException as error:
            failure = error
        overdue = close.settled
        # The slot is free even if what follows takes its time.
        self._settle(close)
        try:
            if overdue:
                log(
                    logging.WARNING,
                    "%s: close given up after %g s",
                    self._name,
                    self._timeout,
                )
            elif failure is not None:
                log(
                    logging.WARNING,
                    "%s: close failed: %s",
                    self._name,
                    describe(failure),
                )
            if close.report is not None:
                close.report(connection, close.reason)
        finally:
            if failure is not None and not isinstance(failure, ENDS_QUIETLY):
                raise failure

    def _overdue(self, close: Close) -> None:
        # The kill first: what it ends is to be gone before the slot is used again.
        for greenlet, running in list(self.running.items()):
            if running is close:
                greenlet.kill(block=False)
        self._settle(close)

    def _ended(self, close: Close, greenlet: Greenlet[..., Any]) -> None:
        self.running.pop(greenlet, None)
        if not close.begun:
            # Killed before it started: the connection is still to be closed.
            self._spawn(close)
        else:
            self._settle(close)

    def _settle(self, close: Close) -> None:
        if not close.settled:
            close.settled = True
            if close.timer is not None:
                close.timer.stop()
            self._closed(close.entry)
