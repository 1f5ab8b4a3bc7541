"""A forked child leaves its parent's sessions alone and logs in its own (G13)."""

from __future__ import annotations

import os
import socket

import gevent
import pytest

from geventconnpool_ext import Backoff, PoolError
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    CreateDomain,
    EPPPool,
    Login,
    NotSent,
    SessionPolicy,
    client_factory,
)

from ..support.children import fork_by_gevent, fork_plainly, in_child
from .registry_process import RegistryProcess

FORKS = [fork_plainly, fork_by_gevent]


@pytest.fixture(scope="module")
def outside():
    """A registry in another process: one that a fork does not double."""
    running = RegistryProcess()
    yield running
    running.stop()


@pytest.fixture
def pool(outside):
    """Two sessions with it, logged in."""
    connect = client_factory("localhost", outside.port, ca_file=outside.ca_file)
    made = EPPPool(
        connect,
        lambda: Login("client", "password"),
        2,
        policy=SessionPolicy(command_timeout=5, hello_interval=0.2),
        reconnect=Backoff(0.01, 0.1),
        close_timeout=1.0,
    )
    made.wait(timeout=5)
    yield made
    made.close()


@pytest.fixture
def since(outside):
    """What the registry has counted since the test began."""
    before = outside.counters()

    def count():
        now = outside.counters()
        ended = {
            reason: times - before["ended"].get(reason, 0)
            for reason, times in now["ended"].items()
        }
        return {
            "logins": now["logins"] - before["logins"],
            "sessions": now["sessions"] - before["sessions"],
            "ended": {reason: times for reason, times in ended.items() if times},
        }

    return count


@pytest.mark.parametrize("fork", FORKS)
def test_the_child_logs_in_its_own_and_the_parents_live_on(since, pool, fork):
    def child():
        codes = [pool.send(CheckDomain("child.example")).code for _ in range(3)]
        gevent.sleep(0.3)
        pool.close()
        return codes, pool.stats().open

    codes, left = in_child(fork, child)
    assert codes == [1000] * 3
    assert left == 0
    gevent.sleep(0.05)
    counted = since()
    # Two of the parent's, two of the child's, which were logged out.
    assert counted["logins"] == 4
    assert counted["sessions"] == 2
    assert counted["ended"] == {"logout": 2}
    for number in range(4):
        answer = pool.send(CheckDomain("parent{}.example".format(number)))
        assert "parent{}.example".format(number).encode() in bytes(answer.xml)
    assert since()["logins"] == 4
    assert sum(pool.stats().discarded.values()) == 0


@pytest.mark.parametrize("fork", FORKS)
def test_a_child_that_never_uses_the_pool_says_nothing_on_the_wire(since, pool, fork):
    """Not when it ends either, and its keepalive is not the parent's."""
    in_child(fork, lambda: gevent.sleep(0.5))
    gevent.sleep(0.05)
    counted = since()
    assert counted["ended"] == {}
    assert counted["sessions"] >= 2
    with pool.get() as one, pool.get() as other:
        assert one.send(CheckDomain("a.example")).code == 1000
        assert other.send(CheckDomain("b.example")).code == 1000
    assert sum(pool.stats().discarded.values()) == 0


@pytest.mark.parametrize("fork", FORKS)
def test_a_child_that_closes_at_once_logs_nobody_out(since, pool, fork):
    def child():
        pool.close()

    in_child(fork, child)
    gevent.sleep(0.05)
    assert since()["ended"].get("logout", 0) == 0
    with pool.get() as one, pool.get() as other:
        assert one.send(CheckDomain("a.example")).code == 1000
        assert other.send(CheckDomain("b.example")).code == 1000


@pytest.mark.parametrize("fork", FORKS)
def test_a_session_leased_across_the_fork_is_dead_in_the_child(since, pool, fork):
    with pool.get() as session:

        def child():
            with pytest.raises(NotSent):
                session.send(CreateDomain("child.example", auth_info="newSecret1"))
            session.logout()
            session.close()
            return pool.send(CheckDomain("own.example")).code

        assert in_child(fork, child) == 1000
        answer = session.send(CheckDomain("parent.example"))
        assert b"parent.example" in bytes(answer.xml)
    assert sum(pool.stats().discarded.values()) == 0
    assert since()["ended"].get("logout", 0) == 0


def connections_to(port):
    """How many sockets of this process are connected to *port*."""
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptor = os.dup(int(name))
        except OSError:
            continue
        try:
            sock = socket.socket(fileno=descriptor)
        except OSError:
            os.close(descriptor)
            continue
        with sock:
            try:
                found += sock.getpeername()[1] == port
            except (OSError, IndexError):
                pass
    return found


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
@pytest.mark.parametrize("fork", FORKS)
def test_the_child_keeps_no_descriptor_of_the_parents(outside, pool, since, fork):
    """Else the registry would never see the parent's close. Logins, too."""
    outside.ask("late_answer login")
    pool.resize(3)
    with pool.get(), pool.get():
        waiter = gevent.spawn(pool.send, CheckDomain("own.example"), timeout=5)
        gevent.sleep(0.1)
        assert connections_to(outside.port) == 3

        def child():
            gevent.sleep(0.05)
            return connections_to(outside.port)

        assert in_child(fork, child) == 0
        assert waiter.get(timeout=5).code == 1000
    assert since()["logins"] == 1
    assert since()["ended"] == {}


@pytest.mark.parametrize("fork", FORKS)
def test_an_exchange_under_way_ends_in_the_child_and_goes_on_in_the_parent(
    outside, pool, fork
):
    """Its greenlet was copied; the command must not be executed twice."""
    name = "under-way-{}.example".format(fork.__name__.replace("_", "-"))
    outside.ask("stall_after_execute create")
    command = CreateDomain(name, auth_info="newSecret1")
    sender = gevent.spawn(pool.send, command, timeout=1.0)
    gevent.sleep(0.1)

    def child():
        sender.join(timeout=3)
        assert sender.ready()
        error = sender.exception
        return isinstance(error, (PoolError, OSError, gevent.GreenletExit)) or (
            sender.successful() and isinstance(sender.value, gevent.GreenletExit)
        )

    assert in_child(fork, child)
    sender.join(timeout=3)
    assert isinstance(sender.exception, AmbiguousOutcome)
    executed = [entry for entry in outside.executed() if entry[0] == name]
    assert len(executed) == 1


@pytest.mark.parametrize("fork", FORKS)
def test_cl_tr_ids_of_child_and_parent_differ(pool, fork):
    # As bytes: an object would be asked for its kind with a clTRID of its own.
    command = CheckDomain("ids.example").xml(tr_id="MINE-1")

    def send():
        return [pool.send(command).cl_tr_id for _ in range(6)]

    theirs = in_child(fork, send)
    assert len(set(send() + theirs)) == 12


@pytest.mark.parametrize("fork", [fork_plainly, fork_by_gevent])
@pytest.mark.parametrize("kind", ["pool", "null"])
def test_the_child_keeps_the_size_of_its_parent(make_pool, kind, fork):
    pool = make_pool(2, kind=kind)
    pool.resize(3)
    assert in_child(fork, lambda: pool.stats().size) == 3
