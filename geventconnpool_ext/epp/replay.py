"""Which command may be sent again after which failure. Pure functions.

After a lost exchange nobody knows whether the registry executed the command
(RFC 5734 section 3), so only what changes nothing is repeated. How often, and
on which session, is the pool's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import AmbiguousOutcome
from .requests import RequestKind

if TYPE_CHECKING:
    from .requests import PreparedRequest, Request

__all__ = ["ambiguous", "check_mode", "is_safe", "may_replay"]

_MODES = ("safe", "never")

# Extensions by which a check, an info or a query asks for more, or asks elsewhere, and
# changes nothing: fees (RFC 8748 and its drafts), launch phases (RFC 8334), allocation
# tokens (RFC 8495), the language of a name, and the register of Verisign's that is
# meant. One that is not here may order something: EURid's authInfo has an info make a
# new code.
_READ_ONLY = re.compile(
    r"(urn:ietf:params:xml:ns:(epp:)?(fee|launch|allocationToken|idn)"
    r"|http://www\.verisign-grs\.com/epp/namestoreExt)-[0-9]+(\.[0-9]+)*\Z"
)


def check_mode(mode: str) -> str:
    """Return *mode* if it is ``"safe"`` or ``"never"``, else raise ValueError."""
    if mode not in _MODES:
        raise ValueError(f'replay must be "safe" or "never", not {mode!r}')
    return mode


def is_safe(kind: RequestKind) -> bool:
    """Whether a command changes nothing, so that twice is as good as once.

    check, info, hello, poll request and transfer query. What an extension adds,
    a command or a part of one, is unsafe unless it is known to change nothing.
    """
    if not all(map(_READ_ONLY.match, kind.extensions)):
        return False
    if kind.verb in ("check", "info", "hello"):
        return True
    if kind.verb == "poll":
        return kind.op == "req"
    if kind.verb == "transfer":
        return kind.op == "query"
    return False


def may_replay(kind: RequestKind, error_not_sent: bool, mode: str = "safe") -> bool:
    """Whether a command of *kind* may be sent again after its attempt failed.

    *error_not_sent*: the failure was ``NotSent``, so nothing can have been
    executed, and sending is allowed in both modes. Otherwise the exchange was
    lost, and *mode* decides: ``"safe"`` repeats what ``is_safe``, ``"never"``
    repeats nothing. Any other mode raises ValueError.
    """
    check_mode(mode)
    return error_not_sent or (mode == "safe" and is_safe(kind))


def ambiguous(
    command: Request, prepared: PreparedRequest, error: Exception
) -> AmbiguousOutcome:
    """The error for a *command*, not safe to repeat, whose answer *error* lost."""
    kind = f"{prepared.kind}{' with an extension' if prepared.kind.extensions else ''}"
    return AmbiguousOutcome(
        f"{kind} (clTRID {prepared.tr_id}) was sent and its answer lost "
        f"({type(error).__name__}): ask the registry whether it was executed before "
        f"sending it again",
        command,
        [prepared.tr_id],
    )
