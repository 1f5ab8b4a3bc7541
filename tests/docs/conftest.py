"""Fixtures: a registry over TLS that can go wrong, and pools of sessions with it."""

from __future__ import annotations

import logging

import pytest

from ..support.sessions import epp_pools


@pytest.fixture(scope="module")
def certificates():
    """One authority for all tests: a new one costs more than a test."""
    pytest.importorskip("lxml")
    pytest.importorskip("trustme")
    from geventconnpool_ext.testing import Certificates

    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def plan():
    """What is to go wrong."""
    from geventconnpool_ext.testing import FaultPlan

    return FaultPlan()


@pytest.fixture
def registry(plan):
    """A registry with the account 'client'."""
    from geventconnpool_ext.testing import Registry

    made = Registry({"client": "password"}, faults=plan)
    yield made
    assert made.record.doubled() == []


@pytest.fixture
def server(registry, certificates):
    """That registry, served."""
    from geventconnpool_ext.testing import Server

    with Server(registry, certificates=certificates) as running:
        yield running


@pytest.fixture
def make_pool(server):
    """``make_pool(size)``; takes the arguments of EPPPool and of SessionPolicy."""
    with epp_pools(server) as make:

        def make_and_wait(size=1, *, wait=True, **options):
            pool = make(size, name="epp", **options)
            if wait:
                pool.wait(timeout=5)
            return pool

        yield make_and_wait


@pytest.fixture
def logged():
    """Every line of the package's log, as 'LEVEL text'."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(
        "{} {}".format(record.levelname, record.getMessage())
    )
    logger = logging.getLogger("geventconnpool_ext")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)
