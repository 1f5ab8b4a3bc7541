"""Nothing of an EPP session is lost, whatever arrives at whichever switch point."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import gevent
import pytest

from geventconnpool_ext import PoolClosed
from geventconnpool_ext.epp import (
    CheckDomain,
    EPPError,
    EPPHooks,
)
from geventconnpool_ext.epp.tls import ssl_context
from geventconnpool_ext.testing import Certificates, Registry, Server

from .harness import KINDS
from .session_harness import LATER, PASSWORD, run

SCENARIOS: list[Any] = []
PROBE = CheckDomain("probe.example")


def scenario(size=1, closes=False):
    """Mark a scenario: a generator that yields its pool first."""

    def mark(function):
        function.size = size
        function.closes = closes
        SCENARIOS.append(function)
        return function

    return mark


class Switching(EPPHooks):
    """Hooks that give up control, so that an exception can come to each."""

    def _switch(self, *arguments):
        gevent.sleep(0)

    greeted = logged_in = login_failed = kept_alive = _switch
    session_expiring = session_expired = replayed = _switch
    connected = connect_failed = acquired = released = discarded = _switch
    waited = leaked = pinged = ping_failed = exhausted = closed = sent = _switch


# Connect and login.


@scenario()
def connecting_and_logging_in(scene):
    pool = scene.pool()
    scene.observe(pool, "opener")
    yield pool
    scene.spawn(scene.use, pool)


@scenario()
def logging_in_under_hooks(scene):
    pool = scene.pool(hooks=Switching())
    scene.observe(pool, "opener")
    yield pool
    scene.spawn(scene.use, pool)


# Commands.


@scenario()
def sending(scene):
    pool = scene.ready_pool()
    yield pool
    scene.spawn(scene.ask, pool, observed=True)
    scene.spawn(scene.ask, pool)
    scene.spawn(scene.ask, pool)


@scenario(size=2)
def sending_in_a_block(scene):
    pool = scene.ready_pool(2)
    yield pool
    scene.spawn(scene.use, pool, 3, observed=True)
    for _ in range(3):
        scene.spawn(scene.use, pool)


@scenario()
def sending_under_hooks(scene):
    pool = scene.ready_pool(hooks=Switching())
    yield pool
    scene.spawn(scene.use, pool, 2, observed=True)
    scene.spawn(scene.use, pool)


@scenario()
def sending_by_the_pool_under_hooks(scene):
    pool = scene.ready_pool(hooks=Switching())
    yield pool
    scene.spawn(scene.ask, pool, observed=True)
    scene.spawn(scene.ask, pool)


@scenario()
def creating(scene):
    pool = scene.ready_pool()
    yield pool
    scene.spawn(scene.create, pool, observed=True)
    scene.spawn(scene.ask, pool)


@scenario(size=2)
def sending_on_dead_sessions(scene):
    pool = scene.ready_pool(2)
    scene.server.kill_sessions()
    yield pool
    scene.spawn(scene.ask, pool, observed=True)
    scene.spawn(scene.ask, pool)


@scenario()
def sending_when_logged_out(scene):
    pool = scene.ready_pool(probe=PROBE)
    scene.server.logout_silently()
    yield pool
    scene.spawn(scene.ask, pool, observed=True)
    scene.spawn(scene.ask, pool)


# Hello and probe.


@scenario()
def saying_hello(scene):
    pool = scene.ready_pool()
    pool._engine.pinger.start(pool._state.idle[0])
    scene.observe(pool, "pinger")
    yield pool
    scene.spawn(scene.use, pool)


@scenario()
def probing(scene):
    pool = scene.ready_pool(probe=PROBE, probe_interval=0.001, hooks=Switching())
    gevent.sleep(0.002)
    pool._engine.pinger.start(pool._state.idle[0])
    scene.observe(pool, "pinger")
    yield pool
    scene.spawn(scene.ask, pool)


@scenario()
def waiting_for_a_probe(scene):
    pool = scene.ready_pool(probe=PROBE, probe_interval=0.001)
    gevent.sleep(0.002)
    yield pool
    scene.spawn(scene.ask, pool, observed=True)
    scene.spawn(scene.ask, pool)


# Rotation and logout.


@scenario()
def logging_out(scene):
    pool = scene.ready_pool()
    pool.drain()
    scene.observe(pool, "closer")
    yield pool
    scene.spawn(scene.use, pool)


@scenario(size=2)
def rotating(scene):
    pool = scene.ready_pool(2, hooks=Switching())
    pool.drain()
    scene.observe(pool, "closer", "opener")
    yield pool
    scene.spawn(scene.use, pool)
    scene.spawn(scene.use, pool)


@scenario()
def wearing_out(scene):
    pool = scene.ready_pool(max_commands=1)
    scene.observe(pool, "closer", "opener")
    yield pool
    scene.spawn(scene.use, pool)
    scene.spawn(scene.use, pool)


@scenario(size=2, closes=True)
def closing_the_pool(scene):
    pool = scene.ready_pool(2)

    def use():
        with contextlib.suppress(PoolClosed, EPPError):
            scene.use(pool, 2)

    yield pool
    for _ in range(3):
        scene.spawn(use)
    yield
    scene.spawn(pool.close, observed=True)


@scenario(size=2, closes=True)
def logging_out_as_the_pool_closes(scene):
    pool = scene.ready_pool(2, hooks=Switching())
    scene.observe(pool, "closer")
    yield pool
    scene.spawn(pool.close)


@pytest.fixture(scope="module")
def certificates():
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def server(certificates):
    registry = Registry({"client": PASSWORD})
    with Server(registry, certificates=certificates) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet_hub(monkeypatch):
    """What is thrown into the pool's own greenlets would be printed."""
    monkeypatch.setattr(
        gevent.get_hub(), "print_exception", lambda *arguments: None, raising=False
    )


@pytest.mark.timeout(100)
@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("play", SCENARIOS, ids=lambda play: play.__name__)
def test_nothing_is_lost_at_any_switch_point_of_a_session(
    play, kind, server, record_property
):
    context = ssl_context(ca_file=server.certificates.ca_file)
    steps, thrown = run(play, kind, server, context)
    assert steps > 0
    assert thrown == 0
    arrived = points = 0
    for later in LATER[kind]:
        for step in itertools.count(0 if later == 0 else 1):
            _, thrown = run(play, kind, server, context, step, later)
            arrived += thrown
            points = max(points, step)
            # Steps vary: go on for as long as there was one to throw at.
            if not thrown and step >= steps:
                break
            assert step < 300, "the scenario never ends"
    record_property("switch points", points)
    record_property("throws", arrived)
    assert arrived >= steps / 2, "hardly an exception reached the observed greenlet"
