"""Nothing is lost, whatever arrives at whichever switch point."""

from __future__ import annotations

import contextlib
import itertools
import logging
from functools import partial
from typing import Any

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import ConnectionPool, PoolClosed, PoolHooks

from ..support.clock import settle
from .harness import KINDS, background, run


def scenario(size=1, closes=False, pairs=False):
    """Mark a scenario: a generator that yields its pool first."""

    def mark(function):
        function.size = size
        function.closes = closes
        function.pairs = pairs
        SCENARIOS.append(function)
        return function

    return mark


SCENARIOS: list[Any] = []


def new_pool(scene, size=1, **options):
    class ScenePool(ConnectionPool):
        _clock = scene.clock
        SPAWN_FREQUENCY = 0.0

    return ScenePool(size, connect=scene.peer.connect, **options)


def ready_pool(scene, size=1, **options):
    pool = new_pool(scene, size, **options)
    settle()
    return pool


@scenario(pairs=True)
def waiting_in_get(scene):
    pool = ready_pool(scene)
    yield pool
    scene.spawn(lambda scene: scene.use(pool, 3))
    scene.spawn(lambda scene: scene.use(pool), observed=True)
    scene.spawn(lambda scene: scene.use(pool))


@scenario(pairs=True)
def being_handed_a_connection(scene):
    pool = ready_pool(scene)
    yield pool
    holder = pool.acquire()
    scene.spawn(lambda scene: scene.use(pool), observed=True)
    scene.spawn(lambda scene: scene.use(pool))
    yield
    yield
    pool.release(holder)


@scenario()
def using_it(scene):
    pool = ready_pool(scene, 2)
    yield pool
    scene.spawn(lambda scene: scene.use(pool, 4), observed=True)
    scene.spawn(lambda scene: scene.use(pool, 1))
    scene.spawn(lambda scene: scene.use(pool, 1))


using_it.size = 2


@scenario(pairs=True)
def timing_out_in_get(scene):
    pool = ready_pool(scene)
    yield pool
    holder = pool.acquire()
    scene.spawn(lambda scene: scene.use(pool, timeout=1), observed=True)
    scene.spawn(lambda scene: scene.use(pool))
    yield
    scene.clock.time += 2
    for timer in list(scene.clock.timers):
        gevent.get_hub().loop.run_callback(scene.clock._fire, timer)
    pool.release(holder)


@scenario(pairs=True)
def opening(scene):
    scene.peer.connect_gate = Event()
    pool = new_pool(scene)
    scene.observed = background("opener")(pool)
    yield pool
    scene.spawn(lambda scene: scene.use(pool))
    yield
    yield
    scene.peer.connect_gate.set()


@scenario(pairs=True)
def pinging(scene):
    scene.peer.ping_gate = Event()
    pool = ready_pool(scene, ping=scene.peer.ping, keepalive=5)
    pool._engine.pinger.start(pool._state.idle[0])
    scene.observed = background("pinger")(pool)
    yield pool
    scene.spawn(lambda scene: scene.use(pool))
    yield
    scene.peer.ping_gate.set()


@scenario()
def waiting_for_a_ping_on_checkout(scene):
    scene.peer.ping_gate = Event()
    pool = ready_pool(scene, ping=scene.peer.ping, check_after_idle=5)
    scene.clock.time += 10
    yield pool
    scene.spawn(lambda scene: scene.use(pool), observed=True)
    scene.spawn(lambda scene: scene.use(pool))
    yield
    scene.peer.ping_gate.set()


@scenario(pairs=True)
def discarding(scene):
    scene.peer.close_gate = Event()
    pool = ready_pool(scene)

    def discard(scene):
        with pool.get() as connection:
            gevent.sleep(0)
            raise OSError("broken {}".format(connection))

    def quietly(scene):
        with contextlib.suppress(OSError):
            discard(scene)

    yield pool
    scene.spawn(quietly, observed=True)
    scene.spawn(lambda scene: scene.use(pool))
    yield
    yield
    scene.peer.close_gate.set()


