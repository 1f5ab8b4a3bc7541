"""Waits with a bound, which end in a precise AssertionError.

What hangs on upstream must fail soon, and in words that the ledger can declare.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Any, Callable, Iterator

import gevent

__all__ = ["until", "within"]


@contextmanager
def within(seconds: float, problem: str) -> Iterator[None]:
    """Let the block last so long; else raise an AssertionError of *problem* there."""
    with gevent.Timeout(seconds, AssertionError(problem)):
        yield


def until(
    condition: Callable[[], Any], problem: str = "never", seconds: float = 5
) -> None:
    """Return once *condition* holds; an AssertionError of *problem* if it is late."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(problem)
        gevent.sleep(0.005)
