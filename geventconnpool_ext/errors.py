"""The errors a pool raises of its own.

What a connection raises while it is used is not here: it passes through
untouched. Errors that only an EPP session knows are in ``epp.errors``.
"""

from __future__ import annotations

__all__ = ["ConnectFailed", "PoolClosed", "PoolError", "PoolFull", "PoolTimeout"]


class PoolError(Exception):
    """Base of every error raised by a pool itself.

    It never matches the ``exc_classes`` of a pool or of ``retry`` unless its
    class is named there, so an exhausted pool neither loops in ``retry`` nor
    costs another pool its connection when pools are nested.
    """


class PoolTimeout(PoolError, TimeoutError):
    """No connection became free in time.

    Raised on entering a lease, by ``acquire`` and by ``wait``. Its
    ``__cause__`` is the last connect error, if the last attempt failed.
    """


class PoolFull(PoolError):
    """``max_waiting`` callers wait already: this one is turned away at once."""


class PoolClosed(PoolError):
    """The pool is closed, or was never opened, so it hands nothing out."""


class ConnectFailed(PoolError):
    """A connect failed with one of ``fatal_exc_classes`` while nothing is open.

    Its ``__cause__`` is that connect error. Waiting longer would not help.
    """
