"""A bound in time on a stretch of work, as a built-in TimeoutError.

``gevent.Timeout`` is private here: one that somebody else started passes
through as it is, because it is meant for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import gevent

from .._compat import end_timeout

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type

__all__ = ["Deadline"]


class Deadline:
    """``with Deadline(seconds, what):`` raises ``TimeoutError`` when it is over.

    None bounds nothing. *what* completes the sentence "... within n s".
    """

    __slots__ = ("_seconds", "_timeout", "_what")

    def __init__(self, seconds: Optional[float], what: str) -> None:
        self._seconds = seconds
        self._what = what
        self._timeout: Optional[gevent.Timeout] = None

    def __enter__(self) -> Deadline:
        if self._seconds is not None:
            self._timeout = gevent.Timeout(max(self._seconds, 0.0))
            self._timeout.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if self._timeout is None:
            return
        end_timeout(self._timeout)
        if error is self._timeout:
            raise TimeoutError(f"{self._what} within {self._seconds:g} s") from None
