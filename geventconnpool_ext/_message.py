"""The one form of a pool's error messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ._log import describe
from .errors import PoolClosed, PoolError

if TYPE_CHECKING:
    from ._reconnect import Reconnect
    from ._state import PoolState


def message(
    name: str, state: PoolState, last_error: Optional[BaseException], what: str
) -> str:
    """Return *what* with the pool's name, its sizes and its last connect error."""
    return "{}: {} ({})".format(name, what, sizes(state, last_error))


def sizes(state: PoolState, last_error: Optional[BaseException]) -> str:
    """Return the sizes of this moment and the last connect error, as text."""
    stats = state.stats()
    return (
        "size {}: {} idle, {} in use, {} pinging, {} opening, {} closing; "
        "{} waiting; last connect error: {}"
    ).format(
        stats.size,
        stats.idle,
        stats.in_use,
        stats.pinging,
        stats.opening,
        stats.closing,
        stats.waiting,
        "none" if last_error is None else describe(last_error),
    )


def forked(name: str) -> PoolError:
    """Return what a caller raises in a child whose parent it waited in."""
    return PoolError(
        "{}: the process was forked while this caller waited; ask again in the "
        "child".format(name)
    )


def overtaken(
    name: str, state: PoolState, last_error: Optional[BaseException]
) -> PoolError:
    """Return what a caller raises whom a fork or a close has overtaken."""
    if state.dead:
        return forked(name)
    what = "closed while this caller waited"
    return PoolClosed(message(name, state, last_error, what))


def refused(name: str, state: PoolState, reconnect: Reconnect) -> PoolError:
    """Return what a caller raises whom the last connect error leaves no hope."""
    what = "connecting is refused"
    return reconnect.refusal(message(name, state, reconnect.last_error, what))
