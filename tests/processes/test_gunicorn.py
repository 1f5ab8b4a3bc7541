"""EPP pools in the real gunicorn with gevent workers, under load (G13).

The registry and the callers are in this process, the pools in gunicorn's.
"""

from __future__ import annotations

import signal
from collections import defaultdict

import gevent
import pytest

from geventconnpool_ext.testing import Limits

from .load import Load
from .web_server import WebServer

pytest.importorskip("gunicorn")

WORKERS = 2
SIZE = 2
MODES = ["import", "post_fork", "master"]

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(params=MODES)
def how(request):
    """Where the pool is opened, with and without ``--preload``."""
    return request.param


@pytest.fixture
def web(server, how):
    """Gunicorn, serving."""
    with WebServer(server, how, WORKERS, SIZE) as running:
        running.ready()
        yield running


def until(condition, seconds=20):
    with gevent.Timeout(seconds, AssertionError("it never came true")):
        while not condition():
            gevent.sleep(0.02)


def replaced(web, load, gone):
    """Wait until the workers *gone* are, and all there are now have answered.

    A worker that still boots is none: gunicorn's TERM may pass it by.
    """
    until(lambda: not gone & web.pids() and len(web.pids()) == WORKERS)
    until(lambda: web.pids() <= set(load.answered.values()))
    load.more()


def sessions_of(how, generations=1):
    """Most sessions that so many generations of workers may have at once."""
    return generations * WORKERS * SIZE + (SIZE if how == "master" else 0)


def judge(registry, load):
    """What must be true of every life of a server."""
    processes = defaultdict(set)
    for entry in registry.record.executed():
        if entry.name in load.answered:
            processes[entry.session_id].add(load.answered[entry.name])
    assert processes
    shared = [pids for pids in processes.values() if len(pids) > 1]
    assert shared == [], "two processes used one TLS session"
    assert registry.record.doubled() == []
    for name in load.answered:
        if name.startswith("create"):
            assert registry.record.effects(name) == ["created"]


def assert_silent(web):
    """No traceback in a request, in a hook or at an interpreter's exit."""
    for word in ("Traceback", "Exception ignored", "Error"):
        assert word not in web.log, web.log


def test_a_reload_and_a_graceful_stop_under_load_log_every_session_out(
    web, registry, how
):
    old = web.pids()
    with Load(web) as load:
        load.more()
        web.signal(signal.SIGHUP)
        replaced(web, load, old)
        assert load.broken == [], "a reload costs no request"
        assert registry.counters().login_failures == 0
        assert web.stop() == 0
    judge(registry, load)
    until(lambda: registry.counters().sessions == 0)
    counters = registry.counters()
    assert counters.most_sessions <= sessions_of(how, generations=2)
    assert counters.ended == {"logout": counters.logins}
    assert_silent(web)


def test_a_worker_killed_under_load_takes_its_own_sessions_with_it_and_no_others(
    web, registry, how
):
    with Load(web) as load:
        load.more()
        victim = web.workers()[0]
        others = web.pids() - {victim.pid}
        victim.kill()
        replaced(web, load, {victim.pid})
    assert web.pids() >= others
    # Requests die with the worker that had them, and with no other.
    assert len(load.broken) <= 8
    judge(registry, load)
    ended = registry.counters().ended
    assert set(ended) <= {"lost", "client_closed"}, ended
    assert sum(ended.values()) <= SIZE, ended
    assert web.stop() == 0
    until(lambda: registry.counters().sessions == 0)
    counters = registry.counters()
    # While the dead worker's were being found, its successor had logged in.
    assert counters.most_sessions <= sessions_of(how) + SIZE
    assert counters.ended["logout"] >= counters.logins - SIZE
    assert_silent(web)


@pytest.mark.parametrize("how", ["import"], indirect=True)
def test_a_reload_succeeds_where_the_registry_has_no_session_to_spare(web, registry):
    """The new workers come up while the old ones still have all there are."""
    limit = sessions_of("import")
    registry.limits = Limits(max_sessions=limit)
    old = web.pids()
    with Load(web) as load:
        load.more()
        web.signal(signal.SIGHUP)
        replaced(web, load, old)
    assert load.broken == []
    judge(registry, load)
    assert registry.counters().most_sessions <= limit
    assert web.stop() == 0
    until(lambda: registry.counters().sessions == 0)
    assert "Traceback" not in web.log
