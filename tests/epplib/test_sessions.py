"""Sessions that end, are ended, or grow old, through epplib (G4, G5, G7, G11, G12)."""

from __future__ import annotations

import gevent
import pytest
from epplib.responses import CreateDomainResult

from geventconnpool_ext import PoolClosed
from geventconnpool_ext.epp import ExpiryReason
from geventconnpool_ext.testing import Fault

from .commands import check, create, info

MANNERS = ["drop", "close", "reset"]


@pytest.mark.parametrize("fault", [Fault.answer_2500, Fault.answer_2502])
@pytest.mark.parametrize("command", [check(), create()], ids=["check", "create"])
def test_g4_a_closing_answer_is_the_callers_and_ends_the_session(
    make_pool, registry, plan, sent, kind, fault, command
):
    pool = make_pool(kind=kind)
    verb = "check" if command == check() else "create"
    plan.on(verb, fault=fault)
    assert pool.send(command).code == int(fault.value[-4:])
    assert len(sent(verb)) == 1
    assert pool.stats().discarded[ExpiryReason.server_ended] == 1
    assert pool.send(check()).code == 1000
    assert registry.counters().logins == 2


@pytest.mark.parametrize("code", [2002, 2200])
def test_g5_a_logged_out_session_is_never_handed_out_again(
    filled, registry, server, code
):
    """hello says that it is fine; an info without authInfo does not."""
    pool = filled(1, hello_interval=0.05)
    server.logout_silently(code=code)
    gevent.sleep(0.15)
    with pool.get() as session:
        first = session
        assert session.hello() is not None
        assert session.send(info()).code == code
        assert session.ended == ExpiryReason.session_gone
    with pool.get() as session:
        assert session is not first
        assert session.send(info()).code == 1000
    assert registry.counters().logins == 2


@pytest.mark.parametrize("manner", MANNERS)
def test_dead_sessions_cost_a_create_nothing(filled, registry, server, manner):
    pool = filled(6, max_opening=6)
    server.kill_sessions(manner)
    answer = pool.send(create())
    assert type(answer) is CreateDomainResult
    assert answer.code == 1000
    assert registry.record.effects("new.example") == ["created"]
    assert len(registry.record.executed("new.example")) == 1


def test_g7_a_heartbeat_does_not_keep_callers_from_healthy_sessions(
    filled, plan, until
):
    pool = filled(3, hello_interval=0.2)
    plan.on("hello", fault=Fault.late_answer, delay=1.0, times=None)
    until(lambda: pool.stats().pinging > 0)
    assert pool.send(check(), timeout=0.5).code == 1000


@pytest.mark.parametrize(
    "fault",
    [
        Fault.close_before_read,
        Fault.stall_before_read,
        Fault.late_answer,
        Fault.garbage,
        Fault.oversized_length,
        Fault.response_to_hello,
    ],
    ids=lambda fault: fault.value,
)
def test_a_hello_that_fails_ends_the_session(filled, registry, plan, until, fault):
    """E11, too."""
    plan.on("hello", fault=fault, delay=0.5)
    pool = filled(1, hello_interval=0.2, command_timeout=0.25)
    until(lambda: pool.stats().ping_errors == 1)
    until(lambda: pool.stats().idle == 1)
    assert registry.counters().logins == 2
    assert pool.send(check(), timeout=3).res_data[0].name == "own.example"


def test_idle_sessions_are_kept_by_hello(filled, registry):
    registry.limits = registry.limits._replace(idle_timeout=1.0)
    pool = filled(2, idle_timeout=0.9)
    gevent.sleep(1.6)
    assert registry.counters().hellos >= 4
    assert registry.counters().logins == 2
    assert pool.stats().idle == 2


def test_g11_nothing_re_enters_a_closed_pool(filled, registry, until):
    pool = filled(1)
    session = pool.acquire()
    pool.close(timeout=0.05)
    pool.release(session)
    with pytest.raises(PoolClosed):
        pool.send(check())
    until(lambda: registry.counters().sessions == 0)
    assert pool.stats().open == 0
    assert session.client.transport.socket is None


def test_close_logs_every_session_out(filled, registry):
    pool = filled(3)
    pool.close()
    assert registry.counters().ended == {"logout": 3}


def test_a_null_pool_logs_out_after_every_command(make_pool, registry, until):
    pool = make_pool(kind="null")
    for _ in range(3):
        assert pool.send(check()).code == 1000
    until(lambda: registry.counters().sessions == 0)
    assert registry.counters().ended == {"logout": 3}


def test_g12_sessions_are_replaced_for_their_age(filled, registry, until):
    registry.limits = registry.limits._replace(max_sessions=2)
    pool = filled(2, max_age=0.4)
    until(lambda: pool.stats().discarded[ExpiryReason.max_age] >= 4, 6)
    assert pool.send(check()).code == 1000
    assert registry.counters().most_sessions <= 2
    assert set(registry.counters().ended) == {"logout"}


def test_no_session_sends_more_than_max_commands(filled, registry):
    pool = filled(1, max_commands=3)
    assert {pool.send(check()).code for _ in range(9)} == {1000}
    by_session = {}
    for entry in registry.record:
        if entry.verb == "check":
            by_session.setdefault(entry.session_id, []).append(entry)
    assert max(map(len, by_session.values())) <= 3
