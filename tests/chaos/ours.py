"""The work over EPPPool: how a command is sent, and what the pool says of itself."""

from __future__ import annotations

import gc
from typing import Any, Dict, Tuple

import gevent

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    EPPHooks,
    EPPPool,
    Login,
    Session,
    SessionPolicy,
    client_factory,
)

__all__ = ["Ours"]

COMMAND_TIMEOUT = 2.0
PATIENCE = 8.0
_POLICY: Dict[str, Any] = {
    "idle_timeout": 3.0,
    "max_age": 9.0,
    "max_commands": 300,
    "hello_interval": 0.7,
    "command_timeout": COMMAND_TIMEOUT,
    "connect_timeout": 1.5,
}

_LOOKS = 40


def _alive(kind: type) -> int:
    """How many instances of *kind* are in memory."""
    gc.collect()
    return sum(1 for thing in gc.get_objects() if type(thing) is kind)


class _Witness(EPPHooks):
    """Notes which session a greenlet was handed, and why sessions ended."""

    def __init__(self) -> None:
        self.expired: Dict[str, int] = {}

    def acquired(self, connection: Any) -> None:
        gevent.getcurrent().session = connection  # type: ignore[attr-defined]

    def session_expired(self, session: Any, reason: Any) -> None:
        self.expired[str(reason)] = self.expired.get(str(reason), 0) + 1


class Ours:
    """A pool of *size* sessions of *account* on the registry at *port*."""

    def __init__(self, settings: Dict[str, Any]) -> None:
        account = settings["account"]
        policy = dict(_POLICY)
        if settings["probe"]:
            policy["probe"] = CheckDomain("probe.example")
        self._witness = _Witness()
        self.pool = EPPPool(
            client_factory("localhost", settings["port"], ca_file=settings["ca_file"]),
            lambda: Login(account, settings["password"]),
            settings["size"],
            kind="pool",
            policy=SessionPolicy(**policy),
            reconnect=Backoff(0.05, 0.5),
            close_timeout=1.0,
            hooks=self._witness,
            name=account,
        )

    def wait(self) -> None:
        """Until the pool is at its size."""
        self.pool.wait(20)

    def send(self, request: Any, lease: bool) -> Any:
        """Send once: on a leased session, or through the pool with its replays."""
        if not lease:
            return self.pool.send(request, timeout=PATIENCE)
        with self.pool.get(timeout=PATIENCE) as session:
            return session.send(request)

    def explain(self, error: Exception) -> Tuple[str, Dict[str, Any]]:
        """What the client was told by *error*."""
        if not isinstance(error, AmbiguousOutcome):
            return "failed", {}
        cause = error.__cause__
        session = gevent.getcurrent().session  # type: ignore[attr-defined]
        return "ambiguous", {
            "ids": list(error.cl_tr_ids),
            "cause": type(cause).__name__,
            "timeout": isinstance(cause, TimeoutError),
            "login": session.login_answer.cl_tr_id,
        }

    @property
    def open(self) -> int:
        """How many sessions there are."""
        return self.pool.stats().open

    def at_rest(self) -> Dict[str, Any]:
        """Sizes and what is left in memory, when nobody uses the pool.

        A ping or a rotation that is under way is given some seconds to end.
        """
        size = self.pool.size
        for _ in range(_LOOKS):
            alive = _alive(Session)
            stats = self.pool.stats()
            if stats.idle == size and alive == size:
                break
            gevent.sleep(0.1)
        return {
            "idle": stats.idle,
            "in_use": stats.in_use,
            "waiting": stats.waiting,
            "sessions_alive": alive,
            "expired": self._witness.expired,
        }

    def close(self) -> None:
        """Log out and close everything."""
        self.pool.close()
