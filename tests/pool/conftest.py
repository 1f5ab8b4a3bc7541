"""Pools of the scripted peer, in virtual time."""

from __future__ import annotations

import pytest

from geventconnpool_ext import ConnectionPool

from ..support.pools import virtual_pools


@pytest.fixture
def new_pool(peer, clock):
    """Make a ConnectionPool of the scripted peer in virtual time."""
    with virtual_pools(ConnectionPool, peer, clock) as make:

        def make_with_ping(size=1, **options):
            if any(
                options.get(name) is not None
                for name in ("keepalive", "check_after_idle")
            ):
                options.setdefault("ping", peer.ping)
            return make(size, **options)

        yield make_with_ping
