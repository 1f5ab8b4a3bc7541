"""The registry that the processes of these tests talk to."""

from __future__ import annotations

import pytest

from geventconnpool_ext.testing import Certificates, Registry, Server


@pytest.fixture(scope="module")
def certificates():
    """One authority for all tests of a file."""
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def registry():
    """A registry that takes a moment for each command."""
    return Registry(latency=0.002)


@pytest.fixture
def server(registry, certificates):
    """That registry, served."""
    with Server(registry, certificates=certificates) as running:
        yield running
