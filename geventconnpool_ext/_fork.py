"""What a fork does to pools: every one that is alive in the child is told."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from typing_extensions import Protocol

    class Forkable(Protocol):
        """Something that must know that it lives in a child now."""

        def _forked(self) -> None: ...


_pools: weakref.WeakSet[Forkable] = weakref.WeakSet()


def tell_when_forked(pool: Forkable) -> None:
    """Call ``pool._forked()`` in every child forked while *pool* is alive."""
    _pools.add(pool)


def _after_fork_in_child() -> None:
    failure: Optional[BaseException] = None
    for pool in list(_pools):
        try:
            pool._forked()
        except BaseException as error:
            # The others share their connections with the parent until they are told.
            failure = failure or error
    if failure is not None:
        # Python prints it, and goes on.
        raise failure


# Windows has no fork, and no such function.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
