"""Generic in the connection type, for type checkers only.

A real ``typing.Generic`` base makes every instance slower to build on old
Pythons, and a lease is built for every ``get``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

C = TypeVar("C")

if TYPE_CHECKING:
    from typing import Generic as Generic
else:

    class _Subscriptable(type):
        # What __class_getitem__ below does from Python 3.7 on.
        def __getitem__(cls, parameters):
            return cls

    _metaclass = type if sys.version_info >= (3, 7) else _Subscriptable

    class Generic(metaclass=_metaclass):
        """Stands in for ``typing.Generic``: subscripting returns the class."""

        __slots__ = ()

        def __class_getitem__(cls, parameters):
            return cls
