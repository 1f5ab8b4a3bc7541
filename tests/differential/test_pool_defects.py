"""What is wrong with upstream's pool: each test fails there, and how is declared.

The numbers are those of the defects in the ledger.
"""

from __future__ import annotations

import time
from contextlib import contextmanager

import gevent
import pytest

from .waiting import until, within


class Broken(Exception):
    """What no class that the pool knows is."""


def take(pool):
    with pool.get() as connection:
        return connection


@contextmanager
def refused(message, problem):
    """The block raises a ValueError of *message*; if not, there is a *problem*."""
    try:
        yield
    except ValueError as error:
        if message not in str(error):
            raise
    else:
        raise AssertionError(problem)


@pytest.mark.parametrize("error", [OSError("refused"), Broken()], ids=repr)
def test_a_failed_connect_is_tried_again(new_pool, peer, error):
    # U4
    peer.errors = [error]
    pool = new_pool(1)
    with within(1, "no connection within 1 s, though the second connect succeeds"):
        assert take(pool) is peer.connections[0]


def test_no_pause_between_connects_is_longer_than_a_minute(implementation, peer):
    # U5
    attempts = []
    with implementation.hurried() as clock:

        class Pool(implementation.ConnectionPool):
            SPAWN_FREQUENCY = 0.0

            def _new_connection(self):
                attempts.append(clock.now())

        pool = Pool(1)
        for _ in range(1200):
            clock.advance(1)
    pauses = [later - sooner for sooner, later in zip(attempts, attempts[1:])]
    assert len(pauses) > 9
    if max(pauses) > 60 + 1:
        raise AssertionError("a pause of {:.1f} s".format(max(pauses)))
    assert pool.size == 1


@pytest.mark.parametrize("way", ["timeout", "kill"])
def test_an_answer_left_unread_is_not_read_by_the_next_caller(new_pool, dial, way):
    # U6
    pool = new_pool(1, connect=dial)

    def first():
        limit = gevent.Timeout(0.05 if way == "timeout" else None, False)
        with limit, pool.get() as connection:
            connection.ask("late 0.1 for A")

    greenlet = gevent.spawn(first)
    if way == "kill":
        gevent.sleep(0.05)
        greenlet.kill()
    greenlet.join()
    with within(5, "no connection within 5 s"), pool.get() as connection:
        answer = connection.ask("echo for B")
    if answer != "for B":
        raise AssertionError("B asked, and read the answer {}".format(answer))


def test_pings_go_on_after_one_raised_what_is_not_in_exc_classes(new_pool, peer):
    # U7
    pinged = []

    def ping(connection):
        pinged.append(connection)
        if len(pinged) == 1:
            raise Broken

    new_pool(1, keepalive=0.05, ping=ping)
    until(lambda: pinged)
    until(lambda: len(pinged) > 1, "no second ping within 1 s", seconds=1)


def test_a_ping_that_raises_anything_costs_the_connection(new_pool, peer):
    # U7
    def ping(connection):
        raise Broken

    pool = new_pool(1, keepalive=0.05, ping=ping)
    until(lambda: peer.connections)
    gevent.sleep(0.3)
    with within(2, "no connection within 2 s"):
        if take(pool) is peer.connections[0]:
            raise AssertionError("what could not be pinged was handed out")


def test_a_dropped_connection_is_closed(new_pool, dial, line_server):
    # U8
    pool = new_pool(1, connect=dial)
    with pytest.raises(ConnectionResetError), pool.get() as held:
        raise ConnectionResetError
    # Somebody still refers to it, as an exception's traceback does.
    until(lambda: held.fileno() == -1, "its socket is open after 0.7 s", seconds=0.7)
    until(lambda: line_server.accepted - line_server.connected == 1)


def test_a_size_of_zero_is_refused(new_pool):
    # U9
    with refused("size must be", "a pool of size 0 was made, and get() would hang"):
        new_pool(0)


def test_a_keepalive_over_no_connections_is_refused_at_once(new_pool, peer):
    # U9: upstream divides by it, in a greenlet, later.
    with refused("size must be", "a pool of size 0 with a keepalive was made"):
        new_pool(0, keepalive=1, ping=peer.ping)


def test_one_idle_connection_among_busy_ones_is_not_pinged_more_often(new_pool, peer):
    # U10
    pool = new_pool(3, keepalive=0.3, ping=peer.ping)
    until(lambda: len(peer.connections) == 3)
    gevent.sleep(0.01)
    with pool.get(), pool.get():
        before = peer.pings
        gevent.sleep(0.65)
        pings = peer.pings - before
    if pings > 3:
        raise AssertionError("{} pings of it in two periods".format(pings))
    assert pings >= 1


def test_get_takes_a_timeout(new_pool):
    # U11
    pool = new_pool(1)
    with pool.get():
        started = time.monotonic()
        lease = pool.get(timeout=0.05)
        with pytest.raises(TimeoutError), lease:
            pass
        assert time.monotonic() - started < 2


def test_a_pool_can_be_closed(new_pool, peer):
    # U11
    pool = new_pool(2)
    take(pool)
    until(lambda: len(peer.connections) == 2)
    with within(2, "close() does not end within 2 s"):
        pool.close()
    assert peer.present == 0
    assert peer.closed == peer.connections


def test_a_dropped_connection_is_replaced_at_once(new_pool):
    # Pull request 5: upstream waits for a second.
    pool = new_pool(1)
    with pytest.raises(ConnectionResetError), pool.get() as dropped:
        raise ConnectionResetError
    with within(0.6, "no connection within 0.6 s of the drop"):
        assert take(pool) is not dropped


def test_one_connection_is_never_lent_to_two(new_pool, peer):
    # A connect that returns what the pool holds already: no second slot of it.
    only = peer.connect()
    pool = new_pool(2, connect=lambda: only)
    with pool.get() as first, gevent.Timeout(0.5, False), pool.get() as second:
        if second is first:
            raise AssertionError("one connection is lent to two")
        raise AssertionError("there is no second connection")
