"""Fixtures: the command line as a process, and a registry for it to talk to."""

from __future__ import annotations

import gevent
import pytest

from .processes import run

pytest.importorskip("lxml", reason="the command line's commands need lxml")
pytest.importorskip("trustme", reason="the registry needs trustme")

from geventconnpool_ext.testing import Registry, Server


@pytest.fixture(autouse=True)
def bounded():
    """End a test that hangs; a process takes a second to start on a busy machine."""
    with gevent.Timeout(60):
        yield


@pytest.fixture(scope="module")
def server():
    """A registry with the account 'client', in this process."""
    with Server(Registry({"client": "correct-horse"})) as running:
        yield running


@pytest.fixture
def ping(server):
    """A function that pings it; more arguments and environment may be given."""

    def call(*arguments, host="localhost", ca=server.certificates.ca_file, **variables):
        trust = [] if ca is None else ["--ca", ca]
        return run(
            "ping", host, "--port", str(server.port), *trust, *arguments, **variables
        )

    return call
