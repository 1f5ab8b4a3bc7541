"""A pool that is always asked for more than it has: what several scenarios measure in.

So many greenlets get a connection, yield once and give it back, over and over, until
enough hand-overs were seen. The first ones don't count: the line has to form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import gevent

if TYPE_CHECKING:
    from benchmarks.peers.opened import Opened

__all__ = ["Enough", "saturate"]


class Enough(Exception):
    """Ends a greenlet's loop, inside of its block."""


def saturate(
    opened: Opened,
    greenlets: int,
    users: Callable[[Opened], Callable[[], None]],
) -> None:
    """Run that many greenlets, each with a function that *users* made for it.

    The function uses *opened* until Enough is raised in it.
    """
    running = [gevent.spawn(_until_enough, users(opened)) for _ in range(greenlets)]
    gevent.joinall(running, raise_error=True)


def _until_enough(use: Any) -> None:
    try:
        use()
    except Enough:
        pass
