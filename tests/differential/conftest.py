"""What the differential tests run on, and that each is judged by the ledger."""

from __future__ import annotations

import sys
import weakref
from pathlib import Path

import gevent
import pytest

from ..support.server import LineClient
from ..upstream import presence
from . import implementations
from .judge import Judge

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Last, so that the package under test stays the installed one.
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from maintenance.ledger import entries  # noqa: E402


def pytest_configure(config):
    ledger = entries.load(ROOT / "patches")
    config.pluginmanager.register(Judge(ROOT, HERE, ledger), "differential judge")


@pytest.fixture(scope="session")
def release():
    """Upstream's release, or the test is skipped (in CI: fails)."""
    return presence.released()


@pytest.fixture(params=implementations.NAMES)
def implementation(request):
    """Upstream, and ours."""
    if request.param == "upstream":
        request.getfixturevalue("release")
    return implementations.by_name(request.param)


@pytest.fixture(autouse=True)
def nothing_left_running():
    """Upstream's pools have no end: kill the greenlets that a test started."""
    started = weakref.WeakSet()
    gevent.Greenlet.add_spawn_callback(started.add)
    yield
    gevent.Greenlet.remove_spawn_callback(started.add)
    gevent.killall(list(started))


@pytest.fixture
def new_pool(implementation, peer, nothing_left_running):
    """Make a pool as upstream's users do: by a subclass. The peer is scripted.

    *connect* and *ping* become its methods; *frequency* its SPAWN_FREQUENCY.
    """
    pools = []

    def make(*arguments, connect=None, ping=None, frequency=0.0, **options):
        connect = connect or peer.connect
        methods = {
            "SPAWN_FREQUENCY": frequency,
            "_new_connection": lambda self: connect(),
        }
        if ping is not None:
            methods["_keepalive"] = lambda self, c: ping(c)
        bases = (implementation.ConnectionPool,)
        pool = type("Pool", bases, methods)(*arguments, **options)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        if implementation.name == "ours":
            pool.close(timeout=0)


@pytest.fixture
def dial(line_server):
    """Connect to a real server; whatever a pool leaves open is closed in the end."""
    clients = []

    def connect():
        client = LineClient(line_server.address)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.close()
