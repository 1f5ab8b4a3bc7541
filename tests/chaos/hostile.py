"""The registry of a chaos run: every fault at once, and a log for the judge.

It is the package's own registry. Added are a log of which command met which
fault and of how sessions ended, domains that exist when they are first asked for,
and an operator who restarts it, kills sessions, refuses and ignores connects.
"""

from __future__ import annotations

import random
import socket
from datetime import datetime, timezone
from typing import Any, Callable, List, Set, Tuple

import gevent

from geventconnpool_ext.testing import Fault, FaultPlan, Limits, Registry, Server
from geventconnpool_ext.testing.faults import Injection

__all__ = ["EXPIRES", "HostilePlan", "HostileRegistry", "Operator"]

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
EXPIRES = "2027-01-01"
"""When every domain expires that nobody has renewed: time of day stands still."""
DELAYS = (0.3, 3.0)
"""Seconds of a late answer: before and after the clients lose patience."""
MESSAGE_CHANCE = 0.0035
CONNECTION_CHANCE = 0.02
_ESTABLISHED = 1
"""Of the states in Linux's tcp_info: neither end has closed."""
_MADE_BEFORE = ("info", "update", "renew", "delete")


class HostilePlan(FaultPlan):
    """Every fault there is, each with its chance; logs which clTRID met which."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        for fault in Fault:
            message = fault.stage == "message"
            self.set_probability(
                fault, MESSAGE_CHANCE if message else CONNECTION_CHANCE
            )
        self.enabled = False
        self.log: List[Tuple[str, str, str, str]] = []
        """clTRID, verb, name and fault."""
        self._delays = random.Random(seed)

    def message(self, request: Any) -> Any:
        injection = super().message(request)
        if injection is not None:
            injection = Injection(injection.fault, self._delays.choice(DELAYS))
            tr_id = request.cl_tr_id or ""
            self.log.append((tr_id, request.verb, request.name, injection.fault.value))
        return injection


class HostileRegistry(Registry):
    """A registry whose domains exist once they are asked for, with a log."""

    def __init__(self, accounts: Any, size: int, seed: int) -> None:
        self.plan = HostilePlan(seed)
        limits = Limits(
            max_sessions=size, idle_timeout=4.0, max_age=12.0, max_commands=400
        )
        super().__init__(
            accounts, limits=limits, faults=self.plan, seed=seed, now=lambda: NOW
        )
        self.ends_log: List[Tuple[int, str]] = []
        """Number and reason of every session that ended."""
        self.limit_log: List[int] = []
        """For each login refused for the limit, without a fault that says so: how
        many sessions of the account there were whose client had not closed."""
        self.server: Any = None
        self._asked_for: Set[str] = set()

    def close_session(self, session: Any, reason: str) -> None:
        if session.session_id in self.sessions:
            self.ends_log.append((session.session_id, reason))
        super().close_session(session, reason)

    def execute(self, session: Any, request: Any, forced: Any = None) -> Any:
        name = request.name
        if name.startswith(_MADE_BEFORE) and name not in self._asked_for:
            self._asked_for.add(name)
            if session.client_id is not None:
                self.add_domain(name, session.client_id)
            else:
                self._asked_for.discard(name)
        answer = super().execute(session, request, forced)
        if request.verb == "login" and answer.code == 2502 and forced is None:
            self.limit_log.append(self._living(request.name))
        return answer

    def _living(self, client_id: str) -> int:
        """Sessions of an account that are open at the client's end too.

        This registry does not look at its socket while it delays an answer, so it
        counts sessions for a while that their client has closed.
        """
        return sum(
            _established(connection._wire._secure)
            for connection in self.server._connections.values()
            if connection.session is not None
            and connection.session.client_id == client_id
        )


def _established(sock: Any) -> bool:
    state: bytes = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return state[0] == _ESTABLISHED


class Operator:
    """Disturbs a server, one thing after the other, until stopped."""

    def __init__(self, server: Server, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)
        self.done: List[str] = []
        self._greenlet: Any = None

    def start(self) -> None:
        """Begin, in the background."""
        self._greenlet = gevent.spawn(self._work)

    def stop(self) -> None:
        """Cease, and leave the server accepting."""
        self._greenlet.kill()
        self._server.start()

    def _work(self) -> None:
        server, drawn = self._server, self._random
        deeds: List[Tuple[str, Callable[[], Any]]] = [
            ("restart", lambda: server.restart(drawn.uniform(0.0, 0.6))),
            ("kill_sessions_drop", lambda: server.kill_sessions("drop")),
            ("kill_sessions_close", lambda: server.kill_sessions("close")),
            ("kill_sessions_reset", lambda: server.kill_sessions("reset")),
            ("logout_all", lambda: server.logout_silently()),
            ("logout_all_2200", lambda: server.logout_silently(code=2200)),
            ("refuse", lambda: server.refuse(drawn.uniform(0.1, 0.5))),
            ("stall_connects", lambda: server.stall_connects(drawn.uniform(0.1, 0.5))),
        ]
        while True:
            # Each once, in another order each time: none is left out by chance.
            for name, deed in drawn.sample(deeds, len(deeds)):
                gevent.sleep(drawn.uniform(0.5, 2.0))
                self.done.append(name)
                deed()
