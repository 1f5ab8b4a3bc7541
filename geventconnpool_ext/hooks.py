"""PoolHooks: where a program listens to what happens in a pool.

A hook that is not overridden is never called, so it costs nothing. All hooks
are called after the change of state they tell of, outside of any stretch that
must not switch greenlets: one that raises is logged, one that blocks delays
only the greenlet it runs in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, FrozenSet

if TYPE_CHECKING:
    from traceback import StackSummary

__all__ = ["DiscardReason", "PoolHooks"]


class DiscardReason(str):
    """Why a connection left the pool. A string: compares and prints as its name.

    ``epp.hooks.ExpiryReason`` adds the reasons only a session has.
    """

    __slots__ = ()

    PLANNED: ClassVar[FrozenSet[str]] = frozenset(
        ("lifetime", "idle", "drained", "resized", "closed")
    )

    error: ClassVar[DiscardReason]
    """An exception in ``exc_classes`` left the block that used it."""
    interrupted: ClassVar[DiscardReason]
    """A kill, a ``gevent.Timeout`` or another non-``Exception`` left the block."""
    ping: ClassVar[DiscardReason]
    """Its ping failed."""
    lifetime: ClassVar[DiscardReason]
    """It reached its share of ``max_lifetime``."""
    idle: ClassVar[DiscardReason]
    """It was idle for ``max_idle`` while more than ``min_size`` were open."""
    drained: ClassVar[DiscardReason]
    """``drain()`` asked for every connection to be replaced."""
    resized: ClassVar[DiscardReason]
    """``resize()`` left no room for it."""
    requested: ClassVar[DiscardReason]
    """The user asked: ``lease.discard()`` or ``release(c, discard=True)``."""
    forked: ClassVar[DiscardReason]
    """A forked child abandoned what it inherited from its parent."""
    closed: ClassVar[DiscardReason]
    """The pool was closed."""

    @property
    def planned(self) -> bool:
        """True where a healthy connection is retired, not a broken one dropped."""
        return self in self.PLANNED

    def __repr__(self) -> str:
        return "{}.{}".format(type(self).__name__, self)


for _name in (
    "error",
    "interrupted",
    "ping",
    "lifetime",
    "idle",
    "drained",
    "resized",
    "requested",
    "forked",
    "closed",
):
    setattr(DiscardReason, _name, DiscardReason(_name))


class PoolHooks:
    """Override the methods you want to hear about; the rest cost nothing.

    A hook runs in the greenlet in which the thing happened. An ``Exception``
    it raises is logged and goes no further.
    """

    def connected(self, connection: Any) -> None:
        """A connection was opened."""

    def connect_failed(self, error: BaseException) -> None:
        """A connect failed with *error*; it is tried again."""

    def waited(self, connection: Any, seconds: float) -> None:
        """A caller waited for *seconds* until it got *connection*.

        Comes before ``acquired``, in the caller's greenlet, and not at all where
        a connection was idle.
        """

    def acquired(self, connection: Any) -> None:
        """A connection was handed to a caller."""

    def released(self, connection: Any) -> None:
        """A caller gave a healthy connection back."""

    def leaked(self, connection: Any, seconds: float, stack: StackSummary) -> None:
        """A caller has held a connection for *seconds*, longer than ``leak_after``.

        Once per lease, in a greenlet of the pool; the caller may still have it.
        *stack* is where it was taken, the outermost call first, without the calls
        inside of this package: ``"".join(stack.format())`` is its text.
        """

    def discarded(self, connection: Any, reason: DiscardReason) -> None:
        """A connection left the pool; its close may be under way or over."""

    def pinged(self, connection: Any) -> None:
        """A ping succeeded."""

    def ping_failed(self, connection: Any, error: BaseException) -> None:
        """A ping failed with *error*; the connection is discarded."""

    def exhausted(self) -> None:
        """A caller went away without a connection: ``PoolTimeout`` or ``PoolFull``."""

    def closed(self) -> None:
        """The pool was closed."""
