"""The pools that are measured: which there are, and what each needs.

Nothing is imported here, neither a peer nor gevent: a worker must patch the standard
library first where its peer needs that.
"""

from __future__ import annotations

import importlib
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple, Optional

if TYPE_CHECKING:
    from benchmarks.peers.opened import Module

__all__ = ["OURS", "PEERS", "UPSTREAM", "Peer", "load", "version"]


class Peer(NamedTuple):
    """One way to pool connections.

    *module* is the one below this package that opens it, *distribution* what has to be
    installed for it; *patched* says that it waits by the standard library, so that
    gevent has to patch that first.
    """

    name: str
    label: str
    module: str
    distribution: Optional[str]
    patched: bool
    about: str


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "yield",
            "the yield alone",
            "no_pool",
            None,
            False,
            "no pool: what gevent.sleep() itself costs",
        ),
        Peer(
            "bare",
            "bare minimum",
            "bare",
            None,
            False,
            "a slotted context object over a deque: it can't wait and keeps no promise",
        ),
        Peer(
            "bare-line",
            "bare minimum with a line",
            "bare_line",
            None,
            False,
            "the same with a line of greenlets that wait; a kill loses connections",
        ),
        Peer("ours", "geventconnpool_ext", "ours", None, False, "this package"),
        Peer(
            "ours-hooks",
            "geventconnpool_ext, two hooks",
            "ours_with_hooks",
            None,
            False,
            "this package with acquired and released overridden by empty methods",
        ),
        Peer(
            "geventconnpool",
            "geventconnpool 0.2.1",
            "upstream",
            None,
            False,
            "the release, with what Python 3 cannot import put right",
        ),
        Peer(
            "psycopg_pool",
            "psycopg_pool",
            "psycopg_connections",
            "psycopg-pool",
            True,
            "with a connection_class of no database",
        ),
        Peer(
            "sqlalchemy",
            "SQLAlchemy QueuePool",
            "sqlalchemy_queue",
            "SQLAlchemy",
            True,
            "without an engine, and without a rollback on return",
        ),
        Peer(
            "generic",
            "generic-connection-pool",
            "generic_connections",
            "generic-connection-pool",
            True,
            "its pool for threads, with one endpoint",
        ),
        Peer(
            "gsocketpool",
            "gsocketpool",
            "gsocket_connections",
            "gsocketpool",
            False,
            "has no line: who finds no connection looks again every 0.1 s, ten times",
        ),
    )
}
OURS, UPSTREAM = PEERS["ours"], PEERS["geventconnpool"]


def version(peer: Peer) -> Optional[str]:
    """The installed version of *peer*; "" if it needs none, None if it is missing."""
    if peer.distribution is None:
        return ""
    try:
        return metadata.version(peer.distribution)
    except metadata.PackageNotFoundError:
        return None


def load(peer: Peer) -> Module:
    """The module that opens *peer*."""
    module: Module = importlib.import_module(f"{__name__}.{peer.module}")
    return module
