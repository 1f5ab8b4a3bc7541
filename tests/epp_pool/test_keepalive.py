"""Hello and probe: idle sessions are kept, dead ones are found before a caller."""

from __future__ import annotations

import time
from collections import namedtuple

import gevent
import pytest

from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    DeleteDomain,
    EPPHooks,
    ExpiryReason,
    Hello,
    poll_request,
)
from geventconnpool_ext.testing import Fault

PROBE = CheckDomain("probe.example")


def probes(registry):
    return [entry for entry in registry.record if entry.name == "probe.example"]


def test_idle_sessions_are_sent_hello(filled, registry, until):
    pool = filled(2, hello_interval=0.1)
    until(lambda: registry.counters().hellos >= 4)
    assert pool.stats().pings >= 2
    assert registry.counters().logins == 2


def test_hellos_keep_sessions_that_the_registry_would_end_for_idleness(
    filled, registry, until
):
    registry.limits = registry.limits._replace(idle_timeout=1.0)
    pool = filled(2, idle_timeout=0.9)
    gevent.sleep(1.6)
    assert registry.counters().hellos >= 4
    assert registry.counters().logins == 2
    assert registry.counters().ended == {}
    assert pool.stats().idle == 2


def test_a_session_in_use_is_not_sent_hello(filled, registry):
    pool = filled(1, hello_interval=0.1)
    with pool.get():
        before = registry.counters().hellos
        gevent.sleep(0.35)
        assert registry.counters().hellos == before


def test_a_busy_session_is_not_sent_hello(filled, registry):
    """U10: only what was idle for hello_interval."""
    pool = filled(1, hello_interval=0.6)
    ends = time.monotonic() + 1.3
    while time.monotonic() < ends:
        pool.send(CheckDomain("own.example"))
        gevent.sleep(0.02)
    assert registry.counters().hellos == 0


def test_one_idle_among_busy_sessions_is_sent_hello_once_per_interval(filled, registry):
    """U10: not in turn with the busy ones."""
    pool = filled(3, hello_interval=0.3)
    with pool.get(), pool.get():
        gevent.sleep(1.0)
        assert 1 <= registry.counters().hellos <= 4


def test_a_heartbeat_does_not_keep_callers_from_healthy_sessions(
    filled, plan, registry, until
):
    """G7: hellos that are slow, and callers who won't wait."""
    pool = filled(3, hello_interval=0.2)
    plan.on("hello", fault=Fault.late_answer, delay=1.0, times=None)
    until(lambda: pool.stats().pinging > 0)
    assert pool.send(CheckDomain("own.example"), timeout=0.5).code == 1000


FAULTS = [
    Fault.close_before_read,
    Fault.reset_after_execute,
    Fault.close_in_frame,
    Fault.stall_before_read,
    Fault.stall_in_frame,
    Fault.late_answer,
    Fault.garbage,
    Fault.plain_text,
    Fault.oversized_length,
    Fault.response_to_hello,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.value)
def test_a_hello_that_fails_ends_the_session(filled, registry, plan, until, fault):
    """E11, too: a late greeting has no clTRID by which to tell it."""
    plan.on("hello", fault=fault, delay=0.5)
    pool = filled(1, hello_interval=0.2, command_timeout=0.25)
    until(lambda: pool.stats().ping_errors == 1)
    until(lambda: pool.stats().idle == 1)
    assert registry.counters().logins == 2
    assert sum(pool.stats().discarded.values()) == 1
    answer = pool.send(CheckDomain("own.example"), timeout=3)
    assert b"own.example" in bytes(answer.xml)


def test_a_hello_by_hand_that_is_late_ends_the_session_too(filled, plan):
    pool = filled(1, command_timeout=0.15)
    plan.on("hello", fault=Fault.late_answer, delay=0.3)
    with pytest.raises(TimeoutError), pool.get() as session:
        session.hello()
    assert session.ended == ExpiryReason.timeout
    gevent.sleep(0.2)
    answer = pool.send(CheckDomain("own.example"), timeout=3)
    assert b"own.example" in bytes(answer.xml)


def test_hello_does_not_notice_a_logout_but_the_probe_does(
    filled, registry, server, until
):
    pool = filled(2, hello_interval=0.1, probe=PROBE)
    server.logout_silently()
    until(lambda: registry.counters().logins == 4)
    until(lambda: pool.stats().idle == 2)
    assert pool.stats().gets == 0
    assert [entry.code for entry in probes(registry)].count(2002) == 2


def test_without_a_probe_a_logout_is_noticed_by_the_command(
    filled, registry, server, until
):
    """Which succeeds all the same: see test_session_gone."""
    pool = filled(1, hello_interval=0.1)
    server.logout_silently()
    until(lambda: registry.counters().hellos >= 2)
    assert registry.counters().logins == 1
    assert pool.send(CheckDomain("own.example")).code == 1000
    assert registry.counters().logins == 2


