"""The run through the pool: the same work, on sessions that stay.

In three parts, with a lull between the first two, in which keepalive and
rotation have nothing but time, and a standstill of the whole process between
the last two, as of a suspended machine, after which every session has been
idle for too long. Neither counts as time worked.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple

import gevent
from gevent.event import Event

from ..epp import (
    AmbiguousOutcome,
    EPPError,
    EPPHooks,
    EPPPool,
    ExpiryReason,
    InfoDomain,
    Login,
    NotSent,
    client_factory,
)
from ..testing import Registry, Server
from .clients import TRY_AGAIN, Answered, explain, work_off
from .settings import ACCOUNT, PASSWORD, Settings
from .verdict import judge, measure
from .work import make_work

if TYPE_CHECKING:
    from ..hooks import DiscardReason
    from .verdict import Measured, Told, Verdict
    from .work import Command

    Worked = Tuple[List[Told], float]

__all__ = ["PooledRun", "Watcher"]

MOST_ATTEMPTS = 5


class Watcher(EPPHooks):
    """Counts why sessions ended, and tells who waits for it."""

    def __init__(self) -> None:
        self.expired: Dict[str, int] = Counter()
        """Sessions by the reason for which they ended."""
        self.kept: int = 0
        """Sessions kept alive by a hello."""
        self._changed = Event()

    def kept_alive(self, session: Any) -> None:
        """Count a hello that was answered."""
        self.kept += 1
        self._changed.set()

    def session_expired(self, session: Any, reason: DiscardReason) -> None:
        """Count a session that ended."""
        self.expired[str(reason)] += 1
        self._changed.set()

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Return when *condition* holds, or *seconds* are over."""
        until = time.monotonic() + seconds
        while not condition() and time.monotonic() < until:
            self._changed.clear()
            self._changed.wait(0.05)


class PooledRun:
    """Sends the work of *settings* through a pool.

    *advance* is told of every command that came to its end.
    """

    def __init__(self, settings: Settings, advance: Callable[[], None]) -> None:
        self._settings = settings
        self._policy = settings.policy(probing=True)
        self._advance = advance
        self._watcher = Watcher()
        self._pool: Optional[EPPPool] = None
        self._working = True
        self.verdict: Optional[Verdict] = None
        """What went wrong, after ``run``."""

    @property
    def status(self) -> str:
        """What goes on in the pool at this moment, in a few words."""
        if self._pool is None:
            return ""
        stats = self._pool.stats()
        doing = "{} waiting".format(stats.waiting) if self._working else "a lull"
        return "{} of {} sessions, {}".format(stats.open, stats.size, doing)

    def run(self) -> Measured:
        """Do it, and return the figures."""
        settings = self._settings
        registry = Registry(
            {ACCOUNT: PASSWORD},
            limits=settings.limits(),
            latency=settings.latency,
            faults=settings.faults(),
            seed=settings.seed,
        )
        commands = make_work(registry, settings.commands, settings.seed)
        with Server(registry) as server:
            told, seconds = self._work(server, commands)
            counters = registry.counters()
        self.verdict = verdict = judge(told, registry.record)
        return measure(told, verdict, counters, self._watcher.expired, seconds)

    def _work(self, server: Server, commands: List[Command]) -> Worked:
        """Send *commands*; return what came of each, and the seconds at work."""
        connect = client_factory(
            "localhost", server.port, ca_file=server.certificates.ca_file
        )
        third = -(-len(commands) // 3)
        told: List[Told] = []
        worked = 0.0
        with self._make_pool(connect) as pool:
            self._pool = pool
            # Once in the life of a program, so no part of its rate.
            pool.wait(self._settings.patience)
            # Nothing follows the last part.
            interludes = self._lull, self._standstill, None
            for number, interlude in enumerate(interludes):
                part = commands[third * number : third * (number + 1)]
                resumed = time.monotonic()
                told += self._work_off(part)
                worked += time.monotonic() - resumed
                if interlude is not None:
                    self._working = False
                    interlude()
                    self._working = True
        self._pool = None
        return told, worked

    def _make_pool(self, connect: Callable[[], Any]) -> EPPPool:
        return EPPPool(
            connect,
            lambda: Login(ACCOUNT, PASSWORD),
            self._settings.sessions,
            kind="pool",
            policy=self._policy,
            hooks=self._watcher,
            max_opening=self._settings.sessions,
            name="demo",
        )

    def _work_off(self, part: List[Command]) -> List[Told]:
        return work_off(part, self._settings.clients, self._carry, self._advance)

    # What happens between the parts of the work.

    def _lull(self) -> None:
        """Leave the sessions to keepalive and rotation for a while."""
        watcher = self._watcher
        aged = watcher.expired[ExpiryReason.max_age]
        kept = watcher.kept
        self._wait_until(
            lambda: watcher.kept > kept and watcher.expired[ExpiryReason.max_age] > aged
        )

    def _standstill(self) -> None:
        """Stop the whole process until every session has been idle too long."""
        watcher = self._watcher
        idle = watcher.expired[ExpiryReason.idle_timeout]
        # Blocking on purpose: not even a hello goes out.
        time.sleep(1.1 * (self._policy.idle_timeout or 0))
        self._wait_until(lambda: watcher.expired[ExpiryReason.idle_timeout] > idle)

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for *condition*, and until the pool is whole again."""
        pool = self._pool
        assert pool is not None
        bound = 2 * (self._policy.max_age or 0) + 2
        self._watcher.wait_until(condition, bound)
        self._watcher.wait_until(lambda: pool.stats().open == pool.size, bound)

    # One client.

    def _carry(self, command: Command) -> Answered:
        """Have *command* done, as a careful client does: what may have been
        executed is looked up before it is sent again."""
        problem = ""
        answers: List[Any] = []
        for _ in range(MOST_ATTEMPTS):
            try:
                answer = self._send(command.request)
            except AmbiguousOutcome as error:
                problem = explain(error)
                if self._took_effect(command, answers):
                    return True, "", answers
                continue
            except NotSent as error:
                problem = explain(error)
                continue
            except (EPPError, OSError) as error:
                # Only a command that changes nothing gets here.
                problem = explain(error)
                if command.took_effect is not None:
                    break
                continue
            answers.append(answer)
            if answer.success:
                return True, "", answers
            problem = "answered {}".format(answer.code)
            if answer.code not in TRY_AGAIN:
                break
            gevent.sleep(self._settings.latency)
        return False, problem, answers

    def _took_effect(self, command: Command, answers: List[Any]) -> bool:
        """Ask the registry whether *command* was executed.

        Raises EPPError or OSError if there is no way to find out.
        """
        assert command.took_effect is not None
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                answer = self._send(InfoDomain(command.name))
            except (EPPError, OSError):
                if attempt == MOST_ATTEMPTS:
                    raise
                continue
            answers.append(answer)
            if answer.code not in TRY_AGAIN:
                return command.took_effect(answer)
            gevent.sleep(self._settings.latency)
        raise EPPError("info was answered by {} only".format(answers[-1].code))

    def _send(self, request: Any) -> Any:
        assert self._pool is not None
        return self._pool.send(request, timeout=self._settings.patience)
