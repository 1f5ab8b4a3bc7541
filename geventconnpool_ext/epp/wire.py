"""Wire: what may be written on one session's connection, and whether what comes
back can be trusted.

It knows no command and no policy. It lets one exchange happen at a time, and it
is poisoned from before the exchange begins until its answer is there: whatever
ends an exchange in between, a kill, a timeout or an error, nobody reads on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, Optional

from .deadline import Deadline
from .errors import NotSent
from .hooks import ExpiryReason
from .reasons import reason_of

if TYPE_CHECKING:
    from ..hooks import DiscardReason
    from .peer import Peer

__all__ = ["Wire"]


class Wire:
    """The connection of session *number* to *peer*; see ``Session.ended``."""

    __slots__ = ("_closed", "_number", "_using", "expired", "lost", "peer", "started")

    def __init__(self, peer: Peer, number: int) -> None:
        self.peer: Peer = peer
        self._number = number
        # A lock, not a flag: two native threads must not both see it free.
        self._using = threading.Lock()
        self._closed = False
        self.started: bool = False
        """Whether there is, or was, a connection."""
        self.lost: Optional[DiscardReason] = None
        """Why nothing more may be written or read, not even a logout."""
        self.expired: Optional[DiscardReason] = None
        """Why a connection in good order is to be used no more."""

    @property
    def ended(self) -> Optional[DiscardReason]:
        """Why it must not be used any more, or None."""
        return self.lost or self.expired

    def exchange(
        self,
        work: Callable[[], Any],
        seconds: Optional[float],
        what: str,
        reason: Callable[[BaseException], DiscardReason] = reason_of,
    ) -> Any:
        """Return what *work* returns, within *seconds*.

        Raises ``NotSent`` before *work* if nothing may be sent, and what *work*
        raises, of which *reason* makes the reason for the end; TimeoutError,
        which says *what*, after *seconds*.
        """
        if not self._using.acquire(False):
            raise NotSent(
                f"session {self._number} is in use by another greenlet or thread: "
                f"one session carries one exchange at a time"
            )
        try:
            self._require_ready()
            self.lost = ExpiryReason.interrupted
            try:
                with Deadline(seconds, what):
                    result = work()
            except BaseException as error:
                self.lost = reason(error)
                raise
            self.trust_again()
        finally:
            self._using.release()
        return result

    def last_exchange(self, work: Callable[[], Any], seconds: Optional[float]) -> None:
        """Do *work* if that is still possible; afterwards nothing is."""
        if not self.started or self.lost is not None:
            return
        if not self._using.acquire(False):
            return
        try:
            unquiet = self.peer.unquiet()
            self.lost = self.expired or unquiet or ExpiryReason.closed
            if unquiet is None:
                with Deadline(seconds, "no answer came"):
                    work()
        finally:
            self._using.release()

    def trust_again(self) -> None:
        """The answer is there. A close meanwhile stays a close."""
        self.lost = ExpiryReason.closed if self._closed else None

    def close(self) -> None:
        """Close the connection; never raises an ``Exception``."""
        self._closed = True
        self.lost = self.ended or ExpiryReason.closed
        self.peer.close()

    def abandon(self) -> None:
        """Close this process's descriptor; write nothing."""
        self._closed = True
        self.lost = ExpiryReason.forked
        self.peer.abandon()

    def _require_ready(self) -> None:
        if not self.started:
            raise NotSent(f"session {self._number} was not started")
        if self.ended is not None:
            raise NotSent(f"session {self._number} has ended: {self.ended}")
        unquiet = self.peer.unquiet()
        if unquiet is not None:
            self.lost = unquiet
            raise NotSent(f"session {self._number} has ended: {unquiet}")
