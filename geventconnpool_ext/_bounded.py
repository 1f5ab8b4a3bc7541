"""Calls of a user's function that must not last for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

import gevent
from gevent import getcurrent

if TYPE_CHECKING:
    from ._clock import Clock

# What ends a background greenlet quietly once its outcome is settled. Anything
# else that is no Exception (KeyboardInterrupt, SystemExit) belongs to the
# program: it is raised again, and gevent hands it to the main greenlet.
ENDS_QUIETLY = (Exception, gevent.Timeout, gevent.GreenletExit)


def call_bounded(
    clock: Clock,
    seconds: Optional[float],
    what: str,
    function: Callable[..., Any],
    *args: Any,
) -> Any:
    """Call *function*; raise TimeoutError if it takes longer than *seconds*.

    The bound is a ``gevent.Timeout`` thrown into this greenlet, so it reaches
    whatever cooperates with gevent and passes through ``except Exception``.
    """
    if seconds is None:
        return function(*args)
    # The clock throws it. Without seconds it makes no timer of its own, which under
    # libuv would be freed while the loop still knows it.
    timeout = gevent.Timeout()
    timeout.seconds = seconds
    timer = clock.call_later(seconds, getcurrent().throw, timeout)
    try:
        return function(*args)
    except gevent.Timeout as caught:
        if caught is not timeout:
            raise
        raise TimeoutError("{} took longer than {:g} s".format(what, seconds)) from None
    finally:
        timer.stop()
