"""Generic in the connection type, for type checkers only.

A real ``typing.Generic`` base makes every instance slower to build on old
Pythons, and a lease is built for every ``get``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

C = TypeVar("C")

if TYPE_CHECKING:
    from typing import Generic as Generic
else:

    class Generic:
        """Stands in for ``typing.Generic``: subscripting returns the class."""

        __slots__ = ()

        def __class_getitem__(cls, parameters):
            return cls
