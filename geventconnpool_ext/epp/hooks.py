"""EPPHooks and ExpiryReason: what the pool's hooks and reasons gain with EPP."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, FrozenSet, NamedTuple, Optional, Tuple

from .._log import describe, log
from ..hooks import DiscardReason, PoolHooks

if TYPE_CHECKING:
    from .requests import RequestKind

__all__ = ["CommandReport", "EPPHooks", "ExpiryReason", "tell"]


class ExpiryReason(DiscardReason):
    """Why a session ended: those of ``DiscardReason``, and its own."""

    __slots__ = ()

    PLANNED: ClassVar[FrozenSet[str]] = DiscardReason.PLANNED | {
        "idle_timeout",
        "max_age",
        "max_commands",
    }

    session_gone: ClassVar[ExpiryReason]
    """An answer said that the session is logged out (``policy.session_gone``)."""
    server_ended: ClassVar[ExpiryReason]
    """An answer said that the server closes: 1500, 2500, 2501 or 2502."""
    idle_timeout: ClassVar[ExpiryReason]
    """It was unused for so long that the registry was about to end it."""
    max_age: ClassVar[ExpiryReason]
    """It reached its share of ``policy.max_age``."""
    max_commands: ClassVar[ExpiryReason]
    """It sent ``policy.max_commands`` commands."""
    eof: ClassVar[ExpiryReason]
    """The peer closed or reset the connection."""
    stray: ClassVar[ExpiryReason]
    """Bytes had arrived that no command had asked for."""
    timeout: ClassVar[ExpiryReason]
    """An answer did not come in time; it could still come, to the next command."""
    unparsable: ClassVar[ExpiryReason]
    """What came was no data unit, no EPP, or not the kind of answer due."""
    wrong_tr_id: ClassVar[ExpiryReason]
    """The answer carried another command's clTRID, or none."""
    login: ClassVar[ExpiryReason]
    """The registry refused the login, so the session never was one."""


for _name in (
    "session_gone",
    "server_ended",
    "idle_timeout",
    "max_age",
    "max_commands",
    "eof",
    "stray",
    "timeout",
    "unparsable",
    "wrong_tr_id",
    "login",
):
    setattr(ExpiryReason, _name, ExpiryReason(_name))


class CommandReport(NamedTuple):
    """What became of one ``pool.send(command)``."""

    pool: str
    """The pool's name."""
    command: Any
    """The request as the caller gave it. It can hold passwords and names."""
    kind: RequestKind
    """What it asks for, without what it holds."""
    cl_tr_ids: Tuple[str, ...]
    """Every clTRID it may have been sent with, oldest first."""
    answer: Any
    """The answer, whatever its code; None if an error was raised."""
    error: Optional[BaseException]
    """What was raised instead of an answer; None if nothing was."""
    seconds: float
    """How long it took, with waiting, login and replays."""

    def __repr__(self) -> str:
        # The command and the answer can hold passwords, an error's text as well.
        if self.error is not None:
            came = type(self.error).__name__
        else:
            came = f"code {getattr(self.answer, 'code', None)}"
        tr_ids = ", ".join(self.cl_tr_ids) or "none"
        return (
            f"<CommandReport of {self.pool!r}: {self.kind}, clTRIDs {tr_ids}, {came}, "
            f"{self.seconds:.3f} s>"
        )


class EPPHooks(PoolHooks):
    """Override the methods you want to hear about; the rest cost nothing."""

    def greeted(self, session: Any, greeting: Any) -> None:
        """A new connection received the registry's *greeting*."""

    def logged_in(self, session: Any, answer: Any) -> None:
        """A session was opened. *answer* may carry RFC 8807's warnings that a
        password or certificate expires."""

    def login_failed(self, error: BaseException) -> None:
        """A login was refused, or its answer lost."""

    def kept_alive(self, session: Any) -> None:
        """An idle session answered the keepalive."""

    def session_expiring(self, session: Any, reason: DiscardReason) -> None:
        """A session is about to be ended because of *reason*."""

    def session_expired(self, session: Any, reason: DiscardReason) -> None:
        """A session has ended because of *reason*."""

    def replayed(self, command: Any, reason: DiscardReason) -> None:
        """*command* is sent again, because of what ended its last session."""

    def sent(self, report: CommandReport) -> None:
        """``pool.send`` is about to return an answer, or to raise: see *report*.

        Not called for ``session.send``, nor for arguments that are wrong.
        """


def tell(pool_name: str, hooks: Any, name: str, *arguments: Any) -> None:
    """Call the hook *name* if *hooks* overrides it; an ``Exception`` is logged.

    *pool_name* is for that line.
    """
    hook = getattr(hooks, name, None)
    if hook is None or getattr(hook, "__func__", None) is getattr(EPPHooks, name):
        return
    try:
        hook(*arguments)
    except Exception as error:
        log(
            logging.ERROR,
            "%s: hook %s raised: %s",
            pool_name,
            name,
            describe(error),
            exc_info=True,
        )
