"""Fixtures that every part of the suite uses."""

from __future__ import annotations

import gevent
import pytest

from .support.clock import VirtualClock
from .support.peer import Peer
from .support.server import LineServer


@pytest.fixture(autouse=True)
def bounded():
    """End a test that hangs with a traceback of where it does."""
    with gevent.Timeout(8):
        yield


@pytest.fixture
def peer():
    """A scripted peer to connect to."""
    return Peer()


@pytest.fixture
def clock():
    """A clock that stands still until a test advances it."""
    return VirtualClock()


@pytest.fixture
def line_server():
    """A real TCP server."""
    server = LineServer()
    yield server
    server.stop()
