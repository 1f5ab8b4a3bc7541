"""A pool in a forked child, with a server in a process of its own."""

from __future__ import annotations

import pytest

from ..support.children import fork_plainly, in_child
from ..support.server import LineClient, LineServerProcess


@pytest.fixture
def server():
    """A server that a fork does not copy."""
    process = LineServerProcess()
    yield process
    process.stop()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_child_talks_over_a_connection_of_its_own(new_pool, server):
    clients = []

    def connect():
        clients.append(LineClient(server.address))
        return clients[-1]

    pool = new_pool(1, connect=connect)

    def ask(text):
        with pool.get() as connection:
            return connection.ask("echo " + text)

    assert ask("parent") == "parent"
    assert in_child(fork_plainly, lambda: ask("child")) == "child"
    accepted = server.accepted
    assert ask("parent again") == "parent again"
    for client in clients:
        client.close()
    if accepted == 1:
        raise AssertionError("the child used its parent's connection")
    assert accepted == 2
