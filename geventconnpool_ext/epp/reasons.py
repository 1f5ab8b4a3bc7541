"""Which reason fits a session that an exchange has ended: by an exception, or by an
answer."""

from __future__ import annotations

import logging
import socket
from typing import Any, Callable, Optional

from .._log import describe, log
from ..hooks import DiscardReason
from .answers import UnexpectedAnswer
from .errors import EPPError, LoginRejected, NotSent, SessionLimit
from .framing import TruncatedFrame
from .hooks import ExpiryReason
from .results import ends_session

__all__ = ["reason_after_answer", "reason_after_hello", "reason_of"]


def reason_of(error: BaseException) -> DiscardReason:
    """Which reason fits a session that *error* has ended."""
    if not isinstance(error, Exception):
        return ExpiryReason.interrupted
    if isinstance(error, NotSent):
        return ExpiryReason.error
    if isinstance(error, (LoginRejected, SessionLimit)):
        return ExpiryReason.login
    if isinstance(error, UnexpectedAnswer):
        return ExpiryReason.wrong_tr_id
    if isinstance(error, EPPError) and isinstance(error.__cause__, OSError):
        # Another library's words for it.
        return reason_of(error.__cause__)
    if isinstance(error, (TimeoutError, socket.timeout)):
        return ExpiryReason.timeout
    if isinstance(error, (ConnectionError, EOFError, TruncatedFrame)):
        return ExpiryReason.eof
    if isinstance(error, EPPError):
        return ExpiryReason.unparsable
    return ExpiryReason.error


def reason_after_hello(error: BaseException) -> DiscardReason:
    """As ``reason_of``; a response to hello says itself what it means."""
    if isinstance(error, UnexpectedAnswer):
        if error.code == 2002:
            return ExpiryReason.session_gone
        if ends_session(error.code):
            return ExpiryReason.server_ended
        return ExpiryReason.unparsable
    return reason_of(error)


def reason_after_answer(
    command: Any,
    answer: Any,
    session_gone: Callable[[Any, Any], bool],
    pool_name: str,
    number: int,
) -> Optional[DiscardReason]:
    """Which reason fits the session that got *answer*; None if it goes on.

    *session_gone* is the policy's predicate. The name of the pool and the number of
    the session are for the log line if it raises.
    """
    if ends_session(answer.code):
        return ExpiryReason.server_ended
    try:
        gone = session_gone(command, answer)
    except Exception as error:
        # The answer is the caller's all the same; the session is suspect.
        log(
            logging.ERROR,
            "%s: session %d: session_gone raised: %s",
            pool_name,
            number,
            describe(error),
            exc_info=True,
        )
        return ExpiryReason.error
    return ExpiryReason.session_gone if gone else None
