"""What ``_new_connection`` may return, and what may keep it from returning."""

from __future__ import annotations

import gevent
import pytest
from gevent import socket

from .waiting import within


class Empty:
    """A connection with a length, which is 0 until somebody put something in."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length


class Alike:
    """Connections that compare equal and can't be hashed."""

    def __eq__(self, other):
        return True

    __hash__ = None  # type: ignore[assignment]


def take(pool):
    with within(5, "no connection within 5 s"), pool.get() as connection:
        return connection


@pytest.mark.parametrize(
    "falsy", [None, False, 0, "", Empty(0)], ids=lambda falsy: type(falsy).__name__
)
def test_a_falsy_result_means_not_yet(new_pool, peer, falsy):
    answers = [falsy, peer.connect()]
    attempts = []

    def connect():
        attempts.append(1)
        return answers.pop(0)

    assert take(new_pool(1, connect=connect)) is peer.connections[0]
    assert len(attempts) == 2


@pytest.mark.parametrize(
    "connection",
    ["a name", ["a", "list"], {"a": "mapping"}, 7, Empty(3), take],
    ids=lambda connection: type(connection).__name__,
)
def test_a_connection_may_be_anything_that_is_true(new_pool, connection):
    pool = new_pool(1, connect=lambda: connection)
    assert take(pool) is connection
    assert take(pool) is connection


def test_connections_may_compare_equal_and_need_no_hash(new_pool):
    pool = new_pool(2, connect=Alike)
    with within(5, "no connections"), pool.get() as first, pool.get() as second:
        assert first is not second
    assert take(pool) is second


def test_a_slow_open_keeps_nobody_from_the_connections_there_are(new_pool, peer):
    def connect():
        if peer.connections:
            gevent.sleep(10)
        return peer.connect()

    pool = new_pool(2, connect=connect)
    for _ in range(5):
        assert take(pool) is peer.connections[0]


def test_new_connection_may_talk_first_and_returns_when_it_is_ready(new_pool, dial):
    def connect():
        client = dial()
        if client.ask("echo LOGIN") != "LOGIN":
            raise socket.error("authentication failed")
        client.user = "logged in"
        return client

    connection = take(new_pool(1, connect=connect))
    assert connection.user == "logged in"
    assert connection.ask("echo PING") == "PING"
