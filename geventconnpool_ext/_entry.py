"""Entry: one connection a pool holds, and what is known about it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .hooks import DiscardReason

if TYPE_CHECKING:
    from ._taken import Taken

NEVER = float("inf")
AT_ONCE = float("-inf")

HELD, PINGING, CLOSING, GONE = "held", "pinging", "closing", "gone"
# Being pinged because somebody waits for it.
ASKED = "asked"
# Put before a waiter who has not woken yet, so that nobody leases it.
HANDED = "handed"


class Entry:
    """One connection the pool holds, and what is known about it.

    ``holder`` is whoever uses it, or None; that a lease compares it with itself
    on the way out is what makes a second return harmless. ``attention_at`` is
    the time from which a return needs more thought than 'back to idle': the
    fast path looks at nothing else. ``idle_since`` is its last return or ping.
    ``taken`` is noted for ``leak_after`` alone.
    """

    __slots__ = (
        "connection",
        "holder",
        "status",
        "generation",
        "opened_at",
        "expires_at",
        "expiry",
        "attention_at",
        "idle_since",
        "pinged_at",
        "_returned_at",
        "proven",
        "check_round",
        "taken",
    )

    def __init__(
        self, connection: Any, now: float, generation: int, check_round: int
    ) -> None:
        self.connection = connection
        self.holder: Any = None
        self.status = HELD
        self.generation = generation
        self.opened_at = now
        self.expires_at = NEVER
        self.expiry = DiscardReason.lifetime
        # A first return proves the connection, so it is never a mere return.
        self.attention_at = AT_ONCE
        self.idle_since = now
        self.pinged_at = AT_ONCE
        self._returned_at = now
        self.proven = False
        self.check_round = check_round
        self.taken: Optional[Taken] = None

    @property
    def unused_since(self) -> float:
        """When it was last used, pings aside."""
        return (
            self._returned_at if self.idle_since == self.pinged_at else self.idle_since
        )

    @property
    def pinging(self) -> bool:
        """Whether it is out for a ping."""
        return self.status is PINGING or self.status is ASKED

    def pinged(self, now: float) -> None:
        """Note a ping: it renews ``idle_since`` but is no use."""
        self._returned_at = self.unused_since
        self.idle_since = self.pinged_at = now
