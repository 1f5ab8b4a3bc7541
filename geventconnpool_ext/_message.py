"""The one form of a pool's error messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._log import describe

if TYPE_CHECKING:
    from ._reconnect import Reconnect
    from ._state import PoolState


def message(name: str, state: PoolState, reconnect: Reconnect, what: str) -> str:
    """Return *what* with the pool's name, its sizes and its last connect error."""
    stats = state.stats()
    last = reconnect.last_error
    return (
        "{}: {} (size {}: {} idle, {} in use, {} pinging, {} opening, {} closing; "
        "{} waiting; last connect error: {})"
    ).format(
        name,
        what,
        stats.size,
        stats.idle,
        stats.in_use,
        stats.pinging,
        stats.opening,
        stats.closing,
        stats.waiting,
        "none" if last is None else describe(last),
    )
