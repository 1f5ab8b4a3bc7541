"""A connection pool for gevent: the maintained, typed fork of geventconnpool."""

from __future__ import annotations

from ._kind import create_pool
from .errors import ConnectFailed, PoolClosed, PoolError, PoolFull, PoolTimeout
from .hooks import DiscardReason, PoolHooks
from .lease import Lease
from .nullpool import NullPool
from .pool import ConnectionPool
from .retry import Backoff, retry
from .stats import PoolStats

__version__ = "1.0.0.dev0"

__all__ = [
    "Backoff",
    "ConnectFailed",
    "ConnectionPool",
    "DiscardReason",
    "Lease",
    "NullPool",
    "PoolClosed",
    "PoolError",
    "PoolFull",
    "PoolHooks",
    "PoolStats",
    "PoolTimeout",
    "create_pool",
    "retry",
]
