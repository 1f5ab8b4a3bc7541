"""The options of a pool, checked: what both kinds of pool are made with."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional, Tuple, Type

from . import _arguments
from .hooks import PoolHooks
from .retry import Backoff


class Options(NamedTuple):
    """Checked options; ``ConnectionPool`` documents each."""

    size: int
    exc_classes: Tuple[Type[BaseException], ...]
    keepalive: Optional[float]
    connect: Optional[Callable[[], Any]]
    ping: Optional[Callable[[Any], None]]
    close_connection: Optional[Callable[[Any], None]]
    abandon: Optional[Callable[[Any], None]]
    min_size: int
    timeout: Optional[float]
    max_waiting: Optional[int]
    max_lifetime: Optional[float]
    max_idle: Optional[float]
    check_after_idle: Optional[float]
    order: str
    connect_timeout: Optional[float]
    close_timeout: float
    reconnect: Backoff
    max_opening: int
    fatal_exc_classes: Tuple[Type[BaseException], ...]
    leak_after: Optional[float]
    hooks: Optional[PoolHooks]
    name: str

    @property
    def shortest_period(self) -> Optional[float]:
        """The shortest time after which an idle connection can come due."""
        periods = [
            period
            for period in (self.keepalive, self.max_idle, self.max_lifetime)
            if period is not None
        ]
        return min(periods) if periods else None

    @property
    def timeless(self) -> bool:
        """True if it makes no difference how long a connection was idle or in use."""
        times = self.shortest_period, self.check_after_idle, self.leak_after
        return all(seconds is None for seconds in times)


def checked(
    size: Any,
    exc_classes: Any,
    keepalive: Any,
    connect: Any,
    ping: Any,
    close_connection: Any,
    abandon: Any,
    min_size: Any,
    timeout: Any,
    max_waiting: Any,
    max_lifetime: Any,
    max_idle: Any,
    check_after_idle: Any,
    order: Any,
    connect_timeout: Any,
    close_timeout: Any,
    reconnect: Any,
    max_opening: Any,
    fatal_exc_classes: Any,
    leak_after: Any,
    hooks: Any,
    name: str,
) -> Options:
    """Return the options; raise TypeError or ValueError naming a wrong one."""
    _arguments.integer("size", size, 1)
    least, most = minimum_size(min_size, size), size
    _arguments.optional_seconds(
        "keepalive", keepalive, zero=True, note=" (0 means none), or None"
    )
    if max_waiting is not None:
        _arguments.integer("max_waiting", max_waiting, 0)
    if order not in ("fifo", "lifo"):
        raise ValueError("order must be 'fifo' or 'lifo', not {!r}".format(order))
    if not isinstance(reconnect, Backoff):
        raise TypeError(
            "reconnect must be a Backoff, such as Backoff(initial=0.1); "
            "not {!r}".format(reconnect)
        )
    if hooks is not None and not isinstance(hooks, PoolHooks):
        raise TypeError(
            "hooks must be an instance of a PoolHooks subclass, or None; "
            "not {!r}".format(hooks)
        )
    return Options(
        size=most,
        exc_classes=_arguments.exception_classes("exc_classes", exc_classes),
        keepalive=keepalive or None,
        connect=_arguments.optional_callable("connect", connect),
        ping=_arguments.optional_callable("ping", ping),
        close_connection=_arguments.optional_callable(
            "close_connection", close_connection
        ),
        abandon=_arguments.optional_callable("abandon", abandon),
        min_size=least,
        timeout=_arguments.timeout(timeout),
        max_waiting=max_waiting,
        max_lifetime=_arguments.optional_seconds("max_lifetime", max_lifetime),
        max_idle=_arguments.optional_seconds("max_idle", max_idle),
        check_after_idle=_arguments.optional_seconds(
            "check_after_idle", check_after_idle, zero=True
        ),
        order=order,
        connect_timeout=_arguments.optional_seconds("connect_timeout", connect_timeout),
        close_timeout=_arguments.seconds("close_timeout", close_timeout),
        reconnect=reconnect,
        max_opening=_arguments.integer("max_opening", max_opening, 1),
        fatal_exc_classes=_arguments.exception_classes(
            "fatal_exc_classes", fatal_exc_classes
        ),
        leak_after=_arguments.optional_seconds("leak_after", leak_after),
        hooks=hooks,
        name=name,
    )


def minimum_size(min_size: Any, size: int) -> int:
    """Return *min_size*, *size* where it is None; raise if it is no such number."""
    if min_size is None:
        return size
    _arguments.integer("min_size", min_size, 0)
    if min_size > size:
        raise ValueError(
            "min_size must be at most size ({}), not {!r}".format(size, min_size)
        )
    return min_size  # type: ignore[no-any-return]
