"""Kills and timeouts in the middle of what epplib does (G1, G3, G6, G8).

Afterwards nobody reads what is another's, the slots add up, and the pool serves as
many callers at once as it has sessions.
"""

from __future__ import annotations

import time

import gevent
import gevent.event
import pytest

from geventconnpool_ext import PoolTimeout
from geventconnpool_ext.epp import ExpiryReason
from geventconnpool_ext.testing import Fault

from .commands import check, login


def ask(target, name):
    """Send a check and see that the answer is the one to it."""
    answer = target.send(check(name))
    assert answer.code == 1000
    assert [item.name for item in answer.res_data] == [name]


def assert_whole(pool, until):
    """The slots add up, and *size* callers are served at once, each his own."""
    until(lambda: pool.stats().in_use == pool.stats().closing == 0)
    everybody = gevent.event.Event()
    inside = []

    def caller(number):
        with pool.get(timeout=4) as session:
            inside.append(session)
            if len(inside) == pool.size:
                everybody.set()
            assert everybody.wait(4)
            ask(session, "whole{}.example".format(number))

    callers = [gevent.spawn(caller, number) for number in range(pool.size)]
    gevent.joinall(callers, timeout=6, raise_error=True)
    assert all(caller.successful() for caller in callers)
    stats = pool.stats()
    assert stats.open + stats.opening + stats.closing <= pool.size
    assert stats.connects == stats.open + sum(stats.discarded.values())
    assert stats.waiting == 0


def killed(send):
    sender = gevent.spawn(send)
    gevent.sleep(0.1)
    sender.kill()


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


WAYS = [killed, timed_out, timed_out_quietly, timed_out_as_an_exception, interrupted]


@pytest.mark.parametrize(
    ("through", "way"),
    [
        (through, way)
        for through in ("send", "block", "inside the block")
        for way in WAYS
        # That one has a test of its own, below.
        if (through, way) != ("send", timed_out_as_an_exception)
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_an_interrupted_exchange_costs_no_slot_and_no_answer(
    filled, plan, until, way, through
):
    """G1, G3: the answer comes after the interruption, while others use the pool."""
    plan.on("check", name="first.example", fault=Fault.late_answer, delay=0.18)
    pool = filled(2)

    def use():
        with pool.get() as session:
            session.send(check("first.example"))

    if through == "send":
        way(lambda: pool.send(check("first.example")))
    elif through == "block":
        way(use)
    else:
        with pool.get() as session:
            way(lambda: session.send(check("first.example")))
            assert session.ended is not None
    for number in range(4):
        ask(pool, "other{}.example".format(number))
    gevent.sleep(0.1)
    for number in range(4):
        ask(pool, "later{}.example".format(number))
    assert_whole(pool, until)
    assert sum(pool.stats().discarded.values()) == 1


EXCEPTIONS = [gevent.GreenletExit, gevent.Timeout, ValueError]


@pytest.fixture
def hub_errors(monkeypatch):
    """Keep what dies in the background from being printed."""
    hub = gevent.get_hub()
    monkeypatch.setattr(hub, "print_exception", lambda *told: None, raising=False)


@pytest.mark.parametrize("exception", EXCEPTIONS)
@pytest.mark.parametrize("where", ["greeting", "login"])
def test_g1_a_kill_while_a_session_is_made_costs_no_slot(
    make_pool, registry, plan, until, exception, where, hub_errors
):
    makers = []

    def noting():
        makers.append(gevent.getcurrent())
        return login()

    if where == "greeting":
        plan.next(Fault.stall_greeting)
    else:
        plan.on("login", fault=Fault.late_answer, delay=0.2)
    pool = make_pool(2, login=noting)
    until(lambda: makers)
    gevent.sleep(0.05)
    makers[0].kill(exception)
    until(lambda: pool.stats().idle == 2)
    assert_whole(pool, until)
    until(lambda: registry.counters().sessions == 2)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_g1_a_kill_in_the_probe_on_checkout_costs_no_slot(filled, plan, until, way):
    pool = filled(
        1, hello_interval=100, probe=check("probe.example"), probe_interval=0.05
    )
    plan.on(name="probe.example", fault=Fault.late_answer, delay=0.18)
    gevent.sleep(0.06)
    way(lambda: pool.send(check("first.example")))
    ask(pool, "other.example")
    gevent.sleep(0.2)
    ask(pool, "later.example")
    assert_whole(pool, until)


def test_a_timeout_that_is_an_exception_is_not_taken_for_a_loss(filled, plan, sent):
    """``gevent.Timeout(n, ValueError)``: the wire knows no such error."""
    plan.on("check", name="first.example", fault=Fault.stall_after_execute)
    pool = filled(1)
    timed_out_as_an_exception(lambda: pool.send(check("first.example")))
    gevent.sleep(0.05)
    assert [entry.name for entry in sent("check")] == ["first.example"]


@pytest.mark.parametrize("fault", [Fault.garbage, Fault.wrong_cl_tr_id])
def test_g3_after_a_lie_nobody_reads_the_previous_answer(filled, plan, fault):
    plan.on("check", name="first.example", fault=fault, times=3)
    pool = filled(1)
    with pytest.raises(Exception, match=r"not .*XML|another command"):
        pool.send(check("first.example"))
    for number in range(3):
        ask(pool, "other{}.example".format(number))
    assert sum(pool.stats().discarded.values()) == 3


def test_g3_an_answer_nobody_asked_for_is_read_by_nobody(filled, plan):
    plan.on("check", fault=Fault.stray_answer)
    pool = filled(1)
    ask(pool, "first.example")
    gevent.sleep(0.02)
    for number in range(3):
        ask(pool, "other{}.example".format(number))
    assert pool.stats().discarded[ExpiryReason.stray] == 1


def test_g6_a_waiter_is_served_when_a_session_in_use_is_discarded(filled):
    pool = filled(1)
    session = pool.acquire()
    waiter = gevent.spawn(pool.send, check(), timeout=3)
    gevent.sleep(0.02)
    pool.release(session, discard=True)
    assert waiter.get(timeout=3).code == 1000


@pytest.mark.parametrize(
    "fault",
    [Fault.stall_connect, Fault.stall_handshake, Fault.stall_greeting],
    ids=lambda fault: fault.value,
)
def test_g8_the_timeout_bounds_the_way_to_a_session(make_pool, plan, kind, fault):
    plan.next(fault, times=100)
    pool = make_pool(kind=kind, connect_timeout=5)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(check(), timeout=0.3)
    assert 0.25 < time.monotonic() - began < 1.5


def test_g8_the_timeout_bounds_a_probe_that_is_not_answered(filled, plan):
    pool = filled(
        1,
        close_timeout=0.1,
        hello_interval=100,
        probe=check("probe.example"),
        probe_interval=0.05,
    )
    plan.on(name="probe.example", fault=Fault.stall_before_read, times=None)
    plan.on("login", fault=Fault.stall_before_read, times=None)
    gevent.sleep(0.06)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(check(), timeout=0.3)
    assert 0.25 < time.monotonic() - began < 1.5
