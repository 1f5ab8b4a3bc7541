"""A forked child must leave its parent's connections alone and get its own."""

from __future__ import annotations

import gc
import os

import gevent
import pytest
from gevent.event import Event

from geventconnpool_ext import ConnectionPool, PoolClosed, PoolError, PoolHooks

from ..support.children import fork_by_gevent, fork_plainly, in_child
from ..support.clients import start
from ..support.clock import settle
from ..support.server import LineClient, LineServerProcess

# From Python 3.12 on, forking with gevent's resolver threads running is warned of.
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def line_server():
    """A server that is not forked with us."""
    server = LineServerProcess()
    yield server
    server.stop()


@pytest.fixture(params=[fork_plainly, fork_by_gevent], ids=["os", "gevent"])
def fork(request):
    """A way to fork."""
    return request.param


@pytest.fixture
def pool(line_server):
    """A pool of two real connections, open and used once."""
    pool = ConnectionPool(
        2, connect=lambda: LineClient(line_server.address), max_opening=2
    )
    pool.wait(5)
    with pool.get() as a, pool.get() as b:
        a.ask("echo a")
        b.ask("echo b")
    yield pool
    pool.close(timeout=0)


def test_a_child_connects_by_itself_and_only_when_it_asks(pool, line_server, fork):
    before = line_server.accepted

    def child():
        gevent.sleep(0.15)
        quiet = pool.stats()
        with pool.get(timeout=5) as connection:
            answer = connection.ask("echo from the child")
        return quiet.connects, quiet.open, answer

    connects, opened, answer = in_child(fork, child)
    assert (connects, opened) == (0, 0)
    assert answer == "from the child"
    assert line_server.accepted > before


def test_the_parent_goes_on_with_the_same_connections(pool, line_server, fork):
    before = line_server.accepted
    in_child(fork, lambda: pool.stats().size)
    with pool.get() as connection:
        assert connection.ask("echo still here") == "still here"
    assert line_server.accepted == before
    assert pool.stats().connects == 2


def test_the_child_keeps_no_descriptor_of_the_parent(pool, line_server, fork):
    # Else the server would never see the parent's close.
    with pool.get() as a, pool.get() as b:
        inherited = [a.fileno(), b.fileno()]

    def child():
        return [os.path.exists("/proc/self/fd/%d" % fd) for fd in inherited]

    if not os.path.exists("/proc/self/fd"):
        pytest.skip("no /proc here to look up descriptors")
    assert in_child(fork, child) == [False, False]


def test_the_child_says_nothing_on_the_parents_wire(line_server, fork):
    said = []

    class Talkative(LineClient):
        def close(self):
            said.append("goodbye")
            super().close()

    pool = ConnectionPool(1, connect=lambda: Talkative(line_server.address))
    pool.wait(5)

    def child():
        pool.close(timeout=1)
        return said

    assert in_child(fork, child) == []
    with pool.get() as connection:
        assert connection.ask("echo unharmed") == "unharmed"
    pool.close()
    assert said == ["goodbye"]


def test_a_lease_held_across_the_fork_is_dead_in_the_child(pool, fork):
    with pool.get() as connection:
        lease = pool.get()
        with lease:

            def child():
                lease.__exit__(None, None, None)
                stats = pool.stats()
                with pytest.raises(RuntimeError, match="holds none any more"):
                    lease.connection  # noqa: B018
                lease.discard()
                return stats.idle, stats.returned

            assert in_child(fork, child) == (0, 0)
            assert connection.ask("echo mine") == "mine"
            assert lease.connection.ask("echo mine too") == "mine too"


def test_a_connection_acquired_before_the_fork_can_be_released_in_the_child(pool, fork):
    connection = pool.acquire()

    def child():
        pool.release(connection)
        return pool.stats().open

    assert in_child(fork, child) == 0
    assert connection.ask("echo mine") == "mine"
    pool.release(connection)


def test_a_waiter_copied_into_the_child_gets_a_pool_error(pool, fork):
    outcome = []

    def wait():
        try:
            outcome.append(pool.acquire())
            return outcome[0]
        except PoolError as error:
            outcome.append(str(error))
            raise

    with pool.get(), pool.get():
        waiter = start(wait)

        def child():
            waiter.join(5)
            return outcome

        (said,) = in_child(fork, child)
        assert "forked" in said
        assert outcome == []
    pool.release(waiter.get(timeout=5))


