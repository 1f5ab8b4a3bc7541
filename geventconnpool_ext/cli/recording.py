"""The two runs of the demo with a record of what happens: for ``demo --plot``.

The runs themselves are in ``direct`` and ``pooled``; what is noted goes into a
``Timeline``. Only hooks and the functions that make connections are used, as any
program could that watches its pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

import gevent
from gevent import getcurrent
from gevent.lock import BoundedSemaphore

from ..epp import EPPHooks, Login, Session
from .direct import PlainClient
from .pooled import PooledRun, Watcher
from .settings import ACCOUNT, PASSWORD
from .timeline import BUSY, CLOSING, HELLO, IDLE, PROBE, Timeline

if TYPE_CHECKING:
    from ..epp import EPPPool
    from ..hooks import DiscardReason
    from ..testing import Server
    from .pooled import Worked
    from .settings import Settings
    from .timeline import Life
    from .verdict import Told
    from .work import Command

__all__ = ["Recording"]

_SAMPLED_EVERY = 0.005
"""Seconds between two looks at how many clients wait: a hook tells of no wait."""


class Recording:
    """Makes what the demo runs, so that both runs are noted."""

    def __init__(self) -> None:
        self.direct: Timeline = Timeline()
        """What happened with a connection per command."""
        self.pool: Timeline = Timeline()
        """What happened with the pool."""

    def make_client(self, settings: Settings, server: Server) -> PlainClient:
        """Make a client without a pool."""
        return RecordedPlainClient(settings, server, self.direct)

    def make_run(self, settings: Settings, advance: Callable[[], None]) -> PooledRun:
        """Make the run through the pool."""
        return RecordedPooledRun(settings, advance, self.pool)


# Through the pool.


class RecordingWatcher(Watcher):
    """Notes in *timeline* what the pool tells its hooks."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        # A connect and the hooks that tell how it ended run in one greenlet.
        self._opening: Dict[Any, Life] = {}
        self._lives: Dict[Any, Life] = {}
        # What each session received last as a greeting: hello brings a new one.
        self._greetings: Dict[Any, Any] = {}

    def connecting(self, connect: Callable[[], Any]) -> Callable[[], Any]:
        """Return *connect*, which then notes that a session is about to open."""

        def noted() -> Any:
            self._opening[getcurrent()] = self._timeline.opens()
            return connect()

        return noted

    def logged_in(self, session: Any, answer: Any) -> None:
        """Note that a session is there."""
        life = self._opening.pop(getcurrent())
        life.becomes(IDLE)
        self._lives[session] = life
        self._greetings[session] = session.greeting

    def connect_failed(self, error: BaseException) -> None:
        """Note that there is no session."""
        life = self._opening.pop(getcurrent(), None)
        if life is not None:
            self._timeline.ends(life, "not opened")

    def acquired(self, connection: Any) -> None:
        """Note that a client has it."""
        self._lives[connection].becomes(BUSY)

    def released(self, connection: Any) -> None:
        """Note that it waits for the next client."""
        self._lives[connection].becomes(IDLE)

    def kept_alive(self, session: Any) -> None:
        """Note a hello, or a probe, or both."""
        super().kept_alive(session)
        life = self._lives[session]
        if session.greeting is not self._greetings[session]:
            self._greetings[session] = session.greeting
            life.mark(HELLO)
        if session.probed_at == session.last_exchange_at:
            life.mark(PROBE)

    def session_expiring(self, session: Any, reason: DiscardReason) -> None:
        """Note that it is being closed."""
        self._lives[session].becomes(CLOSING)

    def session_expired(self, session: Any, reason: DiscardReason) -> None:
        """Note that it is gone, and why."""
        super().session_expired(session, reason)
        self._greetings.pop(session)
        self._timeline.ends(self._lives.pop(session), str(reason), reason.planned)


class RecordedPooledRun(PooledRun):
    """The run through the pool, noted in *timeline*."""

    def __init__(
        self, settings: Settings, advance: Callable[[], None], timeline: Timeline
    ) -> None:
        super().__init__(settings, advance)
        self._timeline = timeline
        self._recorder = RecordingWatcher(timeline)
        self._watcher = self._recorder

    def _work(self, server: Server, commands: List[Command]) -> Worked:
        observer = gevent.spawn(self._observe_waiting)
        try:
            return super()._work(server, commands)
        finally:
            observer.kill()
            self._timeline.finish()

    def _make_pool(self, connect: Callable[[], Any]) -> EPPPool:
        self._timeline.begin()
        self._timeline.begins("opening")
        return super()._make_pool(self._recorder.connecting(connect))

    def _work_off(self, part: List[Command]) -> List[Told]:
        self._timeline.begins("work", len(part))
        told = super()._work_off(part)
        self._timeline.begins("closing")
        return told

    def _lull(self) -> None:
        self._timeline.begins("lull")
        super()._lull()

    def _standstill(self) -> None:
        self._timeline.begins("standstill")
        super()._standstill()

    def _observe_waiting(self) -> None:
        while True:
            if self._pool is not None:
                self._timeline.waits(self._pool.stats().waiting)
            gevent.sleep(_SAMPLED_EVERY)


# A connection per command.


class RecordedPlainClient(PlainClient):
    """The client without a pool, noted in *timeline*."""

    def __init__(self, settings: Settings, server: Server, timeline: Timeline) -> None:
        super().__init__(settings, server)
        self._timeline = timeline
        self._turn = RecordedTurn(settings.sessions, timeline)
        self._recorder = _LoginRecorder()

    def work_off(
        self, commands: List[Command], advance: Callable[[], None]
    ) -> List[Told]:
        """Send *commands*; return what came of each."""
        self._timeline.begin()
        self._timeline.begins("work", len(commands))
        try:
            return super().work_off(commands, advance)
        finally:
            self._timeline.finish()

    def _make_session(self) -> Session:
        life = self._timeline.opens()
        session = Session(
            self._connect(),
            lambda: Login(ACCOUNT, PASSWORD),
            self._policy,
            self._recorder,
        )
        self._recorder.lives[session] = life
        return session

    def _log_out(self, session: Session) -> None:
        self._recorder.lives[session].becomes(CLOSING)
        super()._log_out(session)

    def _end(self, session: Session) -> None:
        super()._end(session)
        reason: Optional[DiscardReason] = session.ended
        planned = reason is not None and reason.planned
        self._timeline.ends(self._recorder.lives.pop(session), str(reason), planned)


class _LoginRecorder(EPPHooks):
    """Notes that a session has logged in, to send its command at once."""

    def __init__(self) -> None:
        self.lives: Dict[Any, Life] = {}

    def logged_in(self, session: Any, answer: Any) -> None:
        self.lives[session].becomes(BUSY)


class RecordedTurn(BoundedSemaphore):
    """The turns of the clients; who waits for one is counted in *timeline*."""

    def __init__(self, turns: int, timeline: Timeline) -> None:
        super().__init__(turns)
        self._timeline = timeline
        self._waiting = 0

    def __enter__(self) -> None:
        """Wait for a turn."""
        self._count(1)
        try:
            super().__enter__()
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._waiting += change
        self._timeline.waits(self._waiting)
