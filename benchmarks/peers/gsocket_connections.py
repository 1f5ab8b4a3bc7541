"""gsocketpool, by ``with pool.connection():``."""

from __future__ import annotations

from gsocketpool import Connection as Base
from gsocketpool import Pool

from benchmarks.peers.opened import Leases


class Connection(Base):
    """Opens nothing."""

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def get(self) -> Connection:
        return self

    def is_connected(self) -> bool:
        return True


connection = Connection


def open_pool(size: int) -> Leases:
    pool = Pool(
        Connection,
        initial_connections=size,
        max_connections=size,
        reap_expired_connections=False,
    )
    return Leases(pool.connection, lambda: None)
