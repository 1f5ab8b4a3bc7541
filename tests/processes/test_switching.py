"""A running deployment is switched to one connection per call, and back.

By the commands of docs/contingency.md, under the real gunicorn, under load.
"""

from __future__ import annotations

from collections import defaultdict

import gevent
import pytest

from ..contingency import page
from ..support.server import LineServer
from .deployment import Deployment
from .load import Load

pytest.importorskip("gunicorn")

WORKERS = 2
SIZE = 2
SECTION = "Switch to one connection per call"
SETTINGS = page.block(SECTION, "python", "raw_env")
TRY_FIRST = page.block(SECTION, "sh", "--check-config")
SWITCH = page.block(SECTION, "sh", "touch no-pool\nkill -HUP")
BACK = page.block(SECTION, "sh", "rm no-pool\nkill -HUP")
SECOND_MASTER = page.block(SECTION, "sh", "-USR2")
FIRST_GOES = page.block(SECTION, "sh", "-TERM")

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def epp(server, tmp_path):
    """A deployment of the application with an EPPPool, opened as told."""

    def deploy(how="import"):
        environment = {
            "POOL": how,
            "POOL_SIZE": str(SIZE),
            "WORKERS": str(WORKERS),
            "REGISTRY_PORT": str(server.port),
            "CA_FILE": server.certificates.ca_file,
        }
        text = "from application import application, pool"
        return Deployment(tmp_path, SETTINGS, text, environment)

    return deploy


@pytest.fixture
def line_server():
    """A server of lines, in this process."""
    running = LineServer()
    yield running
    running.stop()


def until(condition, seconds=20):
    with gevent.Timeout(seconds, AssertionError("it never came true")):
        while not condition():
            gevent.sleep(0.02)


def replaced(web, load, gone):
    """Wait until the workers *gone* are, and all there are now have answered."""
    workers = len(gone)
    until(lambda: not gone & web.pids() and len(web.pids()) == workers)
    until(lambda: web.pids() <= set(load.answered.values()))
    load.more()


def commands_by_session(registry, load, pids):
    """How many of the load's commands each session of these workers sent."""
    counts = defaultdict(int)
    for entry in registry.record.executed():
        if load.answered.get(entry.name) in pids:
            counts[entry.session_id] += 1
    assert counts
    return counts


def assert_pooled(registry, load, pids):
    counts = commands_by_session(registry, load, pids)
    assert len(counts) <= WORKERS * SIZE
    assert sum(counts.values()) > len(counts)


def assert_one_per_call(registry, load, pids):
    counts = commands_by_session(registry, load, pids)
    assert set(counts.values()) == {1}, "a session was used by two calls"


def assert_nothing_lost(web, registry, load):
    assert load.broken == [], "switching costs no request"
    assert registry.record.doubled() == []
    for name in load.answered:
        if name.startswith("create"):
            assert registry.record.effects(name) == ["created"]
    until(lambda: registry.counters().sessions == 0)
    counters = registry.counters()
    assert counters.ended == {"logout": counters.logins}
    for word in ("Traceback", "Exception ignored", "Error"):
        assert word not in web.log, web.log


def test_a_file_and_a_reload_switch_epp_to_a_session_per_command_and_back(
    epp, registry
):
    with epp() as web:
        web.start()
        web.done(TRY_FIRST)
        pooled = web.pids()
        # Which is why a reload does not bring another gevent.
        assert web.loaded_by_masters("gevent")
        with Load(web) as load:
            load.more()
            web.done(SWITCH)
            replaced(web, load, pooled)
            single = web.pids()
            web.done(BACK)
            replaced(web, load, single)
            again = web.pids()
            load.more()
        assert web.stop() == 0
        assert_pooled(registry, load, pooled)
        assert_one_per_call(registry, load, single)
        assert_pooled(registry, load, again)
        # Of two generations of workers at most, whatever their kind.
        assert registry.counters().most_sessions <= 2 * WORKERS * SIZE + SIZE
        assert_nothing_lost(web, registry, load)


@pytest.mark.slow
def test_a_second_master_switches_an_application_that_a_reload_cannot(
    epp, registry, tmp_path
):
    """With ``preload_app`` the master keeps the pool that it has made."""
    with epp("post_fork") as web:
        web.start()
        first = web.pids()
        (master,) = web.masters()
        with Load(web) as load:
            load.more()
            web.done(SWITCH)
            replaced(web, load, first)
            reloaded = web.pids()
            web.done(SECOND_MASTER)
            until(lambda: len(web.masters()) == 2 and len(web.pids()) == 2 * WORKERS)
            until(lambda: web.pids() <= set(load.answered.values()))
            web.done(FIRST_GOES)
            until(lambda: len(web.masters()) == 1 and len(web.pids()) == WORKERS)
            until((tmp_path / "web.pid").exists)
            assert web.masters() == {int((tmp_path / "web.pid").read_text())}
            assert master not in web.masters()
            load.more()
            single = web.pids()
        web.stop()
        assert_pooled(registry, load, first)
        assert_pooled(registry, load, reloaded)
        assert_one_per_call(registry, load, single)
        assert_nothing_lost(web, registry, load)


def test_a_file_and_a_reload_switch_a_pool_of_any_connections_and_back(
    line_server, tmp_path
):
    port = str(line_server.address[1])
    environment = {"POOL": "import", "WORKERS": "1", "LINE_PORT": port}
    text = "from plain_application import application, pool"
    with Deployment(tmp_path, SETTINGS, text, environment) as web:
        web.start()
        pooled = web.pids()
        with Load(web) as load:
            load.more()
            assert line_server.accepted <= SIZE
            web.done(SWITCH)
            replaced(web, load, pooled)
            single = web.pids()
            before = line_server.accepted, len(load.answered)
            load.more()
            opened, answered = line_server.accepted, len(load.answered)
            # Eight calls may have been under way at either count.
            assert opened - before[0] >= answered - before[1] - 8
            web.done(BACK)
            replaced(web, load, single)
            kept = line_server.accepted
            load.more(100)
            assert line_server.accepted == kept
        assert load.broken == [], "switching costs no request"
        assert web.stop() == 0
        until(lambda: line_server.connected == 0)
        # One that a client has closed counts until the server has seen its end.
        assert line_server.most_connected <= 2 * SIZE + SIZE
        assert "Traceback" not in web.log


SUBCLASS = """
from geventconnpool_ext.epp import EPPPool, Login, client_factory

class Mine(EPPPool):
    pass

pool = Mine(client_factory("localhost", 700), lambda: Login("client", "secret"), 1)
application = None
"""


def test_trying_first_finds_an_application_that_cannot_be_switched(tmp_path):
    environment = {"POOL": "import", "WORKERS": "1"}
    with Deployment(tmp_path, SETTINGS, SUBCLASS, environment) as web:
        status, said = web.run(TRY_FIRST)
        assert status != 0
        assert "TypeError: Mine is a subclass of EPPPool" in said
