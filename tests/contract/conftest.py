"""The pools that keep the contract: each test runs once for each kind."""

from __future__ import annotations

import pytest

import geventconnpool_ext

from ..support.pools import virtual_pools

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
    """Make a pool of that kind, of the scripted peer in virtual time."""
    with virtual_pools(pool_class, peer, clock) as make:
        yield make
