"""Which exceptions mean that a connection is broken.

One rule, used by the pool and by ``retry``: a ``PoolError`` counts only where
its class is named, whatever else it is an instance of.
"""

from __future__ import annotations

from typing import Tuple, Type

from .errors import PoolError


class BrokenConnection:
    """Tells whether an exception belongs to *exc_classes*, PoolErrors by name only."""

    __slots__ = ("classes", "_pool_errors")

    def __init__(self, classes: Tuple[Type[BaseException], ...]) -> None:
        self.classes = classes
        self._pool_errors = tuple(c for c in classes if issubclass(c, PoolError))

    def matches(self, error: BaseException) -> bool:
        """True if *error* means that the connection is broken."""
        if isinstance(error, PoolError):
            return isinstance(error, self._pool_errors)
        return isinstance(error, self.classes)
