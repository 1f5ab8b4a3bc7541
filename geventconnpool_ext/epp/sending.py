"""``send``: one command through a pool of sessions, whatever happens to them.

Attempts, deadlines and what may be sent again. Which failure allows what is in
``replay``; what an answer does to a session, in ``session``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Union

from .. import _arguments
from .._arguments import UNSET, Unset
from ..errors import PoolTimeout
from ..hooks import DiscardReason
from ..lease import ObservedLease
from .base import SessionPool
from .errors import AmbiguousOutcome, EPPError, NotSent
from .framing import check_size
from .hooks import CommandReport, ExpiryReason
from .login import OWN_METHODS
from .peer import limit_of
from .replay import check_mode, may_replay
from .requests import PreparedRequest, prepare
from .session import Session

if TYPE_CHECKING:
    from .requests import Request, RequestKind

__all__ = ["SendingPool"]

MOST_ATTEMPTS = 3


class NewSessionLease(ObservedLease[Session]):
    """A lease of a session that was logged in after a given time."""

    __slots__ = ("_opened_after",)

    def __init__(
        self, pool: SessionPool, timeout: Optional[float], opened_after: float
    ) -> None:
        super().__init__(pool, timeout)
        self._opened_after = opened_after

    def __enter__(self) -> Session:
        self._entry = entry = self._pool._obtain(
            self, self._timeout, self._opened_after
        )
        leaks = self._pool._leaks
        if leaks is not None:
            leaks.took(entry)
        self._announce(entry.connection)
        return entry.connection  # type: ignore[no-any-return]


def _is_loss(session: Session, error: Exception) -> bool:
    """Whether *error* can come from an exchange, and not from its caller.

    Our clients' losses are of known classes; another library's may be of any.
    """
    known = isinstance(error, (EPPError, OSError))
    return known or not getattr(session.client, "takes_prepared", False)


class Outcome(NamedTuple):
    """What came of one attempt."""

    answer: Any
    error: Optional[Exception]
    reason: DiscardReason
    """Why its session ended, if it did."""
    opened_at: float
    """When its session was logged in."""
    refused_at: Optional[float]
    """When the command was refused because the session is logged out, else None."""


class SendingPool(SessionPool):
    """An EPP pool that sends commands by itself."""

    def send(
        self,
        command: Request,
        *,
        timeout: Union[float, Unset, None] = UNSET,
        replay: str = "safe",
    ) -> Any:
        """Send *command* on a session of the pool and return its answer.

        A command refused because its session was logged out is sent once more,
        on a session logged in since. An exchange that was lost is repeated if
        the command changes nothing (check, info, poll request, transfer query),
        or if not one byte of it was written; at most 3 attempts, each with a
        clTRID of its own.

        Arguments:
            command: bytes, a str, or an object with ``xml(tr_id=...)``.
            timeout: seconds for everything: waiting, connect, login, probe,
                send and replays. None: no bound. Default:
                ``policy.command_timeout``.
            replay: "safe", as above, or "never": a lost exchange is not
                repeated, whatever the command.

        Raises TypeError or ValueError for a wrong argument, or a request above the
        client's limit, at once; ``AmbiguousOutcome`` where a command that changes
        something may have been executed; ``NotSent`` where it was not;
        PoolTimeout, PoolFull, PoolClosed or LoginRejected while waiting for a
        session; the loss itself (EPPError, OSError) of a command that changes
        nothing.
        """
        check_mode(replay)
        bound = (
            self.policy.command_timeout
            if isinstance(timeout, Unset)
            else _arguments.timeout(timeout)
        )
        # Raises here what is wrong with it, before a session is asked for.
        prepared = prepare(command)
        kind = prepared.kind
        if kind.verb in OWN_METHODS:
            raise ValueError(
                "{} is not for send(): the pool does it for its sessions".format(
                    kind.verb
                )
            )
        limit = limit_of(self._connect_client)
        if limit is not None:
            check_size(prepared.data, limit)
        began = self._now()
        cl_tr_ids: List[str] = []
        try:
            answer = self._send(command, prepared, began, bound, replay, cl_tr_ids)
        except BaseException as error:
            self._report_sent(command, kind, began, cl_tr_ids, None, error)
            raise
        self._report_sent(command, kind, began, cl_tr_ids, answer, None)
        return answer

    def _report_sent(
        self,
        command: Request,
        kind: RequestKind,
        began: float,
        cl_tr_ids: List[str],
        answer: Any,
        error: Optional[BaseException],
    ) -> None:
        sent = self._observer.sent
        if sent is not None:
            seconds = self._now() - began
            report = CommandReport(
                self.name, command, kind, tuple(cl_tr_ids), answer, error, seconds
            )
            self._observer.call(sent, report)

    def _send(
        self,
        command: Request,
        prepared: PreparedRequest,
        began: float,
        bound: Optional[float],
        replay: str,
        cl_tr_ids: List[str],
    ) -> Any:
        """Send until there is an answer, or nothing more may be tried."""
        kind = prepared.kind
        refused_at: Optional[float] = None
        attempts = 0
        while True:
            outcome = self._attempt(
                command, prepared, began, bound, refused_at, cl_tr_ids
            )
            # A session that died before this call cost nothing but a look.
            stale = isinstance(outcome.error, NotSent) and outcome.opened_at < began
            if not stale:
                attempts += 1
            if outcome.error is None:
                if refused_at is not None or outcome.refused_at is None:
                    return outcome.answer
                if attempts >= MOST_ATTEMPTS:
                    return outcome.answer
                refused_at = outcome.refused_at
            elif attempts >= MOST_ATTEMPTS or not may_replay(
                kind, isinstance(outcome.error, NotSent), replay
            ):
                raise outcome.error
            self._observer.replaying(command, kind, outcome.reason)
            # Each attempt has a clTRID of its own.
            prepared = prepare(command)

    def _attempt(
        self,
        command: Request,
        prepared: PreparedRequest,
        began: float,
        bound: Optional[float],
        refused_at: Optional[float],
        cl_tr_ids: List[str],
    ) -> Outcome:
        """Send once. An Exception of the exchange is part of the outcome; what
        prevents an exchange, or kills this greenlet, is raised."""
        left = self._left(began, bound)
        # A timeout of 0 asks all the same: it may hear that the pool is closed.
        if bound and left is not None and left <= 0:
            raise self._too_late(prepared.kind, bound)
        lease = (
            self.get(left)
            if refused_at is None
            else NewSessionLease(self, left, refused_at)
        )
        with lease as session:
            left = self._left(began, bound)
            if left is not None and left <= 0:
                raise self._too_late(prepared.kind, bound)
            cl_tr_ids.append(prepared.tr_id)
            try:
                answer = session.send(
                    command,
                    prepared=prepared,
                    timeout=left,
                    # Logged in after a refusal: the next one is no matter of
                    # the login, and the caller's to read.
                    believe_login=refused_at is not None,
                )
            except AmbiguousOutcome as error:
                raise AmbiguousOutcome(str(error), command, cl_tr_ids) from (
                    error.__cause__
                )
            except Exception as error:
                if session.ended is None or not _is_loss(session, error):
                    # The command is at fault, or it is the caller's own timeout.
                    raise
                left = self._left(began, bound)
                if isinstance(error, NotSent):
                    cl_tr_ids.pop()
                elif left is not None and left <= 0:
                    raise self._too_late(prepared.kind, bound) from error
                return self._outcome(session, None, error)
            # Here, not after the lease: then the session may be another's already,
            # and refuse his command.
            outcome = self._outcome(session, answer, None)
        return outcome

    def _outcome(
        self, session: Session, answer: Any, error: Optional[Exception]
    ) -> Outcome:
        return Outcome(
            answer,
            error,
            session.ended or ExpiryReason.error,
            session.opened_at or 0.0,
            self._now() if session.refused else None,
        )

    def _left(self, began: float, bound: Optional[float]) -> Optional[float]:
        return None if bound is None else max(began + bound - self._now(), 0.0)

    def _too_late(self, kind: RequestKind, bound: Optional[float]) -> PoolTimeout:
        return PoolTimeout(
            "{}: no answer to {} within {:g} s; nothing was changed".format(
                self.name, kind, bound or 0
            )
        )
