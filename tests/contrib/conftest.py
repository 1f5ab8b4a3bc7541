"""Fixtures: pools of a scripted peer, and of a registry over TLS."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import ConnectionPool

from ..support.sessions import epp_pools


@pytest.fixture
def new_pool(peer):
    """``new_pool(size)``: a pool of the scripted peer, with its connections open."""
    pools = []

    def make(size=1, **options):
        pool = ConnectionPool(size, connect=peer.connect, open=False, **options)
        pools.append(pool)
        pool.open()
        pool.wait(timeout=5)
        return pool

    yield make
    for pool in pools:
        pool.close(timeout=0)


@pytest.fixture
def until():
    """A function that waits, some seconds at most, until a condition holds."""

    def wait(condition, seconds=4):
        with gevent.Timeout(seconds, AssertionError("it never came true")):
            while not condition():
                gevent.sleep(0.005)

    return wait


@pytest.fixture(scope="session")
def certificates():
    """One authority for all tests: a new one costs more than a test."""
    pytest.importorskip("lxml")
    pytest.importorskip("trustme")
    from geventconnpool_ext.testing import Certificates

    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def plan(certificates):
    """What is to go wrong."""
    from geventconnpool_ext.testing import FaultPlan

    return FaultPlan()


@pytest.fixture
def registry(plan):
    """A registry with the account 'client' and a domain of it."""
    from geventconnpool_ext.testing import Registry

    made = Registry({"client": "password"}, faults=plan)
    made.add_domain("own.example", auth_info="ownSecret1")
    yield made
    assert made.record.doubled() == [], "a clTRID was executed twice"


@pytest.fixture
def server(registry, certificates):
    """That registry, served."""
    from geventconnpool_ext.testing import Server

    with Server(registry, certificates=certificates) as running:
        yield running


@pytest.fixture
def epp_pool(server):
    """``epp_pool(size)``; takes the arguments of EPPPool and of SessionPolicy."""
    with epp_pools(server) as make:
        yield make
