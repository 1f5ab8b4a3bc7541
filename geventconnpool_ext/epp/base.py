"""SessionPool: what both kinds of EPP pool add to a pool of connections.

How a session is made, kept and ended, what the policy means for the pool, and
the login circuit. Sending commands through it is in ``sending``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional, Set, Type

from .. import _arguments
from .._base import BasePool
from .._kind import chosen_kind
from .._log import log
from .._observer import Observer
from ..retry import Backoff
from .circuit import LoginCircuit
from .hooks import EPPHooks, ExpiryReason
from .policy import SessionPolicy
from .session import Session

if TYPE_CHECKING:
    from .._observer import Hook
    from .._reconnect import Reconnect
    from ..hooks import DiscardReason, PoolHooks
    from .requests import Request, RequestKind

__all__ = ["SessionPool"]


class EPPObserver(Observer):
    """Tells log and hooks what happened to sessions."""

    default_hooks: Type[PoolHooks] = EPPHooks

    def __init__(self, name: str, hooks: Optional[PoolHooks]) -> None:
        super().__init__(name, hooks)
        self.expiring: Hook = self.overridden("session_expiring")
        self.expired: Hook = self.overridden("session_expired")
        self._replayed = self.overridden("replayed")
        self.sent: Hook = self.overridden("sent")

    def replaying(
        self, command: Request, kind: RequestKind, why: DiscardReason
    ) -> None:
        """Tell that *command* is sent again, because of what ended its session."""
        log(logging.INFO, "%s: %s is sent again: %s", self.name, kind, why)
        self.call(self._replayed, command, why)


class SessionPool(BasePool[Session]):
    """The part of an EPP pool that does not depend on its kind."""

    _observer: EPPObserver
    _observer_class = EPPObserver
    _lifetime_reason = ExpiryReason.max_age

    def __init__(
        self,
        connect: Callable[[], Any],
        login: Callable[[], Request],
        size: int,
        *,
        policy: Optional[SessionPolicy] = None,
        send_hello: Optional[Callable[[Any], Any]] = None,
        exc_classes: _arguments.ExceptionClasses = (OSError,),
        min_size: Optional[int] = None,
        timeout: Optional[float] = None,
        max_waiting: Optional[int] = None,
        max_idle: Optional[float] = None,
        order: str = "fifo",
        close_timeout: float = 5.0,
        reconnect: Backoff = Backoff(),  # noqa: B008 - never changed
        max_opening: int = 2,
        leak_after: Optional[float] = None,
        hooks: Optional[PoolHooks] = None,
        kind: Optional[str] = None,
        name: Optional[str] = None,
        open: bool = True,  # noqa: A002 - the name users know
    ) -> None:
        for argument, value in (("connect", connect), ("login", login)):
            _arguments.maker(argument, value)
        if send_hello is not None and not callable(send_hello):
            raise TypeError(
                "send_hello must be a function of the client, or None; not {}".format(
                    type(send_hello).__name__
                )
            )
        if policy is None:
            policy = SessionPolicy()
        elif not isinstance(policy, SessionPolicy):
            raise TypeError(
                "policy must be a SessionPolicy, not {}".format(type(policy).__name__)
            )
        # EPPPool chose its class by it already; checked for EPPNullPool.
        chosen_kind(kind)
        self.policy = policy
        self._connect_client = connect
        self._login = login
        self._send_hello = send_hello
        self._session_hooks = hooks
        # Not logged in yet: what a forked child must let go of as well.
        self._starting: Set[Session] = set()
        self._judge = _ended
        self._worn = _worn
        if policy.command_timeout is not None:
            # A ping is a hello and a probe, and each has this bound of its own.
            self._ping_timeout = 2 * policy.command_timeout + 1
        super().__init__(
            size,
            exc_classes,
            policy.hello_interval or policy.probe_interval,
            min_size=min_size,
            timeout=timeout,
            max_waiting=max_waiting,
            max_lifetime=policy.max_age,
            max_idle=max_idle,
            check_after_idle=policy.probe_interval,
            order=order,
            close_timeout=close_timeout,
            reconnect=reconnect,
            max_opening=max_opening,
            leak_after=leak_after,
            hooks=hooks,
            name=name,
            open=open,
        )

    def _new_connection(self) -> Session:
        session = Session(
            self._connect_client(),
            self._login,
            self.policy,
            self._session_hooks,
            send_hello=self._send_hello,
            now=self._now,
            pool_name=self.name,
        )
        self._starting.add(session)
        try:
            session.start()
        finally:
            self._starting.discard(session)
        return session

    def _keepalive(self, c: Session) -> None:
        c.keep_alive()

    def _make_close(self) -> Callable[[Session, DiscardReason], None]:
        observer = self._observer
        # The rest of close_timeout is for closing the connection.
        patience = 0.8 * self._options.close_timeout

        def close(session: Session, reason: DiscardReason) -> None:
            try:
                # Within: a hook may block until close_timeout kills it.
                observer.call(observer.expiring, session, reason)
                if reason.planned:
                    session.logout(patience)
            finally:
                session.close()
            observer.call(observer.expired, session, reason)

        return close

    def _make_abandon(self) -> Callable[[Session], None]:
        return Session.abandon

    def _make_reconnect(self) -> Reconnect:
        return LoginCircuit(self._options.reconnect, self.policy, self._last_error)

    def _forked(self) -> None:
        for session in list(self._starting):
            session.abandon()
        super()._forked()


def _ended(session: Session) -> Optional[DiscardReason]:
    return session.ended


def _worn(session: Session) -> Optional[DiscardReason]:
    return session.worn
