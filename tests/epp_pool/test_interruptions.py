"""Kills and timeouts in the middle of everything a session does.

Afterwards nothing unread is left for another caller, the slots add up, and the
pool serves as many callers at once as it has sessions (G1, G3, G6, U6).
"""

from __future__ import annotations

import contextlib
import random

import gevent
import gevent.event
import pytest

from geventconnpool_ext.epp import (
    CheckDomain,
    Client,
    CreateDomain,
    EPPError,
    ExpiryReason,
)
from geventconnpool_ext.epp.requests import classify
from geventconnpool_ext.epp.tls import ssl_context
from geventconnpool_ext.testing import Fault

PROBE = CheckDomain("probe.example")


@pytest.fixture
def at_work():
    """The greenlet that was last at each thing: 'hello', 'login', 'check' ..."""
    return {}


@pytest.fixture
def watched(server, at_work):
    """Makes clients that tell who uses them."""
    context = ssl_context(ca_file=server.certificates.ca_file)

    class Watched(Client):
        def send(self, request, tr_id=None):
            at_work[classify(request).verb] = gevent.getcurrent()
            return super().send(request, tr_id=tr_id)

        def hello(self):
            at_work["hello"] = gevent.getcurrent()
            return super().hello()

    return lambda: Watched("localhost", server.port, context=context)


def ask(target, name):
    """Send a check and see that the answer is the one to it."""
    answer = target.send(CheckDomain(name))
    assert answer.code == 1000
    assert name.encode() in bytes(answer.xml)


def assert_whole(pool, until):
    """The slots add up, and *size* callers are served at once, each his own."""
    until(lambda: pool.stats().in_use == 0)
    until(lambda: pool.stats().closing == 0)
    size = pool.size
    everybody = gevent.event.Event()
    inside = []

    def caller(number):
        with pool.get(timeout=4) as session:
            inside.append(session)
            if len(inside) == size:
                everybody.set()
            assert everybody.wait(4)
            ask(session, "whole{}.example".format(number))

    callers = [gevent.spawn(caller, number) for number in range(size)]
    gevent.joinall(callers, timeout=6, raise_error=True)
    assert all(caller.successful() for caller in callers)
    assert len(set(map(id, inside))) == size
    stats = pool.stats()
    assert stats.open + stats.opening + stats.closing <= size
    assert stats.connects == stats.open + sum(stats.discarded.values())
    assert stats.waiting == 0


def end_sessions_with_a_late_fault(pool):
    """Let every session find what a fault, over by now, has left on its way to it.

    What came before an answer on the same connection is seen with that answer.
    """
    with contextlib.ExitStack() as leases:
        sessions = [leases.enter_context(pool.get(timeout=4)) for _ in range(pool.size)]
        for session in sessions:
            with contextlib.suppress(EPPError, OSError):
                session.send(PROBE)


# In the foreground: a caller's own exchange.


def killed(send):
    sender = gevent.spawn(send)
    gevent.sleep(0.1)
    sender.kill()


def stopped(send):
    sender = gevent.spawn(send)
    gevent.sleep(0.1)
    sender.kill(gevent.Timeout())


def failed(send):
    sender = gevent.spawn(send)
    gevent.sleep(0.1)
    sender.kill(ValueError("thrown from outside"))


def timed_out(send):
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.1):
        send()


def timed_out_quietly(send):
    with gevent.Timeout(0.1, False):
        send()


def timed_out_as_an_exception(send):
    with pytest.raises(ValueError, match="of the caller"), gevent.Timeout(
        0.1, ValueError("of the caller")
    ):
        send()


def interrupted(send):
    with pytest.raises(KeyboardInterrupt), gevent.Timeout(0.1, KeyboardInterrupt):
        send()