def test_the_loop_of_keepalive_is_not_copied(line_server, fork):
    pinged = []
    pool = ConnectionPool(
        1,
        keepalive=0.05,
        connect=lambda: LineClient(line_server.address),
        ping=lambda c: pinged.append(os.getpid()),
    )
    pool.wait(5)

    def child():
        gevent.sleep(0.3)
        return [pid for pid in pinged if pid == os.getpid()]

    assert in_child(fork, child) == []
    gevent.sleep(0.1)
    assert pinged
    pool.close()


def test_the_childs_own_pool_pings_and_lives(line_server, fork):
    pool = ConnectionPool(
        1,
        keepalive=0.05,
        connect=lambda: LineClient(line_server.address),
        ping=lambda c: c.ask("echo ping"),
    )
    pool.wait(5)

    def child():
        pool.wait(5)
        gevent.sleep(0.3)
        return pool.stats().pings

    assert in_child(fork, child) >= 1
    pool.close()


def test_a_custom_abandon_is_called_once_for_each_inherited_connection(peer, fork):
    abandoned = []
    pool = ConnectionPool(2, connect=peer.connect, abandon=abandoned.append)
    pool.wait(5)
    with pool.get():

        def child():
            return sorted(c.number for c in abandoned), pool.stats().discarded["forked"]

        numbers, _ = in_child(fork, child)
        assert numbers == [0, 1]
    assert abandoned == []
    pool.close()


def test_an_abandon_that_raises_does_not_stop_the_others(peer, fork):
    abandoned = []

    def abandon(connection):
        abandoned.append(connection.number)
        raise ZeroDivisionError

    pool = ConnectionPool(3, connect=peer.connect, abandon=abandon)
    pool.wait(5)

    def child():
        with pool.get(timeout=5):
            return sorted(abandoned)

    assert in_child(fork, child) == [0, 1, 2]
    pool.close()


def test_a_fork_while_connecting_leaves_the_parents_connect_alone(peer, fork):
    peer.connect_gate = gate = Event()
    pool = ConnectionPool(1, connect=peer.connect)
    waiter = start(pool.acquire)
    assert peer.connecting == 1

    def child():
        peer.connect_gate = None
        with pool.get(timeout=5) as connection:
            connection.ask()
        return pool.stats().opening, peer.attempts

    opening, attempts = in_child(fork, child)
    assert (opening, attempts) == (0, 2)
    gate.set()
    pool.release(waiter.get(timeout=5))
    pool.close()


def test_a_close_that_had_not_begun_is_the_parents_alone(peer, fork):
    closed_in = []
    pool = ConnectionPool(
        1,
        connect=peer.connect,
        close_connection=lambda connection: closed_in.append(os.getpid()),
        abandon=lambda connection: None,
    )
    pool.wait(5)
    pool.release(pool.acquire(), discard=True)

    def child():
        gevent.sleep(0.1)
        return list(closed_in)

    assert in_child(fork, child) == []
    gevent.sleep(0.1)
    assert closed_in == [os.getpid()]
    pool.close()


def test_a_closed_pool_is_closed_in_the_child_too(pool, fork):
    pool.close()

    def child():
        with pytest.raises(PoolClosed, match="final"):
            pool.acquire()
        return True

    assert in_child(fork, child)


def test_a_pool_not_yet_open_is_opened_by_the_child(line_server, fork):
    # gunicorn --preload: open=False, then open() in post_fork.
    address = line_server.address
    pool = ConnectionPool(1, connect=lambda: LineClient(address), open=False)

    def child():
        pool.open()
        with pool.get(timeout=5) as connection:
            return connection.ask("echo preloaded")

    assert in_child(fork, child) == "preloaded"
    assert pool.stats().connects == 0


def test_children_of_children_get_their_own_too(pool, line_server, fork):
    def grandchild():
        with pool.get(timeout=5) as connection:
            return connection.ask("echo grandchild")

    def child():
        with pool.get(timeout=5) as connection:
            answer = in_child(fork, grandchild, seconds=10)
            return answer, connection.ask("echo child")

    assert in_child(fork, child) == ("grandchild", "child")


def test_a_child_that_closes_its_pool_leaves_the_parents_open(pool, fork):
    def child():
        with pool.get(timeout=5):
            pass
        pool.close()
        return pool.stats().open

    assert in_child(fork, child) == 0
    with pool.get() as connection:
        assert connection.ask("echo open") == "open"


