"""PoolState: who is idle, in use, waiting, and every counter.

Nothing here does I/O, knows gevent or reads a clock: time is passed in. Each
change of the pool is one call of one method here, and no method can switch
greenlets, so whoever calls is alone while it runs. That is the whole of the
pool's mutual exclusion.

What to do about a change (wake a waiter, close a connection, connect) is the
caller's part: a method returns it.
"""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    List,
    Optional,
)

from ._entry import ASKED, AT_ONCE, CLOSING, GONE, HANDED, HELD, PINGING, Entry
from ._rotation import Rotation
from ._sizes import Sizes
from .hooks import DiscardReason

if TYPE_CHECKING:
    from ._queue import Waiting

# How long a ping may pass for fresh to who polls, in seconds.
PROMISE = 1.0


class PoolState(Sizes):
    """The state of one pool. See the module for the rules it lives by."""

    __slots__ = (
        "keepalive",
        "max_idle",
        "check_after_idle",
        "lifo",
        "accepting",
        "dead",
        "generation",
        "check_round",
        "always_judge",
        "revoked",
        "rotation",
        "_promised",
        "_next_idle",
        "_waiting",
    )

    def __init__(
        self,
        size: int,
        min_size: int,
        keepalive: Optional[float] = None,
        max_idle: Optional[float] = None,
        check_after_idle: Optional[float] = None,
        lifo: bool = False,
    ) -> None:
        super().__init__(size, min_size)
        self.keepalive = keepalive
        self.max_idle = max_idle
        self.check_after_idle = check_after_idle
        self.lifo = lifo
        self.accepting = False
        # Set in a forked child on the state it inherited: nothing of it counts.
        self.dead = False
        self.generation = 0
        self.check_round = 0
        # The fast path asks this dict itself; see _pay_attention for the others.
        self._waiting = self.queue.patient
        # A connection may have ended by itself: each return needs a look at it.
        self.always_judge = False
        # Connections taken from an acquirer by force; their release is no error.
        self.revoked: Dict[int, Any] = {}
        self.rotation = Rotation()
        # Pinged for a caller who did not wait.
        self._promised: Optional[Entry] = None
        self._next_idle: Callable[[], Entry] = (
            self.idle.pop if lifo else self.idle.popleft
        )

    # -- handing out ---------------------------------------------------------

    def take(self, holder: Any) -> Optional[Entry]:
        """Hand the next idle connection to *holder*; None if there is none."""
        if self.idle:
            entry = self._next_idle()
            entry.holder = holder
            self.gets += 1
            return entry
        return None

    def take_fresh(self, holder: Any, now: float) -> Optional[Entry]:
        """Like take, but only a connection that needs no ping first.

        If the next one has been idle for too long, the newest may do; ``idle``
        is ordered, so there is no need to look at the others.
        """
        idle = self.idle
        if not idle:
            return None
        stale_before = now - (self.check_after_idle or 0.0)
        if not self.lifo and idle[0].idle_since >= stale_before:
            entry = idle.popleft()
        elif idle[-1].idle_since >= stale_before:
            entry = idle.pop()
        else:
            promised = self._redeem(now)
            if promised is None:
                return None
            entry = promised
        entry.holder = holder
        self.gets += 1
        return entry

    def promise(self, entry: Entry) -> None:
        """Let the ping of *entry* that is to begin serve a caller who comes again.

        However short ``check_after_idle`` is, the connection passes for fresh once.
        """
        self._promised = entry

    def _redeem(self, now: float) -> Optional[Entry]:
        entry = self._promised
        if entry is None or entry not in self.idle:
            return None
        self._promised = None
        # Used since, or long ago: then the ping says no more than any other.
        if entry.idle_since != entry.pinged_at or now - entry.pinged_at > PROMISE:
            return None
        self.idle.remove(entry)
        return entry

    def take_newer(self, holder: Any, opened_after: float) -> Optional[Entry]:
        """Hand an idle connection opened after a time to *holder*; None if none."""
        for entry in self.idle:
            if entry.opened_at > opened_after:
                self.idle.remove(entry)
                entry.holder = holder
                self.gets += 1
                return entry
        return None

    def enqueue(self, waiter: Waiting) -> None:
        """Let *waiter* wait, behind everybody who does already."""
        self.queue.append(waiter)
        if waiter.opened_after is not None:
            self._pay_attention()

    def accept(self, entry: Entry, waiter: Waiting, holder: Any, waited: float) -> bool:
        """Turn what was put before *waiter* into a lease of *holder*.

        False if it was taken away again in between (close, fork).
        """
        if entry.holder is not waiter:
            return False
        # As lease() does: one call less for whoever waits.
        entry.holder = holder
        entry.status = HELD
        self.gets += 1
        self.gets_waited += 1
        self.wait_seconds += waited
        return True

    def lease(self, entry: Entry, holder: Any, waited: float) -> None:
        """Let *holder*, who waited for *waited* seconds, use *entry*."""
        entry.holder = holder
        self.gets += 1
        self.gets_waited += 1
        self.wait_seconds += waited

    # -- coming back ---------------------------------------------------------

    def give_back(self, entry: Entry, now: float) -> bool:
        """Take a connection back. True if it is idle now, and that was all.

        False: it is nobody's now, and ``leaving`` and ``put_back`` must decide,
        before anything else happens.
        """
        entry.holder = None
        entry.idle_since = now
        if now < entry.attention_at and not self._waiting:
            self.idle.append(entry)
            return True
        return False

    def hand_over(self, entry: Entry) -> Optional[Waiting]:
        """Give what ``give_back`` left open to the first waiter, who must be woken.

        None where more must be thought of, or nobody waits: nothing is changed then.
        """
        if entry.idle_since < entry.attention_at and self._waiting:
            waiter = self.queue.next()
            self._hand(entry, waiter)
            return waiter
        return None

    def _hand(self, entry: Entry, waiter: Waiting) -> None:
        entry.holder = waiter
        entry.status = HANDED
        waiter.entry = entry

    def leaving(self, entry: Entry, now: float) -> Optional[DiscardReason]:
        """Return why a connection that nobody holds must leave, or None."""
        if not self.accepting:
            return DiscardReason.forked if self.dead else DiscardReason.closed
        if entry.generation != self.generation:
            return DiscardReason.drained
        if len(self.entries) > self.size:
            return DiscardReason.resized
        if now >= entry.expires_at and self.rotation.begin(entry, self.quiet):
            return entry.expiry
        if entry.proven and not self.always_judge and not self.queue.choosy:
            entry.attention_at = entry.expires_at
        else:
            entry.attention_at = AT_ONCE
        return None

    def put_back(self, entry: Entry) -> Optional[Waiting]:
        """Give a connection that nobody holds to the first waiter, else to idle.

        Returns the waiter, who must be woken.
        """
        waiter = self.queue.next_for(entry)
        if waiter is not None:
            self._hand(entry, waiter)
            return waiter
        entry.status = HELD
        self.idle.append(entry)
        return None

    def discard(self, entry: Entry, reason: DiscardReason, idle: bool = False) -> bool:
        """Take a connection out, for its close to begin. False if it left already.

        *idle* says that it stands in ``idle``, so that others need no search.
        """
        if entry.pinging:
            self._end_ping(entry)
        elif entry.status is HELD:
            if entry.holder is not None:
                self.lost += 1
        elif entry.status is not HANDED:
            return False
        if idle:
            self.idle.remove(entry)
        if self._promised is entry:
            self._promised = None
        del self.entries[id(entry.connection)]
        entry.status = CLOSING
        entry.holder = None
        self.closing += 1
        self.discarded[reason] += 1
        return True

    def closed(self, entry: Entry) -> None:
        """The close of a discarded connection is over: its slot is free."""
        self.closing -= 1
        entry.status = GONE

    # -- opening -------------------------------------------------------------

    def missing(self) -> int:
        """Return how many more connects should be under way, if all could."""
        room = self.room
        if room <= 0 or not self.accepting:
            return 0
        kept = self.min_size - len(self.entries) - self.opening
        return min(room, max(kept, self.queue.unserved(self.opening, self.asked)))

    def someone_needs_one(self) -> bool:
        """True if a waiter would go on waiting after all connects under way."""
        return self.queue.unserved(self.opening, self.asked) > 0

    def begin_open(self) -> int:
        """Note that a connect begins; returns the generation it belongs to."""
        self.opening += 1
        return self.generation

    def opened(self, connection: Any, generation: int, now: float) -> Optional[Entry]:
        """Note that a connect succeeded. None if the pool holds it already."""
        if id(connection) in self.entries:
            return None
        self.opening -= 1
        self.connects += 1
        entry = Entry(connection, now, generation, self.check_round)
        self.entries[id(connection)] = entry
        self.rotation.connected()
        return entry

    def open_failed(self) -> None:
        """Note that a connect failed and is not repeated at once."""
        self.connect_errors += 1
        self.opening -= 1

    def open_repeated(self) -> None:
        """Note that a connect failed and is repeated in the same slot."""
        self.connect_errors += 1

    def open_given_up(self) -> None:
        """Note that nobody wants the connect any longer."""
        self.opening -= 1

    # -- pinging and rotation ------------------------------------------------

    def begin_ping(self, entry: Entry, asked: bool = False) -> None:
        """Take an idle connection out for a ping, *asked* for by somebody who waits."""
        self.idle.remove(entry)
        entry.status = ASKED if asked else PINGING
        self.pinging += 1
        self.asked += asked

    def _end_ping(self, entry: Entry) -> None:
        self.pinging -= 1
        self.asked -= entry.status is ASKED

    def stale_for_waiter(self) -> Optional[Entry]:
        """Return an idle connection to ping for somebody who waits, if any.

        Idle connections and waiters meet only where ``check_after_idle`` kept
        them apart.
        """
        if self.idle and len(self.queue.patient) > self.asked:
            return self.idle[-1]
        return None

    def pinged(self, entry: Entry, now: float) -> None:
        """Note that a ping succeeded; ``leaving`` and ``put_back`` come next."""
        self._end_ping(entry)
        self.pings += 1
        entry.status = HELD
        entry.pinged(now)
        entry.check_round = self.check_round

    def begin_check(self) -> int:
        """Ask for a ping of every connection that is idle now; return the round."""
        self.check_round += 1
        return self.check_round

    def check_pending(self, check_round: int) -> bool:
        """True while a connection awaits its ping of that round, or of a later one.

        Those in use do not count.
        """
        return any(
            entry.check_round < check_round and entry.holder is None
            for entry in self.entries.values()
        )

    @property
    def quiet(self) -> bool:
        """True when no connection is missing, opening or closing."""
        return self.opening == 0 and self.closing == 0 and self.missing() <= 0

    # -- the pool as a whole -------------------------------------------------

    def resize(self, size: int, min_size: int) -> List[Entry]:
        """Set new bounds; returns the idle connections that must leave now.

        What is opening or closing costs nobody his place: a connect may fail or be
        given up, and a close ends.
        """
        self.size = size
        self.min_size = min_size
        surplus = len(self.entries) - size
        if surplus <= 0:
            return []
        self._pay_attention()
        return list(self.idle)[:surplus]

    def drain(self) -> List[Entry]:
        """Have every connection replaced; returns the idle ones, which leave now."""
        self.generation += 1
        self._pay_attention()
        return list(self.idle)

    def close(self) -> List[Entry]:
        """Stop handing out; returns the idle connections, which leave now."""
        self.accepting = False
        self._pay_attention()
        return list(self.idle)

    def revoke(self) -> List[Entry]:
        """Return every connection still held, for a close under its users."""
        return list(self.entries.values())

    def abandon(self) -> List[Entry]:
        """End this state in a forked child; returns all that it held."""
        self.dead = True
        self.accepting = False
        entries = list(self.entries.values())
        self.lost += self.leased
        for entry in entries:
            entry.status = GONE
            entry.holder = None
            self.discarded[DiscardReason.forked] += 1
        self.entries.clear()
        self.idle.clear()
        self.pinging = self.asked = 0
        # Of what the child copied, nothing comes to an end here.
        self.opening = self.closing = 0
        return entries

    def _pay_attention(self) -> None:
        for entry in self.entries.values():
            entry.attention_at = AT_ONCE
