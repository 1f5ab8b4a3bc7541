"""Letting go of a connection that a forked child has from its parent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable

from gevent.monkey import get_original

if TYPE_CHECKING:
    from ._entry import Entry

# A patched os.close waits for the event loop, and until then greenlets that the
# fork copied would read what the parent is sent.
_close: Callable[[int], None] = get_original("os", "close")


def abandon_descriptor(connection: Any) -> None:
    """Close the descriptor of *connection* at once and say nothing on the wire.

    Its ``detach``, where there is one, gives the descriptor. A descriptor that
    the child merely keeps would hide the parent's close from the peer.
    """
    detach = getattr(connection, "detach", None)
    if callable(detach):
        descriptor = detach()
        if isinstance(descriptor, int) and descriptor >= 0:
            _close(descriptor)


def abandon_all(entries: Iterable[Entry], abandon: Callable[[Any], None]) -> None:
    """Let go of every connection of *entries*, whatever one of them raises."""
    for entry in entries:
        try:
            abandon(entry.connection)
        except BaseException:
            # Even this: the child must share no other connection with its parent.
            # Nothing may be logged here: a copied lock may be held for ever.
            pass