@scenario(pairs=True)
def closing_a_connection(scene):
    scene.peer.close_gate = Event()
    pool = ready_pool(scene)
    connection = pool.acquire()
    pool.release(connection, discard=True)
    scene.observed = background("closer")(pool)
    yield pool
    scene.spawn(lambda scene: scene.use(pool))
    yield
    scene.peer.close_gate.set()


@scenario(size=3)
def draining(scene):
    pool = ready_pool(scene, 3)
    yield pool
    scene.spawn(lambda scene: scene.use(pool, 3), observed=True)
    yield
    pool.drain()
    scene.spawn(lambda scene: scene.use(pool))
    scene.spawn(lambda scene: scene.use(pool))


@scenario(size=3)
def resizing(scene):
    pool = ready_pool(scene, 3)
    yield pool
    for number in range(4):
        scene.spawn(lambda scene: scene.use(pool, 3), observed=number == 2)
    yield
    pool.resize(1)
    yield
    pool.resize(3)


@scenario(size=2)
def checking(scene):
    pool = ready_pool(scene, 2, ping=scene.peer.ping)
    yield pool
    scene.spawn(lambda scene: pool.check(), observed=True)
    scene.spawn(lambda scene: scene.use(pool))


@scenario()
def waiting_for_the_pool(scene):
    scene.peer.connect_gate = Event()
    pool = new_pool(scene)
    yield pool
    scene.spawn(lambda scene: pool.wait(), observed=True)
    scene.spawn(lambda scene: scene.use(pool))
    yield
    yield
    scene.peer.connect_gate.set()


@scenario(size=2, closes=True)
def closing_the_pool(scene):
    scene.peer.close_gate = Event()
    pool = ready_pool(scene, 2)

    def use(scene):
        with contextlib.suppress(PoolClosed):
            scene.use(pool, 3)

    yield pool
    for _ in range(3):
        scene.spawn(use)
    yield
    scene.spawn(lambda scene: pool.close(), observed=True)
    yield
    yield
    scene.peer.close_gate.set()


@scenario(closes=True)
def using_it_while_the_pool_closes(scene):
    pool = ready_pool(scene)

    def use(scene):
        with contextlib.suppress(PoolClosed):
            scene.use(pool, 3)

    yield pool
    scene.spawn(use)
    scene.spawn(use, observed=True)
    yield
    scene.spawn(lambda scene: pool.close(timeout=0))


class Switching(PoolHooks):
    """Hooks that give up control, so that an exception can come to each."""

    def _switch(self, *arguments):
        gevent.sleep(0)

    connected = connect_failed = acquired = released = discarded = _switch
    waited = leaked = pinged = ping_failed = exhausted = closed = _switch


@scenario(pairs=True)
def taking_and_releasing_under_hooks(scene):
    pool = ready_pool(scene, hooks=Switching())
    yield pool
    scene.spawn(lambda scene: scene.use(pool, 1), observed=True)
    scene.spawn(lambda scene: scene.use(pool, 1))


@scenario()
def releasing_by_hand(scene):
    pool = ready_pool(scene, hooks=Switching())

    def use(scene):
        connection = pool.acquire()
        broken = True
        try:
            connection.ask()
            broken = False
        finally:
            pool.release(connection, discard=broken)

    yield pool
    scene.spawn(use, observed=True)
    scene.spawn(lambda scene: scene.use(pool))


@scenario()
def discarding_under_hooks(scene):
    pool = ready_pool(scene, hooks=Switching())

    def discard(scene):
        with pool.get() as connection:
            gevent.sleep(0)
            pool.release(connection, discard=True)

    yield pool
    scene.spawn(discard, observed=True)
    scene.spawn(lambda scene: scene.use(pool))


@scenario()
def opening_under_hooks(scene):
    pool = new_pool(scene, hooks=Switching())
    scene.observed = background("opener")(pool)
    yield pool
    scene.spawn(lambda scene: scene.use(pool))


@scenario(size=2)
def opening_as_a_caller(scene):
    pool = new_pool(scene, 2, open=False, hooks=Switching())

    def open_it(scene):
        pool.open()
        pool.wait()

    yield pool
    opener = scene.spawn(open_it, observed=True)
    yield
    yield
    if opener.dead:
        pool.open()
    scene.spawn(lambda scene: scene.use(pool))