def test_no_answer_crosses_between_parent_and_child(pool, fork):
    # G13: child and parent shared a TLS session.
    def ask(who):
        for number in range(50):
            with pool.get(timeout=5) as connection:
                question = "{} {}".format(who, number)
                assert connection.ask("late 0.001 " + question) == question
        return True

    parent = gevent.spawn(ask, "parent")
    gevent.sleep(0.01)
    assert in_child(fork, lambda: ask("child"))
    assert parent.get(timeout=20)


def test_a_child_reports_its_own_leaks_and_not_its_parents(line_server, fork):
    told = []

    class Leaks(PoolHooks):
        def leaked(self, connection, seconds, stack):
            told.append(stack[-1].name)

    pool = ConnectionPool(
        2,
        connect=lambda: LineClient(line_server.address),
        hooks=Leaks(),
        leak_after=0.1,
    )
    held = pool.acquire()

    def child():
        def take():
            return pool.acquire(timeout=5)

        gevent.sleep(0.2)
        before = list(told)
        own = take()
        gevent.sleep(0.2)
        pool.release(own)
        return before, told

    before, after = in_child(fork, child)
    assert (list(before), list(after)) == ([], ["take"])
    gevent.sleep(0.2)
    assert told == ["test_a_child_reports_its_own_leaks_and_not_its_parents"]
    pool.release(held)
    pool.close()


def test_a_pool_that_nobody_uses_in_the_child_disappears_there(fork, line_server):
    holder = [ConnectionPool(1, connect=lambda: LineClient(line_server.address))]
    holder[0].wait(5)

    def child():
        holder.clear()
        gc.collect()
        settle()
        return True

    assert in_child(fork, child)
    with holder[0].get() as connection:
        assert connection.ask("echo kept") == "kept"
    holder[0].close()


def test_an_abandon_that_exits_keeps_no_other_pool_from_the_fork(peer, fork):
    abandoned = []

    def abandon(connection):
        abandoned.append(connection.number)
        raise SystemExit

    pools = [ConnectionPool(2, connect=peer.connect, abandon=abandon) for _ in range(3)]
    for pool in pools:
        pool.wait(5)
    numbers = in_child(
        fork, lambda: (sorted(abandoned), sum(p.stats().open for p in pools))
    )
    assert numbers == ([0, 1, 2, 3, 4, 5], 0)
    for pool in pools:
        pool.close()


def test_a_pool_that_cannot_be_forked_keeps_no_other_from_it(peer, fork):
    class Broken(ConnectionPool):
        def _forked(self):
            raise SystemExit

    pools = [
        kind(1, connect=peer.connect, abandon=lambda connection: None)
        for kind in (ConnectionPool, Broken, ConnectionPool, Broken, ConnectionPool)
    ]
    for pool in pools:
        pool.wait(5)
    left = in_child(fork, lambda: [p.stats().open for p in pools])
    assert left == [0, 1, 0, 1, 0]
    for pool in pools:
        pool.close()


def test_whoever_waits_for_the_pool_itself_ends_in_the_child(peer, fork):
    outcomes = {}

    def note(name, call, *arguments):
        try:
            outcomes[name] = call(*arguments)
        except PoolError as error:
            outcomes[name] = type(error).__name__

    checked = ConnectionPool(1, connect=peer.connect, ping=peer.ping)
    closed = ConnectionPool(2, connect=peer.connect)
    for pool in (checked, closed):
        pool.wait(5)
    closed.acquire()
    closed.release(closed.acquire(), discard=True)
    peer.ping_gate, peer.connect_gate = Event(), Event()
    connecting = ConnectionPool(1, connect=peer.connect)
    callers = [
        gevent.spawn(note, "check", checked.check),
        gevent.spawn(note, "wait", connecting.wait, None),
        gevent.spawn(note, "close", closed.close, None),
    ]
    gevent.sleep(0.05)
    assert outcomes == {}

    def child():
        gevent.joinall(callers, timeout=5)
        return outcomes

    assert in_child(fork, child) == {"check": None, "wait": "PoolError", "close": None}
    assert outcomes == {}
    peer.ping_gate.set()
    peer.connect_gate.set()
    gevent.joinall(callers[:2], timeout=5)
    assert outcomes == {"check": None, "wait": None}
    closed.close(timeout=0)
    gevent.joinall(callers, timeout=5)
    checked.close()
    connecting.close()
