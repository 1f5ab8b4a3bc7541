"""A pool that nobody references any more goes away with all that it has."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref

import gevent
import pytest
from gevent.event import Event
from gevent.monkey import get_original

import geventconnpool_ext
from geventconnpool_ext import ConnectionPool, PoolHooks

from ..support.clients import start
from ..support.clock import settle

Thread = get_original("threading", "Thread")


def pool_greenlets():
    """The greenlets of pools there are."""
    gc.collect()
    return [
        found
        for found in gc.get_objects()
        if isinstance(found, gevent.Greenlet)
        and not found.ready()
        and "geventconnpool_ext" in getattr(found._run, "__module__", "")
    ]


def run(program):
    """Run *program* in an interpreter of its own; return what it printed."""
    root = os.path.dirname(os.path.dirname(geventconnpool_ext.__file__))
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        env=dict(os.environ, PYTHONPATH=root),
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def drop(holder):
    reference = weakref.ref(holder.pop())
    gc.collect()
    settle()
    gc.collect()
    return reference


def make(peer, **options):
    options.setdefault("keepalive", 3600)
    pool = ConnectionPool(3, connect=peer.connect, ping=peer.ping, **options)
    pool.wait(5)
    return pool


@pytest.mark.parametrize("options", [{}, {"max_lifetime": 99}, {"max_idle": 9}])
def test_an_unreferenced_pool_disappears_and_closes_its_connections(peer, options):
    holder = [make(peer, **options)]
    with holder[0].get():
        pass
    assert drop(holder)() is None
    assert peer.present == 0
    assert pool_greenlets() == []


def test_a_subclass_with_methods_disappears_too(peer):
    class Old(ConnectionPool):
        SPAWN_FREQUENCY = 0.0

        def _new_connection(self):
            return peer.connect()

        def _keepalive(self, c):
            peer.ping(c)

    holder = [Old(2, keepalive=60)]
    holder[0].wait(5)
    assert drop(holder)() is None
    assert peer.present == 0


def test_a_pool_with_hooks_and_its_own_functions_disappears_too(peer):
    class Hooks(PoolHooks):
        def acquired(self, connection):
            pass

    holder = [
        make(peer, hooks=Hooks(), close_connection=peer.close, abandon=lambda c: None)
    ]
    with holder[0].get():
        pass
    assert drop(holder)() is None
    assert peer.present == 0


def test_a_pool_that_looks_for_leaks_disappears_too(peer):
    holder = [make(peer, leak_after=3600)]
    with holder[0].get():
        pass
    assert drop(holder)() is None
    assert peer.present == 0


def test_what_looks_for_leaks_keeps_no_pool_alive(peer):
    # The connection is its user's, who has it by acquire() and not by a lease.
    holder = [make(peer, leak_after=3600)]
    connection = holder[0].acquire()
    assert drop(holder)() is None
    connection.ask()


def test_a_pool_dropped_while_a_connect_stalls_disappears(peer):
    peer.connect_gate = Event()
    holder = [ConnectionPool(1, connect=peer.connect)]
    settle()
    assert peer.connecting == 1
    reference = drop(holder)
    # The connect has the pool while it lasts, and no longer.
    peer.connect_gate.set()
    settle()
    gc.collect()
    settle()
    assert reference() is None
    assert peer.present == 0


def test_a_pool_dropped_while_it_backs_off_disappears(peer):
    peer.failing = ConnectionRefusedError()
    holder = [ConnectionPool(1, connect=peer.connect)]
    settle()
    assert drop(holder)() is None
    attempts = peer.attempts
    gevent.sleep(0.15)
    assert peer.attempts == attempts


def test_a_lease_keeps_its_pool_alive(peer):
    holder = [make(peer)]
    with holder[0].get() as connection:
        reference = weakref.ref(holder.pop())
        gc.collect()
        settle()
        assert reference() is not None
        connection.ask()
    gc.collect()
    settle()
    gc.collect()
    assert reference() is None or peer.present == 3


def test_the_last_reference_may_go_away_in_another_thread(peer):
    holder = [make(peer)]
    reference = weakref.ref(holder[0])

    def drop_there():
        holder.pop()
        gc.collect()

    thread = Thread(target=drop_there)
    thread.start()
    thread.join(10)
    for _ in range(200):
        if reference() is None and peer.present == 0:
            break
        gevent.sleep(0.01)
    assert reference() is None
    assert peer.present == 0


def test_a_pool_never_opened_disappears_silently(peer):
    holder = [ConnectionPool(1, connect=peer.connect, open=False)]
    assert drop(holder)() is None
    assert peer.attempts == 0


def test_a_closed_pool_disappears(peer):
    holder = [make(peer)]
    holder[0].close()
    assert drop(holder)() is None
    assert pool_greenlets() == []


IDLE = """
import gevent
from geventconnpool_ext import ConnectionPool
pool = ConnectionPool(2, connect=lambda: [1], keepalive=0.5, max_lifetime=60,
                      max_idle=5, ping=lambda c: None, leak_after=60)
pool.wait(5)
with pool.get():
    pass
print(gevent.wait(timeout=20))
"""


def test_an_idle_pool_does_not_keep_the_event_loop_from_ending():
    assert run(IDLE) == "True"


def test_an_interpreter_ends_quietly_with_a_pool_in_use():
    program = IDLE + "held = [pool.acquire(), pool.acquire()]\n"
    assert run(program) == "True"


def test_what_nobody_will_ever_return_is_seen_as_a_deadlock_by_gevent(peer):
    # With timers that hold the loop, a waiter would sleep for ever and unseen.
    pool = make(peer)
    held = [pool.acquire() for _ in range(3)]
    waiter = start(pool.acquire)
    assert gevent.wait([waiter], timeout=0.05) == []
    for connection in held:
        pool.release(connection)
    pool.release(waiter.get(timeout=1))
    pool.close()


def test_two_hundred_pools_leave_nothing_behind(peer, unlogged):
    def live():
        pool = ConnectionPool(1, connect=peer.connect)
        with pool.get():
            pass
        pool.close()

    live()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(200):
        live()
    peer.connections.clear()
    gc.collect()
    assert len(gc.get_objects()) - before < 500
