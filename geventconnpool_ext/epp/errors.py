"""The errors only an EPP session can have.

None of them is an ``OSError``: ``@retry`` with its default classes never
repeats a command because of one. No message carries a request's text, since a
request can hold passwords and authInfo.
"""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from ..errors import PoolError

__all__ = [
    "AmbiguousOutcome",
    "EPPError",
    "FramingError",
    "LoginRejected",
    "NotSent",
    "SessionLimit",
]


class EPPError(PoolError):
    """Base of the errors of EPP sessions; itself raised for an answer that
    cannot be trusted: not parsable, not an answer, or not to this command."""


class FramingError(EPPError):
    """The bytes received are no EPP data unit (RFC 5734 section 4)."""


class NotSent(EPPError):
    """Not one byte of the command was written, so sending it again is safe."""


class LoginRejected(EPPError):
    """The registry refused the login (2200 or 2501).

    Arguments: *code* and *msg* of the login answer.
    """

    def __init__(self, message: str, code: int = 0, msg: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.msg = msg


class SessionLimit(EPPError):
    """The registry counts too many sessions of this account (2502 at login)."""


class AmbiguousOutcome(EPPError):
    """A command that changes something was sent, and its answer was lost.

    The registry may or may not have executed it (RFC 5734 section 3). Ask it,
    by info, before sending again. ``__cause__`` is what was lost and how.

    Arguments: *command* is the request as the caller gave it, *cl_tr_ids*
    every clTRID it was sent with, oldest first. A copied or pickled one has None
    for *command*: what leaves this process must not carry an authInfo.
    """

    def __init__(self, message: str, command: Any, cl_tr_ids: Sequence[str]) -> None:
        super().__init__(message)
        self.command = command
        self.cl_tr_ids: Tuple[str, ...] = tuple(cl_tr_ids)

    def __reduce__(self) -> Tuple[Any, ...]:
        # The rest too: __notes__, and what a subclass or a caller has added.
        state = dict(vars(self), command=None)
        return type(self), (str(self), None, self.cl_tr_ids), state
