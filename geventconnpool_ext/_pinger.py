"""The pinger: checks idle connections, each in a greenlet of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from gevent import Greenlet, GreenletExit

from ._bounded import ENDS_QUIETLY, call_bounded

if TYPE_CHECKING:
    from ._clock import Clock
    from ._entry import Entry
    from ._state import PoolState


class Ping:
    """One ping under way; settled exactly once."""

    __slots__ = ("entry", "settled")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.settled = False


class Pinger:
    """Pings connections.

    Arguments: *ping* (connection) may take its time; any exception from it
    means broken. *passed* (entry) and *failed* (entry, error) are told of the
    outcome and must not switch. *report* (connection, error or None) runs last,
    in the ping's greenlet; it may do as it likes. *timeout* (seconds) bounds
    one ping.
    """

    def __init__(
        self,
        state: PoolState,
        clock: Clock,
        ping: Callable[[Any], None],
        passed: Callable[[Entry], None],
        failed: Callable[[Entry, BaseException], None],
        report: Callable[[Any, Optional[BaseException]], None],
        timeout: float,
    ) -> None:
        self._state = state
        self._clock = clock
        self._ping = ping
        self._passed = passed
        self._failed = failed
        self._report = report
        self._timeout = timeout
        self.running: Dict[Greenlet[..., Any], Ping] = {}

    def start(self, entry: Entry, asked: bool = False) -> None:
        """Take *entry* out of the idle ones and ping it; switches nothing.

        *asked* says that somebody waits for it.
        """
        self._state.begin_ping(entry, asked)
        ping = Ping(entry)
        greenlet = Greenlet(self._run, ping)
        self.running[greenlet] = ping
        greenlet.rawlink(partial(self._ended, ping))
        greenlet.start()

    def _run(self, ping: Ping) -> None:
        entry = ping.entry
        try:
            call_bounded(
                self._clock, self._timeout, "ping", self._ping, entry.connection
            )
        except BaseException as error:
            ping.settled = True
            self._failed(entry, error)
            self._report(entry.connection, error)
            if not isinstance(error, ENDS_QUIETLY):
                raise
        else:
            ping.settled = True
            self._passed(entry)
            self._report(entry.connection, None)

    def _ended(self, ping: Ping, greenlet: Greenlet[..., Any]) -> None:
        self.running.pop(greenlet, None)
        if not ping.settled:
            ping.settled = True
            self._failed(ping.entry, GreenletExit("the ping was killed"))
