"""Pools of the scripted peer in virtual time, which must leave nothing behind."""

from __future__ import annotations

from contextlib import contextmanager

import gevent

from .clock import settle


@contextmanager
def virtual_pools(pool_class, peer, clock):
    """Give a function that makes pools; close them all in the end.

    Then they must have given back every connection.
    """
    pools = []
    virtual = type("Virtual", (pool_class,), {"_clock": clock, "SPAWN_FREQUENCY": 0.0})

    def make(size=1, *arguments, **options):
        options.setdefault("connect", peer.connect)
        pool = virtual(size, *arguments, **options)
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