@scenario(size=2)
def draining_as_a_caller(scene):
    pool = ready_pool(scene, 2, hooks=Switching())

    def drain(scene):
        scene.use(pool, 1)
        pool.drain()
        scene.use(pool, 1)

    yield pool
    scene.spawn(drain, observed=True)
    scene.spawn(lambda scene: scene.use(pool, 3))


@scenario(size=3)
def resizing_as_a_caller(scene):
    pool = ready_pool(scene, 3, hooks=Switching())

    def resize(scene):
        pool.resize(1)
        scene.use(pool, 1)
        pool.resize(3)
        scene.use(pool, 1)

    yield pool
    for _ in range(3):
        scene.spawn(lambda scene: scene.use(pool, 2))
    scene.spawn(resize, observed=True)


@scenario(size=2, closes=True)
def closing_under_hooks(scene):
    pool = ready_pool(scene, 2, hooks=Switching())
    yield pool
    scene.spawn(lambda scene: pool.close(), observed=True)


class LeakHooks(PoolHooks):
    """Notes the leaks it is told of."""

    def __init__(self):
        self.told = []

    def leaked(self, connection, seconds, stack):
        self.told.append(connection)
        gevent.sleep(0)


class LeakLines(logging.Handler):
    """Counts the lines about leaks, and gives up control in each."""

    count = 0

    def emit(self, record):
        if "not given back" in record.msg:
            self.count += 1
            gevent.sleep(0)


LEAK_LINES = LeakLines()


def reported_once(hooks, lines_before, held):
    assert hooks.told == held, "a report is lost or doubled"
    assert LEAK_LINES.count - lines_before == len(held), "a line is lost or doubled"


@scenario(size=2, pairs=True)
def reporting_leaks(scene):
    hooks = LeakHooks()
    pool = ready_pool(scene, 2, hooks=hooks, leak_after=5)
    held = [pool.acquire(), pool.acquire()]
    scene.promises.append(partial(reported_once, hooks, LEAK_LINES.count, held))
    scene.clock.time += 6
    pool._leaks.look()
    (scene.observed,) = pool._leaks.running
    yield pool
    for connection in held:
        pool.release(connection)
    scene.spawn(lambda scene: scene.use(pool))


@scenario(pairs=True)
def holding_for_too_long(scene):
    hooks = LeakHooks()
    pool = ready_pool(scene, hooks=hooks, leak_after=5)
    held = []
    scene.promises.append(partial(reported_once, hooks, LEAK_LINES.count, held))

    def hold(scene):
        with pool.get() as connection:
            gevent.sleep(0)
            # As one who blocks the event loop: no timer can fire.
            scene.clock.time += 6
            held.append(connection)
            gevent.sleep(0)

    yield pool
    scene.spawn(hold, observed=True)
    scene.spawn(lambda scene: scene.use(pool))


@pytest.fixture(autouse=True)
def leak_lines():
    logger = logging.getLogger("geventconnpool_ext")
    logger.addHandler(LEAK_LINES)
    yield
    logger.removeHandler(LEAK_LINES)


@pytest.fixture(autouse=True)
def bounded():
    """Longer than for other tests: each of these is hundreds of runs."""
    with gevent.Timeout(100):
        yield


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("play", SCENARIOS, ids=lambda play: play.__name__)
def test_nothing_is_lost_at_any_switch_point(play, kind, record_property):
    steps, thrown = run(play, kind)
    assert steps > 5
    assert thrown == 0
    arrived = sum(run(play, kind, {step})[1] for step in range(steps + 1))
    record_property("switch points", steps + 1)
    record_property("throws", arrived)
    assert arrived > 0, "no exception ever reached the observed greenlet"


@pytest.mark.slow
@pytest.mark.parametrize(
    "play", [p for p in SCENARIOS if p.pairs], ids=lambda play: play.__name__
)
def test_nothing_is_lost_when_two_exceptions_arrive(play, record_property):
    steps, _ = run(play, "kill")
    pairs = list(itertools.combinations(range(min(steps, 24) + 1), 2))
    record_property("switch points", len(pairs))
    arrived = sum(run(play, "kill", set(pair))[1] for pair in pairs)
    record_property("throws", arrived)
    assert arrived > 0
