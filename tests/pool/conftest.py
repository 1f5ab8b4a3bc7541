"""Pools of the scripted peer, in virtual time."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import ConnectionPool

from ..support.clock import settle


@pytest.fixture
def new_pool(peer, clock):
    """Make a ConnectionPool of the scripted peer in virtual time.

    It is closed in the end, and must then have given back every connection.
    """
    pools = []

    class VirtualPool(ConnectionPool):
        _clock = clock
        SPAWN_FREQUENCY = 0.0

    def make(size=1, **options):
        options.setdefault("connect", peer.connect)
        if any(
            options.get(name) is not None for name in ("keepalive", "check_after_idle")
        ):
            options.setdefault("ping", peer.ping)
        pool = VirtualPool(size, **options)
        pools.append(pool)
        if options.get("open", True):
            settle()
        return pool

    yield make
    for gate in (peer.connect_gate, peer.ping_gate, peer.close_gate):
        if gate is not None:
            gate.set()
    for pool in pools:
        closing = gevent.spawn(pool.close, timeout=0)
        clock.advance(100)
        assert closing.successful(), "close() does not end"
    assert peer.present == 0, "a connection outlives its pool"
