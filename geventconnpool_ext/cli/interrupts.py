"""Ctrl-C while greenlets are at work: an exception where it can be handled.

Left to Python it would strike in whatever greenlet runs just then, most often
the hub, which prints a traceback of its own.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import Iterator

import gevent

__all__ = ["interruptible"]


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt in this greenlet, at its next switch."""
    greenlet = gevent.getcurrent()
    watcher = gevent.get_hub().loop.signal(signal.SIGINT)
    watcher.start(greenlet.throw, KeyboardInterrupt)
    try:
        yield
    finally:
        watcher.stop()
        # The loop has left the system's own handler, which Python knows not of.
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
