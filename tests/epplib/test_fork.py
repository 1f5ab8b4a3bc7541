"""A forked child leaves its parent's epplib clients alone and logs in its own (G13)."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import SessionPolicy
from geventconnpool_ext.epp.epplib import EpplibPool

from ..epp_pool.registry_process import RegistryProcess
from ..support.children import fork_by_gevent, fork_plainly, in_child
from .commands import check, login

FORKS = pytest.mark.parametrize("fork", [fork_plainly, fork_by_gevent])


@pytest.fixture(scope="module")
def outside():
    """A registry in another process: one that a fork does not double."""
    running = RegistryProcess()
    yield running
    running.stop()


@pytest.fixture
def pool(outside):
    """Two sessions with it, logged in."""
    made = EpplibPool(
        "localhost",
        login,
        2,
        port=outside.port,
        ca=outside.ca_file,
        policy=SessionPolicy(command_timeout=5, hello_interval=0.2),
        reconnect=Backoff(0.01, 0.1),
        close_timeout=1.0,
    )
    made.wait(timeout=5)
    yield made
    made.close()


@pytest.fixture
def ended_since(outside):
    """How the sessions ended that ended since the test began."""
    before = outside.counters()["ended"]

    def count():
        now = outside.counters()["ended"]
        counted = {reason: now[reason] - before.get(reason, 0) for reason in now}
        return {reason: times for reason, times in counted.items() if times}

    return count


@FORKS
def test_g13_no_answer_crosses_between_parent_and_child(pool, ended_since, fork):
    def ask(who):
        for number in range(5):
            name = "{}{}.example".format(who, number)
            answer = pool.send(check(name))
            assert [item.name for item in answer.res_data] == [name]

    def child():
        ask("child")
        # A session that is still under way would be closed without a logout.
        pool.wait(timeout=5)
        pool.close()
        return pool.stats().open

    asking = gevent.spawn(ask, "parent")
    assert in_child(fork, child) == 0
    asking.get(timeout=5)
    ask("after")
    gevent.sleep(0.05)
    assert set(ended_since()) <= {"logout"}
    assert sum(pool.stats().discarded.values()) == 0


@FORKS
def test_g13_a_child_that_never_uses_the_pool_says_nothing(pool, ended_since, fork):
    in_child(fork, lambda: gevent.sleep(0.4))
    gevent.sleep(0.05)
    assert ended_since() == {}
    with pool.get() as one, pool.get() as other:
        assert one.send(check("a.example")).code == 1000
        assert other.send(check("b.example")).code == 1000


@FORKS
def test_g13_a_client_in_use_is_the_parents_alone(pool, fork):
    """Abandoned in the child: its descriptor there is closed and unused."""
    with pool.get() as session:
        transport = session.client.transport

        def child():
            code = pool.send(check("child.example")).code
            left = transport.socket
            pool.close()
            return code, left

        assert in_child(fork, child) == (1000, None)
        assert session.send(check("parent.example")).code == 1000
