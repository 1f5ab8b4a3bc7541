"""The pools that keep the contract: each test runs once for each kind."""

from __future__ import annotations

import gevent
import pytest

import geventconnpool_ext

from ..support.clock import settle

KINDS = {"pool": "ConnectionPool", "null": "NullPool"}


def pytest_collection_modifyitems(items):
    for item in items:
        if "contract" in item.path.parts:
            item.add_marker(pytest.mark.contract)


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    """Which kind of pool the test runs against."""
    return request.param


@pytest.fixture
def pool_class(kind):
    """The class of that kind."""
    return getattr(geventconnpool_ext, KINDS[kind])


@pytest.fixture
def new_pool(pool_class, peer, clock):
    """Make a pool of the scripted peer in virtual time; close it in the end.

    Then it must have given back every connection.
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
