"""Making a pool: what geventconnpool's users write, and what they can read of it."""

from __future__ import annotations

import time
from contextlib import contextmanager

import gevent
import pytest

from .waiting import until


class Broken(Exception):
    """What somebody's protocol raises."""


def take(pool):
    with pool.get() as connection:
        return connection


def test_pool_and_retry_are_what_a_star_import_brings(implementation):
    assert {"ConnectionPool", "retry"} <= set(implementation.module.__all__)


def test_size_classes_and_keepalive_by_position_can_be_read(new_pool, peer):
    pool = new_pool(3, (Broken,), 60, ping=peer.ping)
    assert (pool.size, pool.exc_classes, pool.keepalive) == (3, (Broken,), 60)


def test_size_classes_and_keepalive_by_keyword_can_be_read(new_pool, peer):
    pool = new_pool(size=2, exc_classes=(Broken,), keepalive=30, ping=peer.ping)
    assert (pool.size, pool.exc_classes, pool.keepalive) == (2, (Broken,), 30)


def test_only_a_size_means_socket_errors_and_no_keepalive(new_pool):
    pool = new_pool(1)
    assert (pool.exc_classes, pool.keepalive) == ((OSError,), None)


@pytest.mark.parametrize("kind", [list, set, iter], ids=lambda kind: kind.__name__)
def test_any_collection_of_classes_becomes_a_tuple(new_pool, kind):
    assert new_pool(1, kind([Broken])).exc_classes == (Broken,)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_subclass_sets_its_attributes_before_or_after_super(
    implementation, peer, when
):
    class Pool(implementation.ConnectionPool):
        SPAWN_FREQUENCY = 0.0

        def __init__(self, source):
            if when == "before":
                self.source = source
            super().__init__(1)
            if when == "after":
                self.source = source

        def _new_connection(self):
            return self.source.connect()

    assert take(Pool(peer)) in peer.connections


def test_a_subclass_of_a_subclass_adds_arguments_of_its_own(implementation):
    class Pool(implementation.ConnectionPool):
        SPAWN_FREQUENCY = 0.0

        def __init__(self, host, *arguments, **options):
            super().__init__(*arguments, **options)
            self.host = host

    class Named(Pool):
        def _new_connection(self):
            return "connected to " + self.host

    pool = Named("example.org", 1, exc_classes=(Broken,))
    assert take(pool) == "connected to example.org"


def test_a_subclass_wraps_get_by_its_own(implementation, peer):
    class Pool(implementation.ConnectionPool):
        SPAWN_FREQUENCY = 0.0
        taken = 0

        def _new_connection(self):
            return peer.connect()

        @contextmanager
        def get(self):
            with super().get() as connection:
                self.taken += 1
                yield connection

    pool = Pool(1)
    assert take(pool) is take(pool)
    assert pool.taken == 2


def test_init_returns_before_anything_is_opened(new_pool, peer):
    new_pool(2)
    assert peer.attempts == 0


def test_new_connection_runs_in_a_greenlet_of_its_own(new_pool, peer):
    seen = []

    def connect():
        seen.append(gevent.getcurrent())
        return peer.connect()

    take(new_pool(1, connect=connect))
    assert isinstance(seen[0], gevent.Greenlet)
    assert seen[0] is not gevent.getcurrent()


def test_the_first_opens_are_a_tenth_of_a_second_apart(implementation):
    assert implementation.ConnectionPool.SPAWN_FREQUENCY == 0.1


def test_a_subclass_chooses_how_far_apart_the_first_opens_are(new_pool, peer):
    moments = []

    def connect():
        moments.append(time.monotonic() - began)
        return peer.connect()

    began = time.monotonic()
    new_pool(4, connect=connect, frequency=0.05)
    until(lambda: len(moments) == 4)
    # A busy machine makes each of them later, and none sooner.
    assert all(moment > 0.045 * number for number, moment in enumerate(moments))
