"""What maintenance has to do with the idle connections, and when. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NamedTuple, Tuple

from ._entry import NEVER, Entry
from .hooks import DiscardReason

if TYPE_CHECKING:
    from ._state import PoolState


class Due(NamedTuple):
    """What maintenance has to do now, and when to look again."""

    retire: List[Tuple[Entry, DiscardReason]]
    ping: List[Entry]
    next_at: float


def due(state: PoolState, now: float) -> Due:
    """Return what maintenance has to do with the idle connections at *now*.

    At most half of them, but always one, are out for a ping at a time: the
    others stay free for callers. A ping that a caller waits for does not count:
    where there always is one, no other connection's turn would come. One rotation
    goes on at a time.
    """
    retire: List[Tuple[Entry, DiscardReason]] = []
    ping: List[Entry] = []
    next_at = NEVER
    # A connect may never succeed: what is open has to do without it.
    spare = len(state.entries) - state.min_size
    pinging = state.pinging - state.asked
    pingable = max(1, (len(state.idle) + pinging) // 2) - pinging
    state.rotation.put_off = False
    for entry in state.idle:
        if now >= entry.expires_at and state.rotation.begin(entry, state.quiet):
            retire.append((entry, entry.expiry))
            continue
        if state.max_idle is not None and spare > 0:
            idle_until = entry.unused_since + state.max_idle
            if now >= idle_until:
                spare -= 1
                retire.append((entry, DiscardReason.idle))
                continue
            next_at = min(next_at, idle_until)
        if entry.check_round != state.check_round or (
            state.keepalive is not None and now >= entry.idle_since + state.keepalive
        ):
            # Where no ping may begin now, the end of one will look again.
            if pingable > 0:
                pingable -= 1
                ping.append(entry)
        elif state.keepalive is not None:
            next_at = min(next_at, entry.idle_since + state.keepalive)
    for entry in state.entries.values():
        if entry.expires_at > now:
            next_at = min(next_at, entry.expires_at)
    return Due(retire, ping, next_at)
