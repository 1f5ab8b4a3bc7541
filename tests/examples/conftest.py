"""What the tests of the example share: a registry, and gunicorn with Django."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import ExitStack

import pytest

from geventconnpool_ext.testing import Certificates, Registry, Server

from .example import Example

EPPLIB_IS_MISSING = (
    "epplib is not installed: pip install git+https://github.com/cisagov/epplib"
)


@pytest.fixture(scope="session")
def certificates():
    """One authority for all tests of the example."""
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def registry():
    """A registry that takes a moment for each command."""
    return Registry(latency=0.005)


@pytest.fixture
def server(registry, certificates):
    """That registry, served."""
    with Server(registry, certificates=certificates) as running:
        yield running


@pytest.fixture(params=["native", "epplib"])
def client(request):
    """Whose EPP client the example uses."""
    if request.param == "epplib" and importlib.util.find_spec("epplib") is None:
        pytest.skip(EPPLIB_IS_MISSING)
    return request.param


@pytest.fixture
def start(server, client):
    """Start the example; its processes end with the test."""
    with ExitStack() as running:

        def begin(**options):
            web = running.enter_context(Example(server, client, **options))
            started.append(web)
            web.ready()
            return web

        started = []
        yield begin
        for web in started:
            # Shown where the test fails.
            sys.stdout.write(web.log)
