"""Which reason fits a session that an exchange has ended with an exception."""

from __future__ import annotations

import socket

from ..hooks import DiscardReason
from .answers import UnexpectedAnswer
from .errors import EPPError, LoginRejected, NotSent, SessionLimit
from .framing import TruncatedFrame
from .hooks import ExpiryReason
from .results import ends_session

__all__ = ["reason_after_hello", "reason_of"]


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
