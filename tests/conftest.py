"""Fixtures that every part of the suite uses."""

from __future__ import annotations

import logging

import gevent
import pytest

from .secrets.watch import watched as watched
from .support.clock import VirtualClock
from .support.peer import Peer
from .support.server import LineServer


@pytest.fixture(autouse=True)
def bounded(request):
    """End a test that hangs with a traceback of where it does.

    ``@pytest.mark.timeout(seconds)`` says how long a test may take, if not 20 s.
    """
    marker = request.node.get_closest_marker("timeout")
    with gevent.Timeout(marker.args[0] if marker else 20):
        yield


@pytest.fixture
def unlogged():
    """Nothing is logged: pytest keeps each record, and a test counts objects."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


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
