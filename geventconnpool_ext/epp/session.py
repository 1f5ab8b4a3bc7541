"""Session: one logged-in EPP connection, and everything it alone can know.

It opens with a greeting and a login, sends commands, proves that it lives, and
says when and why it is of no more use (``ended``). What follows from that, a
new session or another attempt, is decided in ``pool``.

Which octets on its connection can be trusted is the business of ``wire``.
"""

from __future__ import annotations

import itertools
import logging
import random
import time
from typing import TYPE_CHECKING, Any, Callable, Optional

from .._log import log
from ..hooks import DiscardReason
from .commands import Logout
from .deadline import Deadline
from .errors import EPPError, NotSent
from .hooks import ExpiryReason, tell
from .login import OWN_METHODS, prepare_login, require_login
from .peer import Peer
from .policy import SessionPolicy
from .reasons import reason_after_answer, reason_after_hello, reason_of
from .replay import ambiguous, is_safe
from .requests import PreparedRequest, prepare
from .results import proves_login
from .wire import Wire

if TYPE_CHECKING:
    from .requests import Request

__all__ = ["Session"]

_numbers = itertools.count(1)


class Session:
    """One session on *client*, a client that has not connected yet.

    *client* has ``connect()``, ``close()`` and ``send(request, tr_id=...)``
    whose answers have ``code``, ``msg`` and ``cl_tr_id``: the native
    ``Client``, or another library's. *login* returns a login request, anew at
    each call. *hooks* is told of greeting, login and keepalive. *send_hello*
    is how to send hello to a client without a ``hello()`` of its own. *now* is
    a monotonic clock in seconds. *pool_name* begins its log lines, "-" for none.

    Times are of that clock; ``commands`` counts what was sent after the login,
    hello aside. One exchange at a time: a second greenlet gets ``NotSent``.
    """

    __slots__ = (
        "__weakref__",
        "_hooks",
        "_login",
        "_now",
        "_pool_name",
        "_policy",
        "_wire",
        "_worn_after",
        "commands",
        "greeting",
        "last_exchange_at",
        "login_answer",
        "number",
        "opened_at",
        "probed_at",
    )

    def __init__(
        self,
        client: Any,
        login: Callable[[], Request],
        policy: Optional[SessionPolicy] = None,
        hooks: Any = None,
        *,
        send_hello: Optional[Callable[[Any], Any]] = None,
        now: Callable[[], float] = time.monotonic,
        pool_name: str = "-",
    ) -> None:
        self._login = login
        self._policy = SessionPolicy() if policy is None else policy
        self._hooks = hooks
        self._now = now
        self._pool_name = pool_name
        self.number: int = next(_numbers)
        """Number of this session in this process, for logs."""
        peer = Peer(client, send_hello, pool_name, self.number)
        self._wire = Wire(peer, self.number)
        self.greeting: Any = None
        """The greeting received last."""
        self.login_answer: Any = None
        """The answer to the login, None before."""
        self.opened_at: Optional[float] = None
        """When the login succeeded."""
        self.last_exchange_at: Optional[float] = None
        """When the last answer or greeting came."""
        self.probed_at: Optional[float] = None
        """When an answer last proved that the session is logged in."""
        self.commands: int = 0
        """Commands sent after the login, hello aside."""
        # Each session its own, so that those of a pool do not wear out together.
        most = self._policy.max_commands
        self._worn_after = (
            None if most is None else round(most * random.uniform(0.9, 1.0))
        )

    @property
    def client(self) -> Any:
        """The client it was made with."""
        return self._wire.peer.client

    @property
    def policy(self) -> SessionPolicy:
        """The policy it keeps."""
        return self._policy

    @property
    def ended(self) -> Optional[DiscardReason]:
        """Why this session must not be used any more; None while it may be.

        During an exchange it is ``interrupted``, which stays true if the
        exchange does not come to its end.
        """
        return self._wire.ended

    @property
    def worn(self) -> Optional[DiscardReason]:
        """Why this session should soon be replaced, though it may still be used."""
        if self._worn_after is not None and self.commands >= self._worn_after:
            return ExpiryReason.max_commands
        return None

    @property
    def refused(self) -> bool:
        """Whether it ended because an answer said that it is logged out, so
        that the refused command was not executed."""
        return self._wire.lost == ExpiryReason.session_gone

    @property
    def can_hello(self) -> bool:
        """Whether there is a way to send hello."""
        return self._wire.peer.can_hello

    def start(self) -> Any:
        """Connect and log in; return the login answer.

        All of it within ``policy.connect_timeout``. Raises ``LoginRejected``
        (2200, 2501), ``SessionLimit`` (2502), another ``EPPError``, or whatever
        the client raises; the client is closed then.
        """
        if self._wire.started:
            raise EPPError("a session starts once: make a new one")
        self._wire.started = True
        try:
            with Deadline(self._policy.connect_timeout, "connect and login not done"):
                # Before the connect: some registries wait only seconds for it.
                login = self._login()
                prepared = prepare_login(login)
                self.greeting = self._wire.peer.connect()
                tell(self._pool_name, self._hooks, "greeted", self, self.greeting)
                # No bound of its own: there is one over everything.
                answer = self._exchange(login, prepared, None)
                require_login(answer)
                self.login_answer = answer
                self.opened_at = self.probed_at = self.last_exchange_at
            # Who is killed in this hook hands the session to nobody: it closes.
            tell(self._pool_name, self._hooks, "logged_in", self, self.login_answer)
        except BaseException as error:
            # Now, not in the exchange, is it known whose timeout it was.
            self._wire.lost = reason_of(error)
            self._wire.peer.close()
            if self.greeting is not None and isinstance(error, Exception):
                tell(self._pool_name, self._hooks, "login_failed", error)
            raise
        return self.login_answer

    def send(
        self,
        command: Request,
        *,
        tr_id: Optional[str] = None,
        timeout: Optional[float] = None,
        believe_login: bool = False,
        prepared: Optional[PreparedRequest] = None,
    ) -> Any:
        """Send *command* once and return the answer, whatever its code.

        *tr_id* is the clTRID (default: a new one); *prepared* is *command* with its
        clTRID, from who has prepared it already. All of it is bounded by
        ``policy.command_timeout``, and by *timeout* if that is less. An answer
        that says 'logged out' ends the session, unless the policy's probe, sent
        at once in the time that is left, still succeeds; with *believe_login* it
        does not, because the login is known to be recent.

        Raises TypeError or ValueError for a request that is none or too large, with
        no harm done; ``NotSent`` if not one octet was written; ``AmbiguousOutcome`` if
        the answer to a command that is not safe to repeat was lost; the loss
        itself if it is safe: ``EPPError``, ``OSError``, ``TimeoutError``.
        After an answer ``ended`` tells whether the session can go on.
        """
        limits = (self._policy.command_timeout, timeout)
        seconds = min((s for s in limits if s is not None), default=None)
        began = self._now()
        answer = self._send(command, prepared or prepare(command, tr_id), seconds)
        if self.refused:
            left = None if seconds is None else seconds - (self._now() - began)
            if believe_login or self._still_logged_in(left):
                self._wire.trust_again()
                self._count_down()
        return answer

    def _send(
        self, command: Request, prepared: PreparedRequest, seconds: Optional[float]
    ) -> Any:
        """One command, its answer, and what that means for the session."""
        hint = OWN_METHODS.get(prepared.kind.verb)
        if hint is not None:
            raise ValueError(f"{prepared.kind.verb} is not for send(): {hint}")
        self._wire.peer.validate(prepared)
        if seconds is not None and seconds <= 0:
            raise NotSent(f"no time was left to send {prepared.kind}")
        try:
            answer = self._exchange(command, prepared, seconds)
        except NotSent:
            raise
        except Exception as error:
            if is_safe(prepared.kind):
                raise
            raise ambiguous(command, prepared, error) from error
        self.commands += 1
        self._judge(command, answer)
        return answer

    def hello(self) -> Any:
        """Send hello and return the greeting, within ``policy.command_timeout``.

        It proves that the peer lives, not that the session is logged in. A
        failure ends the session: a greeting that comes late has no clTRID by
        which it could be told from the next one.
        """
        if not self.can_hello:
            raise EPPError("the client has no hello(): give send_hello")
        greeting = self._wire.exchange(
            self._wire.peer.hello,
            self._policy.command_timeout,
            "no answer to hello came",
            reason_after_hello,
        )
        self.last_exchange_at = self._now()
        self.greeting = greeting
        return greeting

    def probe(self) -> Any:
        """Send ``policy.probe`` and return its answer: the login still holds.

        Raises ``EPPError`` if the probe fails or is refused because the session
        is logged out; the session has ended then. ValueError without a probe.
        """
        request = self._policy.probe_request()
        if request is None:
            raise ValueError("policy.probe is not set, so there is nothing to send")
        try:
            # Not send(): a refused probe must not be probed again.
            answer = self._send(request, prepare(request), self._policy.command_timeout)
        except OSError as error:
            raise EPPError(f"the probe of {self!r} failed") from error
        if self._wire.lost is not None:
            raise EPPError(f"the probe of {self!r} was answered by {answer.code}")
        return answer

    def probe_due(self) -> bool:
        """Whether the login was last proved longer ago than the policy wants."""
        interval = self._policy.probe_interval
        if interval is None:
            return False
        return self.probed_at is None or self._now() - self.probed_at >= interval

    def keep_alive(self) -> None:
        """Send hello, and the probe if it is due; any failure ends the session.

        A session that the registry is about to end for idleness, because no
        hello was sent in time, expires instead.
        """
        idle = self._now() - (self.last_exchange_at or self._now())
        limit, interval = self._policy.idle_timeout, self._policy.hello_interval
        if limit is not None and idle >= limit:
            self.expire(ExpiryReason.idle_timeout)
            return
        probe_due = self.probe_due()
        if self.can_hello and not (
            # Checked on checkout: the probe shows more than a hello would.
            probe_due and interval is not None and idle < interval
        ):
            self.hello()
        if probe_due:
            self.probe()
        tell(self._pool_name, self._hooks, "kept_alive", self)

    def expire(self, reason: DiscardReason) -> None:
        """End a healthy session because of *reason*; a logout is still possible."""
        if self._wire.expired is None:
            self._wire.expired = reason

    def logout(self, timeout: Optional[float] = None) -> None:
        """Log out within *timeout* seconds, if that is still possible.

        Never raises an ``Exception``: a logout that fails loses nothing. The
        connection is left for ``close()``.
        """
        peer, request = self._wire.peer, Logout()
        try:
            prepared = prepare(request)
            self._wire.last_exchange(lambda: peer.send(request, prepared), timeout)
        except Exception as error:
            log(
                logging.DEBUG,
                "%s: session %d: no logout: %s",
                self._pool_name,
                self.number,
                type(error).__name__,
            )

    def close(self) -> None:
        """Close the connection without a logout. Never raises an ``Exception``."""
        self._wire.close()

    def abandon(self) -> None:
        """Give up, in a forked child, what the parent goes on using.

        The descriptor of this process is closed; nothing is written.
        """
        self._wire.abandon()

    def __repr__(self) -> str:
        if self.ended is not None:
            state = f"ended: {self.ended}"
        else:
            state = "not started" if self.opened_at is None else "ready"
        return f"<Session {self.number}, {state}, {self.commands} commands>"

    def _exchange(
        self, command: Request, prepared: PreparedRequest, seconds: Optional[float]
    ) -> Any:
        """One request and the answer to it."""
        peer = self._wire.peer
        answer = self._wire.exchange(
            lambda: peer.send(command, prepared),
            seconds,
            f"no answer to {prepared.kind} came",
        )
        self.last_exchange_at = self._now()
        return answer

    def _judge(self, command: Request, answer: Any) -> None:
        """Say whether the session goes on after *answer*."""
        reason = self._reason_after(command, answer)
        if reason is not None:
            self._wire.lost = reason
            return
        if proves_login(answer.code):
            self.probed_at = self.last_exchange_at
        self._count_down()

    def _count_down(self) -> None:
        """End the session after its last command."""
        if self._used_up:
            self.expire(ExpiryReason.max_commands)

    @property
    def _used_up(self) -> bool:
        maximum = self._policy.max_commands
        return maximum is not None and self.commands >= maximum

    def _reason_after(self, command: Request, answer: Any) -> Optional[DiscardReason]:
        gone, pool_name = self._policy.session_gone, self._pool_name
        return reason_after_answer(command, answer, gone, pool_name, self.number)

    def _still_logged_in(self, seconds: Optional[float]) -> bool:
        """Ask by the probe, right after an answer that says otherwise."""
        gone = True
        try:
            request = self._policy.probe_request()
            too_late = seconds is not None and seconds <= 0
            if request is None or too_late or self._used_up:
                return False
            prepared = prepare(request)
            self._wire.trust_again()
            answer = self._exchange(request, prepared, seconds)
            self.commands += 1
            ended = self._reason_after(request, answer) is not None
            # 2400, say, proves nothing: a session in doubt is given up.
            gone = ended or not proves_login(answer.code)
        except Exception as error:
            log(
                logging.DEBUG,
                "%s: session %d: probe after a refusal failed: %s",
                self._pool_name,
                self.number,
                type(error).__name__,
            )
        # Whatever became of it, the command itself was refused unexecuted.
        self._wire.lost = ExpiryReason.session_gone
        if gone:
            return False
        self.probed_at = self.last_exchange_at
        return True