WAYS = [
    killed,
    stopped,
    failed,
    timed_out,
    timed_out_quietly,
    timed_out_as_an_exception,
    interrupted,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("through", ["send", "inside the block"])
def test_an_interrupted_exchange_leaves_nothing_for_others(
    filled, plan, until, way, through
):
    """The answer comes after the interruption, while others use the pool."""
    plan.on("check", name="first.example", fault=Fault.late_answer, delay=0.18)
    pool = filled(2)

    if through == "inside the block":
        # It ends within the block: the pool itself sees nothing of it.
        with pool.get() as session:
            way(lambda: session.send(CheckDomain("first.example")))
            assert session.ended is not None
    else:
        way(lambda: pool.send(CheckDomain("first.example")))
    for number in range(4):
        ask(pool, "other{}.example".format(number))
    gevent.sleep(0.1)
    for number in range(4):
        ask(pool, "later{}.example".format(number))
    assert_whole(pool, until)
    assert sum(pool.stats().discarded.values()) == 1


def test_a_timeout_that_is_an_exception_is_not_taken_for_a_loss(filled, registry, plan):
    """``gevent.Timeout(n, ValueError)``: the wire knows no such error."""
    plan.on("check", name="first.example", fault=Fault.stall_after_execute)
    pool = filled(1)
    timed_out_as_an_exception(lambda: pool.send(CheckDomain("first.example")))
    gevent.sleep(0.05)
    names = [entry.name for entry in registry.record if entry.verb == "check"]
    assert names == ["first.example"]


@pytest.mark.parametrize("way", [killed, timed_out, timed_out_quietly])
def test_an_interrupted_replay_leaves_nothing_for_others(
    filled, registry, plan, until, way
):
    plan.on("check", name="first.example", fault=Fault.drop_after_execute)
    plan.on("check", name="first.example", fault=Fault.late_answer, delay=0.18)
    pool = filled(1)
    way(lambda: pool.send(CheckDomain("first.example")))
    ask(pool, "other.example")
    gevent.sleep(0.2)
    ask(pool, "later.example")
    assert_whole(pool, until)


@pytest.mark.parametrize("way", [killed, timed_out, timed_out_quietly])
def test_an_interrupted_probe_after_a_refusal_leaves_nothing_for_others(
    filled, server, plan, until, way
):
    pool = filled(1, probe=PROBE)
    server.logout_silently()
    plan.on(name="probe.example", fault=Fault.late_answer, delay=0.18)
    way(lambda: pool.send(CheckDomain("first.example")))
    ask(pool, "other.example")
    gevent.sleep(0.2)
    ask(pool, "later.example")
    assert_whole(pool, until)


# In the background: what the pool does by itself.


def wait_for(at_work, verb, until):
    until(lambda: verb in at_work)
    # Until it waits for the answer.
    gevent.sleep(0.02)
    return at_work[verb]


EXCEPTIONS = [gevent.GreenletExit, gevent.Timeout, ValueError]


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_interrupted_login_costs_no_slot(
    make_pool, registry, plan, watched, at_work, until, exception, hub_errors
):
    plan.on("login", fault=Fault.late_answer, delay=0.2)
    pool = make_pool(2, client=watched)
    wait_for(at_work, "login", until).kill(exception)
    until(lambda: pool.stats().idle == 2)
    assert_whole(pool, until)
    until(lambda: registry.counters().sessions == 2)


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_interrupted_hello_ends_its_session(
    filled, plan, watched, at_work, until, exception, hub_errors
):
    pool = filled(2, client=watched, hello_interval=0.15)
    plan.on("hello", fault=Fault.late_answer, delay=0.2)
    wait_for(at_work, "hello", until).kill(exception)
    for number in range(4):
        ask(pool, "other{}.example".format(number))
    gevent.sleep(0.2)
    for number in range(4):
        ask(pool, "later{}.example".format(number))
    assert_whole(pool, until)
    assert sum(pool.stats().discarded.values()) >= 1


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_interrupted_probe_ends_its_session(
    filled, plan, watched, at_work, until, exception, hub_errors
):
    pool = filled(
        1, client=watched, hello_interval=0.2, probe=PROBE, probe_interval=0.1
    )
    plan.on(name="probe.example", fault=Fault.late_answer, delay=0.2)
    wait_for(at_work, "check", until).kill(exception)
    ask(pool, "other.example")
    gevent.sleep(0.2)
    ask(pool, "later.example")
    assert_whole(pool, until)
    assert sum(pool.stats().discarded.values()) >= 1


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_interrupted_logout_costs_no_slot(
    filled, registry, plan, watched, at_work, until, exception, hub_errors
):
    """Which is an interrupted rotation as well."""
    pool = filled(2, client=watched)
    plan.on("logout", fault=Fault.stall_before_read)
    pool.drain()
    wait_for(at_work, "logout", until).kill(exception)
    until(lambda: pool.stats().idle == 2)
    assert_whole(pool, until)
    until(lambda: registry.counters().sessions == 2)


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_interrupted_rotation_goes_on(
    filled, registry, plan, watched, at_work, until, exception, hub_errors
):
    registry.limits = registry.limits._replace(max_sessions=2)
    pool = filled(2, client=watched, max_age=0.3)
    at_work.clear()
    plan.on("login", fault=Fault.late_answer, delay=0.2)
    wait_for(at_work, "login", until).kill(exception)
    until(lambda: pool.stats().discarded[ExpiryReason.max_age] >= 3)
    assert_whole(pool, until)
    assert registry.counters().most_sessions <= 2


@pytest.fixture
def hub_errors(monkeypatch):
    """Keep what dies in the background from being printed."""
    monkeypatch.setattr(
        gevent.get_hub(), "print_exception", lambda *arguments: None, raising=False
    )


# At every turn of the event loop.


@pytest.mark.parametrize("through", ["send", "block"])
@pytest.mark.parametrize("state", ["idle sessions", "dead sessions", "logged out"])
def test_a_kill_at_any_turn_of_the_loop_loses_nothing(
    filled, registry, server, until, through, state
):
    pool = filled(2)
    for turns in range(24):
        if state == "dead sessions":
            server.kill_sessions()
        elif state == "logged out":
            server.logout_silently()
        command = CreateDomain("d{}.example".format(turns), auth_info="newSecret1")

        def victim(command=command):
            if through == "send":
                return pool.send(command)
            with pool.get() as session:
                return session.send(command)

        sender = gevent.spawn(victim)
        for _ in range(turns * 2):
            gevent.sleep(0)
        sender.kill()
        name = "after{}.example".format(turns)
        assert pool.send(CreateDomain(name, auth_info="newSecret1")).code == 1000
        assert registry.record.effects(name) == ["created"]
        assert len(registry.record.executed(command.name)) <= 1
    assert_whole(pool, until)


def test_many_clients_that_give_up_at_random_read_only_their_own(
    filled, registry, plan, until
):
    """Crossed answers are impossible, however a block ends."""
    registry.latency = 0.002
    plan.set_probability(Fault.stray_answer, 0.03)
    plan.set_probability(Fault.silent_logout, 0.03)
    plan.set_probability(Fault.close_in_frame, 0.03)
    plan.set_probability(Fault.wrong_cl_tr_id, 0.03)
    pool = filled(3, hello_interval=0.05)
    chance = random.Random(7)
    answered, lost = [], []

    def client(number):
        for turn in range(12):
            name = "c{}-{}.example".format(number, turn)
            ends = chance.choice([False, ValueError, None])
            with_timeout = gevent.Timeout(chance.uniform(0.002, 0.15), ends)
            try:
                with with_timeout:
                    answer = pool.send(CheckDomain(name))
                    assert answer.code in (1000, 2002)
                    if answer.code == 1000:
                        assert name.encode() in bytes(answer.xml), "crossed"
                    answered.append(name)
            except (gevent.Timeout, ValueError):
                pass
            except (EPPError, OSError):
                # All three attempts met a fault: about one command in a thousand.
                lost.append(name)

    clients = [gevent.spawn(client, number) for number in range(12)]
    gevent.joinall(clients, timeout=15, raise_error=True)
    assert all(client.successful() for client in clients)
    assert len(answered) > 20
    assert len(lost) < 10, lost
    plan.clear()
    end_sessions_with_a_late_fault(pool)
    assert_whole(pool, until)


def test_a_waiter_is_served_when_a_session_in_use_is_discarded(filled, plan):
    """G6."""
    pool = filled(1)
    plan.on("check", fault=Fault.garbage)
    session = pool.acquire()
    waiter = gevent.spawn(pool.send, CheckDomain("own.example"), timeout=3)
    gevent.sleep(0.02)
    pool.release(session, discard=True)
    assert waiter.get(timeout=3).code == 1000


def test_a_close_in_the_middle_of_an_exchange_ends_it(filled, registry, plan):
    pool = filled(1)
    plan.on("check", fault=Fault.stall_before_read)
    sender = gevent.spawn(pool.send, CheckDomain("own.example"))
    gevent.sleep(0.05)
    with gevent.Timeout(3):
        pool.close(timeout=0.1)
    sender.join(timeout=3)
    assert sender.ready()
    assert not sender.successful()
    assert pool.stats().open == 0
