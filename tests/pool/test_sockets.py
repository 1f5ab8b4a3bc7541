"""Interruptions of real conversations over real sockets."""

from __future__ import annotations

import gevent
import pytest
from gevent import socket

from geventconnpool_ext import Backoff, ConnectionPool, PoolTimeout, retry

from ..support.server import LineClient


@pytest.fixture
def pool(line_server):
    """A pool of two connections to a real server."""
    pool = ConnectionPool(
        2,
        connect=lambda: LineClient(line_server.address),
        ping=lambda client: client.ask("echo ping"),
        reconnect=Backoff(0.01, 0.05),
    )
    pool.wait(5)
    yield pool
    pool.close(timeout=0)


def serve(pool, count=20):
    """Ask *count* questions; every answer must belong to its question."""
    for number in range(count):
        with pool.get(timeout=5) as client:
            question = "question {}".format(number)
            assert client.ask("echo " + question) == question


def test_after_a_timeout_in_the_block_nobody_reads_the_late_answer(pool, line_server):
    # U6: B reads A's answer.
    for _ in range(3):
        with gevent.Timeout(0.02, False), pool.get() as client:
            client.ask("late 0.05 the answer to another")
        serve(pool)


def test_after_a_kill_in_the_block_nobody_reads_the_late_answer(pool):
    def client():
        with pool.get() as connection:
            connection.ask("late 0.05 the answer to another")

    killed = [gevent.spawn(client) for _ in range(6)]
    gevent.sleep(0.02)
    gevent.killall(killed)
    serve(pool)
    gevent.sleep(0.06)
    serve(pool)


def test_a_server_that_drops_all_costs_each_connection_once(pool, line_server):
    serve(pool)
    line_server.drop_all()
    gevent.sleep(0.01)

    @retry(interval=0.01)
    def work(number):
        with pool.get(timeout=5) as client:
            return client.ask("echo {}".format(number))

    assert [work(n) for n in range(10)] == [str(n) for n in range(10)]
    assert pool.stats().discarded["error"] <= 2


def test_the_server_sees_every_discarded_connection_close(pool, line_server):
    def stall():
        with pool.get() as client:
            client.ask("stall", timeout=0.01)

    for _ in range(5):
        with pytest.raises(OSError, match="timed out"):
            stall()
    serve(pool)
    with gevent.Timeout(5):
        while line_server.connected > 2:
            gevent.sleep(0.01)
    # The server sees a close a little later than we have made it.
    assert line_server.most_connected <= 3


def test_close_leaves_no_connection_on_the_server(pool, line_server):
    serve(pool)
    pool.close()
    with gevent.Timeout(5):
        while line_server.connected:
            gevent.sleep(0.01)


def test_get_is_bounded_while_every_connection_hangs(pool):
    # G8.
    def hang():
        with pool.get() as client:
            client.ask("stall")

    hanging = [gevent.spawn(hang) for _ in range(2)]
    gevent.sleep(0.02)
    with gevent.Timeout(2), pytest.raises(PoolTimeout):
        pool.acquire(timeout=0.1)
    gevent.killall(hanging)
    serve(pool)


def test_a_peer_nobody_listens_at_is_named_as_the_cause():
    unused = socket.socket()
    unused.bind(("127.0.0.1", 0))
    address = unused.getsockname()
    pool = ConnectionPool(1, connect=lambda: LineClient(address), name="nobody")
    try:
        with pytest.raises(PoolTimeout, match="nobody: waited 1 s") as caught:
            pool.wait(1)
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    finally:
        pool.close()
        unused.close()


def test_hundreds_of_clients_with_kills_and_timeouts_cross_no_answer(pool):
    wrong = []
    done = []

    def client(number):
        try:
            with gevent.Timeout(0.05 + number % 7 * 0.05), pool.get() as connection:
                question = "n{}".format(number)
                answer = connection.ask("late 0.002 " + question)
                if answer != question:
                    wrong.append((question, answer))
                done.append(number)
        except gevent.Timeout:
            pass

    clients = [gevent.spawn(client, number) for number in range(300)]
    for number, greenlet in enumerate(clients):
        if number % 5 == 0:
            greenlet.kill(block=False)
            gevent.sleep(0.001)
    gevent.joinall(clients, timeout=10)
    assert wrong == []
    assert done
    serve(pool)
    stats = pool.stats()
    assert (stats.in_use, stats.waiting) == (0, 0)
    assert stats.connects == stats.open + sum(stats.discarded.values())
