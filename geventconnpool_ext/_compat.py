"""What gevent before 1.3 calls by another name, or does not free by itself.

One place for it, so that the rest reads as for the gevent of today. Nothing here
runs while an idle connection is handed out or taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gevent import get_hub

if TYPE_CHECKING:
    from gevent import Timeout

__all__ = ["async_watcher", "end_timeout", "free", "is_destroyed"]

# ``async`` became a keyword, and the method got another name.
ASYNC = ("async_", "async")


def async_watcher(ref: bool = True) -> Any:
    """Return a new watcher of this thread's loop that any thread may ``send()``."""
    loop = get_hub().loop
    for name in ASYNC:
        make = getattr(loop, name, None)
        if make is not None:
            return make(ref=ref)
    raise TypeError("{!r} makes no async watchers".format(loop))


def is_destroyed(loop: Any) -> bool:
    """True if the event loop *loop* was destroyed; nothing of it may be touched then.

    So it is where there is none: a watcher that was freed has lost its own.
    """
    return loop is None or not loop.ptr


def free(watcher: Any) -> None:
    """Stop *watcher* and free what it took.

    Harmless on one that was freed, by itself or with its loop, as who destroys a
    thread's hub does.
    """
    if is_destroyed(watcher.loop):
        return
    watcher.stop()
    close = getattr(watcher, "close", None)
    if close is not None:
        close()


def end_timeout(timeout: Timeout) -> None:
    """Cancel *timeout* for good."""
    getattr(timeout, "close", timeout.cancel)()
