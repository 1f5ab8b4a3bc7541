"""The keepalive that a subclass implements."""

from __future__ import annotations

import gevent
import pytest

from .waiting import until, within


class Broken(Exception):
    """What somebody's protocol raises."""


def take(pool):
    with within(5, "no connection within 5 s"), pool.get() as connection:
        return connection


@pytest.mark.parametrize("keepalive", [None, 0, 0.0])
def test_without_a_period_there_is_no_keepalive(new_pool, peer, keepalive):
    pool = new_pool(1, keepalive=keepalive, ping=peer.ping)
    take(pool)
    gevent.sleep(0.1)
    assert peer.pings == 0


def test_without_a_period_a_subclass_needs_no_keepalive_method(new_pool, peer):
    pool = new_pool(2, keepalive=None)
    assert take(pool) in peer.connections
    gevent.sleep(0.02)
    assert take(pool) in peer.connections


def test_keepalive_is_called_with_an_idle_connection_of_the_pool(new_pool, peer):
    # The peer refuses a ping of one that is in use.
    pool = new_pool(1, keepalive=0.03, ping=peer.ping)
    until(lambda: peer.pings >= 2, "no two pings within 5 s")
    assert peer.connections[0].pings == peer.pings
    with pool.get():
        before = peer.pings
        gevent.sleep(0.1)
        assert peer.pings == before


def test_every_idle_connection_is_pinged_in_its_turn(new_pool, peer):
    new_pool(3, keepalive=0.09, ping=peer.ping)
    until(lambda: len(peer.connections) == 3)
    until(lambda: all(c.pings >= 2 for c in peer.connections), "one is left out")


def test_an_idle_connection_is_pinged_once_in_each_period(new_pool, peer):
    new_pool(1, keepalive=0.15, ping=peer.ping)
    until(lambda: peer.connections)
    gevent.sleep(0.7)
    # At once or after the first period; a busy machine may miss one.
    assert 2 <= peer.pings <= 5


def test_a_connection_is_not_handed_out_while_it_is_pinged(new_pool, peer):
    peer.ping_gate = gevent.event.Event()
    pool = new_pool(1, keepalive=0.03, ping=peer.ping)
    until(lambda: peer.pinging)
    waiter = gevent.spawn(take, pool)
    gevent.sleep(0.05)
    assert not waiter.dead
    peer.ping_gate.set()
    assert waiter.get(timeout=2) is peer.connections[0]


def test_a_keepalive_that_raises_as_declared_costs_the_connection(new_pool, peer):
    errors = [Broken(), OSError("cut")]

    def ping(connection):
        peer.ping(connection)
        if errors:
            connection.error = errors.pop()
            raise connection.error

    pool = new_pool(2, (OSError, Broken), 0.1, ping=ping)
    until(lambda: len(peer.connections) == 4, "they were not replaced")
    dropped = {c for c in peer.connections if hasattr(c, "error")}
    kept = set(peer.connections) - dropped
    assert len(dropped) == 2
    assert {take(pool) for _ in range(4)} <= kept
    pings = {c: c.pings for c in kept}
    until(lambda: all(c.pings > pings[c] for c in kept), "the pings ceased")
