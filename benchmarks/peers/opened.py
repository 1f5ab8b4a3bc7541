"""What a scenario can do with a peer's open pool, each in the peer's own way.

The loops stand here and in the peers, not in the scenarios: a call in between would
cost as much as some pools do.
"""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Protocol

__all__ = ["Connection", "Held", "Leases", "Module", "Opened"]

Held = Callable[[], object]
"""Called while a connection is held; an exception from it ends the loop."""


class Connection:
    """What is pooled: nothing that could be slow."""

    def close(self) -> None:
        """Do nothing."""


class Opened(Protocol):
    """A pool whose connections are all open and idle."""

    def turns(self, number: int) -> None:
        """Get a connection and give it back, so many times."""

    def holding(self, number: int, held: Held) -> None:
        """The same, with a call of *held* in between."""

    def close(self) -> None:
        """Close the pool."""


class Module(Protocol):
    """A module of this package that opens a peer."""

    def open_pool(self, size: int) -> Opened:
        """A pool of *size* connections, all open. Waits until they are."""

    def connection(self) -> Any:
        """One such connection, as the pool gets it."""


class Leases:
    """A pool that is used by ``with get():``."""

    def __init__(
        self, get: Callable[[], ContextManager[Any]], close: Callable[[], object]
    ) -> None:
        self._get = get
        self._close = close

    def turns(self, number: int) -> None:
        get = self._get
        for _ in range(number):
            with get():
                pass

    def holding(self, number: int, held: Held) -> None:
        get = self._get
        for _ in range(number):
            with get():
                held()

    def close(self) -> None:
        self._close()
