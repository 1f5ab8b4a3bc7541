"""Fixtures: certificates made once, servers that stop, and desks without a network."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext.testing import Certificates, Registry, Server

from .conversations import Desk, RawClient

ACCOUNTS = {"client": "password", "other": "password2"}


@pytest.fixture(scope="session")
def certificates():
    """One authority for all tests."""
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def registry():
    """A registry with two accounts, client and other."""
    return Registry(ACCOUNTS)


@pytest.fixture
def desk(registry):
    """A session of 'client' without a network."""
    return Desk(registry)


@pytest.fixture
def other(registry):
    """A session of 'other' without a network."""
    return Desk(registry, "other", "password2")


@pytest.fixture
def server(registry, certificates):
    """That registry, served."""
    with Server(registry, certificates=certificates) as running:
        yield running


@pytest.fixture
def dial(server):
    """A function that connects to the server; what it opened is closed."""
    opened = []

    def connect(**options):
        client = RawClient(server, **options)
        opened.append(client)
        return client

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def until():
    """A function that waits, two seconds at most, until a condition holds."""

    def wait(condition):
        with gevent.Timeout(2, AssertionError("it never came true")):
            while not condition():
                gevent.sleep(0.002)

    return wait
