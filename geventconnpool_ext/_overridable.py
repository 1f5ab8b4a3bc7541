"""Overridable: how a pool connects, pings and closes; what users give or override.

Each of these is an argument of the pool or a method of a subclass, never both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from ._abandon import abandon_descriptor
from ._generic import C, Generic

if TYPE_CHECKING:
    from ._options import Options
    from .hooks import DiscardReason


class Overridable(Generic[C]):
    """The part of a pool that knows what its connections are."""

    name: str
    _options: Options

    def _new_connection(self) -> Optional[C]:
        """Open a connection and return it. Override this, or pass ``connect``.

        Runs in a greenlet of its own. Any exception from it, and a result that
        is false, means 'not yet': it is called again after a pause.
        """
        connect: Optional[Callable[[], C]] = self._options.connect
        if connect is None:
            raise NotImplementedError("pass connect=, or override _new_connection")
        return connect()

    def _keepalive(self, c: C) -> None:
        """Check the idle connection *c*. Override this, or pass ``ping``.

        Any ``Exception`` from it means that *c* is broken.
        """
        if self._options.ping is None:
            raise NotImplementedError("pass ping=, or override _keepalive")
        self._options.ping(c)

    def _check_methods(self) -> None:
        """Raise TypeError or ValueError where a needed method is missing."""
        connects = self._overrides("_new_connection")
        if self._options.connect is not None and connects:
            raise TypeError(
                "connect={!r} and an overridden _new_connection: use one of "
                "them".format(self._options.connect)
            )
        if self._options.connect is None and not connects:
            raise TypeError(
                "a {} needs a way to connect: pass connect=, or override "
                "_new_connection in a subclass".format(type(self).__name__)
            )
        if self._options.ping is not None and self._overrides("_keepalive"):
            raise TypeError(
                "ping={!r} and an overridden _keepalive: use one of them".format(
                    self._options.ping
                )
            )
        for argument in ("keepalive", "check_after_idle"):
            value = getattr(self._options, argument)
            if value is not None and not self._can_ping():
                raise ValueError(
                    "{}={!r} needs a way to ping: pass ping=, or override _keepalive "
                    "in a subclass".format(argument, value)
                )

    def _overrides(self, name: str) -> bool:
        # Not vars(self): up to Python 3.12 every attribute of an object whose
        # __dict__ was once asked for is slower to read.
        method = getattr(self, name)
        return getattr(method, "__func__", None) is not Overridable.__dict__[name]

    def _can_ping(self) -> bool:
        return self._options.ping is not None or self._overrides("_keepalive")

    def _check_can_check(self) -> None:
        """Raise RuntimeError if there is no way to ping."""
        if not self._can_ping():
            raise RuntimeError(
                "{}: check() needs a way to ping: pass ping=, or override "
                "_keepalive".format(self.name)
            )

    # The engine must not keep its pool alive: these are not bound to it.

    def _make_close(self) -> Callable[[C, DiscardReason], None]:
        """Return what closes a connection that left the pool for a reason."""
        close = self._options.close_connection or _close_if_possible
        return lambda connection, reason: close(connection)

    def _make_abandon(self) -> Callable[[C], None]:
        """Return what lets go of the parent's connection in a forked child."""
        return self._options.abandon or abandon_descriptor


def _close_if_possible(connection: Any) -> None:
    close = getattr(connection, "close", None)
    if close is not None:
        close()
