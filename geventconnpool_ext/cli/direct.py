"""The run without a pool: every command logs in and out on its own connection.

As a plain program does it: whatever goes wrong, connect again and send the same
command again, at most three times. As many connections at once as the pool has
sessions. What the pool does instead is in ``pooled``.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Callable, Dict, List

import gevent
from gevent.lock import BoundedSemaphore

from ..epp import EPPError, Login, Session, client_factory
from ..testing import Registry, Server
from .clients import TRY_AGAIN, Answered, explain, work_off
from .settings import ACCOUNT, PASSWORD, Settings
from .verdict import judge, measure
from .work import make_work

if TYPE_CHECKING:
    from .verdict import Measured, Told
    from .work import Command

__all__ = ["PlainClient", "run_direct"]

MOST_ATTEMPTS = 3
_LOGGED_OUT = frozenset((2002, 2200))


def run_direct(
    settings: Settings,
    advance: Callable[[], None],
    make_client: Callable[[Settings, Server], PlainClient],
) -> Measured:
    """Send the work of *settings* with a connection per command.

    *make_client* makes the client that does it.
    """
    registry = Registry(
        {ACCOUNT: PASSWORD},
        limits=settings.limits(),
        latency=settings.latency,
        faults=settings.faults(),
        seed=settings.seed,
    )
    commands = make_work(registry, settings.commands, settings.seed)
    with Server(registry) as server:
        plain = make_client(settings, server)
        began = time.monotonic()
        told = plain.work_off(commands, advance)
        seconds = time.monotonic() - began
        counters = registry.counters()
    verdict = judge(told, registry.record)
    return measure(told, verdict, counters, plain.expired, seconds)


class PlainClient:
    """Sends commands to *server*, each on a connection of its own."""

    def __init__(self, settings: Settings, server: Server) -> None:
        self._connect = client_factory(
            "localhost", server.port, ca_file=server.certificates.ca_file
        )
        self._clients = settings.clients
        self._policy = settings.policy()
        self._turn = BoundedSemaphore(settings.sessions)
        self.expired: Dict[str, int] = Counter()
        """Sessions by the reason for which they ended."""

    def work_off(
        self, commands: List[Command], advance: Callable[[], None]
    ) -> List[Told]:
        """Send *commands*; return what came of each."""
        return work_off(commands, self._clients, self.carry, advance)

    def carry(self, command: Command) -> Answered:
        """Send *command* until it is answered, at most three times."""
        problem = ""
        answers: List[Any] = []
        for _ in range(MOST_ATTEMPTS):
            try:
                with self._turn:
                    answer = self._attempt(command)
            except (EPPError, OSError) as error:
                problem = explain(error)
                continue
            finally:
                # Or who gives a turn back takes the next one too, and the others
                # wait until it has nothing left to send.
                gevent.sleep(0)
            answers.append(answer)
            if answer.success:
                return True, "", answers
            problem = "answered {}".format(answer.code)
            if answer.code not in TRY_AGAIN | _LOGGED_OUT:
                break
        return False, problem, answers

    def _attempt(self, command: Command) -> Any:
        session = self._make_session()
        try:
            session.start()
            answer = session.send(command.request)
            self._log_out(session)
            return answer
        finally:
            self._end(session)

    def _make_session(self) -> Session:
        return Session(self._connect(), lambda: Login(ACCOUNT, PASSWORD), self._policy)

    def _log_out(self, session: Session) -> None:
        session.logout(self._policy.command_timeout)

    def _end(self, session: Session) -> None:
        session.close()
        self.expired[str(session.ended)] += 1