def test_the_keepalive_probes_an_idle_session_once_per_probe_interval(
    filled, registry, until
):
    filled(1, hello_interval=0.1, probe=PROBE, probe_interval=0.45)
    gevent.sleep(1.05)
    assert 1 <= len(probes(registry)) <= 2
    assert registry.counters().hellos >= 4


@pytest.mark.parametrize("code", [2002, 2200])
def test_a_logged_out_session_never_reaches_a_caller(filled, registry, server, code):
    """On checkout after probe_interval idle; hello is far too rare to help."""
    pool = filled(3, hello_interval=100, probe=PROBE, probe_interval=0.1)
    server.logout_silently(code=code)
    gevent.sleep(0.15)
    for number in range(4):
        with pool.get() as session:
            answer = session.send(
                CreateDomain("d{}.example".format(number), auth_info="newSecret1")
            )
            assert answer.code == 1000
    refused = [entry for entry in registry.record if entry.code == code]
    assert {entry.name for entry in refused} == {"probe.example"}


@pytest.mark.parametrize("code", [2002, 2200])
def test_a_poll_request_finds_a_logged_out_session_before_a_caller(
    filled, registry, server, code
):
    """Where messages wait, too: they are read, and left."""
    registry.enqueue("client", "a message")
    pool = filled(3, hello_interval=100, probe=poll_request(), probe_interval=0.1)
    server.logout_silently(code=code)
    gevent.sleep(0.15)
    for number in range(4):
        create = CreateDomain("d{}.example".format(number), auth_info="newSecret1")
        with pool.get() as session:
            assert session.send(create).code == 1000
    refused = {entry.verb for entry in registry.record if entry.code == code}
    assert refused == {"poll"}
    assert pool.send(poll_request()).message_count == 1


def test_a_session_probed_lately_is_not_probed_on_checkout(filled, registry):
    pool = filled(1, hello_interval=100, probe=PROBE, probe_interval=0.6)
    for _ in range(5):
        pool.send(CheckDomain("own.example"))
    assert probes(registry) == []


def test_a_probe_on_checkout_that_stalls_costs_one_session_not_the_caller(
    filled, plan, registry
):
    pool = filled(
        2,
        hello_interval=100,
        probe=PROBE,
        probe_interval=0.1,
        command_timeout=0.3,
    )
    plan.on(name="probe.example", fault=Fault.stall_before_read)
    gevent.sleep(0.15)
    assert pool.send(CheckDomain("own.example"), timeout=4).code == 1000


def test_kept_sessions_are_told_of(filled, until):
    kept = []

    class Hooks(EPPHooks):
        def kept_alive(self, session):
            kept.append(session)

    pool = filled(1, hello_interval=0.1, hooks=Hooks())
    until(lambda: len(kept) >= 2)
    with pool.get() as session:
        assert set(kept) == {session}


BareAnswer = namedtuple("BareAnswer", "code msg cl_tr_id")


class WithoutHello:
    """Another library's client, which knows connect, close and send."""

    def __init__(self, client):
        self.inner = client

    @property
    def socket(self):
        return self.inner.socket

    def connect(self):
        return self.inner.connect()

    def close(self):
        self.inner.close()

    def send(self, request, tr_id=None):
        answer = self.inner.send(request, tr_id=tr_id)
        return BareAnswer(answer.code, answer.msg, answer.cl_tr_id)


def test_a_client_without_hello_can_be_given_one(filled, registry, connect, until):
    filled(
        1,
        client=lambda: WithoutHello(connect()),
        send_hello=lambda client: client.inner.hello(),
        hello_interval=0.1,
    )
    until(lambda: registry.counters().hellos >= 2)
    assert registry.counters().logins == 1


def test_a_session_that_cannot_be_kept_is_retired_in_time(
    filled, registry, connect, until
):
    """Without hello and probe: before the registry ends it, with a logout."""
    registry.limits = registry.limits._replace(idle_timeout=1.0)
    pool = filled(1, client=lambda: WithoutHello(connect()), idle_timeout=0.5)
    until(lambda: registry.counters().logins >= 2)
    assert pool.stats().discarded[ExpiryReason.idle_timeout] >= 1
    assert set(registry.counters().ended) == {"logout"}


def test_hello_is_not_for_send(make_pool):
    pool = make_pool()
    with pytest.raises(ValueError, match="hello"):
        pool.send(Hello())


def test_a_function_that_returns_no_probe_costs_the_session_and_is_told_of(
    filled, registry, until, caplog
):
    """Nothing it returns is sent; the next session is as good as a proof."""
    pool = filled(
        1,
        probe=lambda: DeleteDomain("own.example"),
        hello_interval=0.1,
        probe_interval=0.1,
    )
    until(lambda: registry.counters().logins >= 2)
    assert pool.send(CheckDomain("own.example")).code == 1000
    assert [e for e in registry.record if e.verb == "delete"] == []
    told = [r for r in caplog.records if r.levelname == "ERROR"]
    assert told
    assert all(
        "probe must return a command that changes nothing" in r.getMessage()
        for r in told
    )
