"""Which kind of pool: one that keeps connections, or the fallback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from ._generic import C
from .nullpool import NullPool
from .pool import ConnectionPool

if TYPE_CHECKING:
    from ._arguments import ExceptionClasses

KIND_VARIABLE = "GEVENTCONNPOOL_EXT_KIND"


def create_pool(
    size: int,
    exc_classes: ExceptionClasses = (OSError,),
    keepalive: Optional[float] = None,
    *,
    connect: Callable[[], C],
    kind: Optional[str] = None,
    **options: Any,
) -> Union[ConnectionPool[C], NullPool[C]]:
    """Make a pool of the *kind* that the program or its environment says.

    Arguments:
        kind: "pool" for a ConnectionPool, "null" for a NullPool. Default: the
            environment variable ``GEVENTCONNPOOL_EXT_KIND``, or else "pool".
        options: these and all others as for ``ConnectionPool``.

    Raises ValueError for another kind, and what the pool's class raises.
    """
    if chosen_kind(kind) == "null":
        return NullPool(size, exc_classes, keepalive, connect=connect, **options)
    return ConnectionPool(size, exc_classes, keepalive, connect=connect, **options)


def chosen_kind(kind: Optional[str]) -> str:
    """Return *kind*, or what the environment says where it is None.

    Raises ValueError, naming argument or variable, for an unknown kind.
    """
    source = "kind"
    if kind is None:
        source = KIND_VARIABLE
        kind = os.environ.get(KIND_VARIABLE) or "pool"
    if kind not in ("pool", "null"):
        raise ValueError("{} must be 'pool' or 'null', not {!r}".format(source, kind))
    return kind
