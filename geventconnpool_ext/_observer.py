"""The observer: tells log and hooks what happened in a pool.

Everything here may block, raise inside or switch greenlets, so it is called
only when a change of state is complete. A hook that is not overridden is never
called.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional, Type

from ._log import describe, log
from .hooks import PoolHooks

if TYPE_CHECKING:
    from ._taken import Taken
    from .hooks import DiscardReason

Hook = Optional[Callable[..., None]]


class Observer:
    """Log lines and hooks of one pool, whose name is *name*."""

    default_hooks: Type[PoolHooks] = PoolHooks

    def __init__(self, name: str, hooks: Optional[PoolHooks]) -> None:
        self.name = name
        self.hooks = hooks
        self._connected = self.overridden("connected")
        self._connect_failed = self.overridden("connect_failed")
        self.waited: Hook = self.overridden("waited")
        self.acquired: Hook = self.overridden("acquired")
        self.released: Hook = self.overridden("released")
        self._leaked = self.overridden("leaked")
        self._discarded = self.overridden("discarded")
        self._pinged = self.overridden("pinged")
        self._ping_failed = self.overridden("ping_failed")
        self._exhausted = self.overridden("exhausted")
        self._closed = self.overridden("closed")

    def overridden(self, name: str) -> Hook:
        """Return the hook *name*, or None where nobody overrides it."""
        hooks = self.hooks
        if hooks is None:
            return None
        default = getattr(self.default_hooks, name)
        # Hooks for EPP need not be EPPHooks: what is missing is not overridden.
        own = getattr(type(hooks), name, default)
        if own is default and name not in vars(hooks):
            return None
        return getattr(hooks, name)  # type: ignore[no-any-return]

    def call(self, hook: Hook, *args: Any) -> None:
        """Call *hook*; an Exception from it is logged and goes no further."""
        if hook is not None:
            try:
                hook(*args)
            except Exception as error:
                self.hook_raised(hook, error)

    def hook_raised(self, hook: Callable[..., None], error: Exception) -> None:
        """Log what *hook* raises, in its ``except``; it goes no further."""
        log(
            logging.ERROR,
            "%s: hook %s raised: %s",
            self.name,
            getattr(hook, "__name__", type(hook).__name__),
            describe(error),
            exc_info=True,
        )

    def connected(self, connection: Any) -> None:
        log(logging.DEBUG, "%s: connected", self.name)
        self.call(self._connected, connection)

    def connect_failed(self, error: BaseException, failures: int, delay: float) -> None:
        log(
            logging.WARNING,
            "%s: connect failed (%d in a row, next in %.1f s): %s",
            self.name,
            failures,
            delay,
            describe(error),
        )
        self.call(self._connect_failed, error)

    def log_leak(self, seconds: float, taken: Taken) -> None:
        """Half of a report: the other half is told even if a kill ends this one."""
        log(
            logging.WARNING,
            "%s: connection not given back for %.1f s, taken at: %s",
            self.name,
            seconds,
            taken,
        )

    def leaked(self, connection: Any, seconds: float, taken: Taken) -> None:
        if self._leaked is not None:
            self.call(self._leaked, connection, seconds, taken.stack())

    def discarded(self, connection: Any, reason: DiscardReason) -> None:
        log(
            logging.DEBUG if reason.planned else logging.INFO,
            "%s: connection discarded: %s",
            self.name,
            reason,
        )
        self.call(self._discarded, connection, reason)

    def pinged(self, connection: Any) -> None:
        self.call(self._pinged, connection)

    def ping_failed(self, connection: Any, error: BaseException) -> None:
        log(logging.INFO, "%s: ping failed: %s", self.name, describe(error))
        self.call(self._ping_failed, connection, error)

    def timed_out(self, seconds: float, sizes: str) -> None:
        log(
            logging.WARNING,
            "%s: waited %g s in vain for a connection (%s)",
            self.name,
            seconds,
            sizes,
        )
        self.call(self._exhausted)

    def full(self, most: Optional[int], sizes: str) -> None:
        log(
            logging.WARNING,
            "%s: %s callers wait already, as max_waiting says (%s)",
            self.name,
            most,
            sizes,
        )
        self.call(self._exhausted)

    def closed(self) -> None:
        log(logging.DEBUG, "%s: closed", self.name)
        self.call(self._closed)
