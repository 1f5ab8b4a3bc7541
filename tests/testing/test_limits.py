from __future__ import annotations

import time

import gevent
import pytest

from geventconnpool_ext.testing import Limits, Registry

from .conversations import Desk, Dropped, act, login, name

CHECK = act("check", "domain", name("a.test"))


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_session_too_many_is_2502_and_leaves_the_others_alone(server, dial, registry):
    registry.limits = Limits(max_sessions=2)
    first, second = dial().log_in(), dial().log_in()
    third = dial()
    third.answer()
    assert third.send(login()).code == 2502
    assert third.ending() == "close"
    dial().log_in("other", "password2")
    assert first.send(CHECK).code == second.send(CHECK).code == 1000
    counters = registry.counters()
    assert counters.ended == {"session_limit": 1}
    assert counters.sessions == counters.most_sessions == 3


def test_a_place_is_free_again_when_a_session_has_ended(server, dial, registry, until):
    registry.limits = Limits(max_sessions=1)
    client = dial().log_in()
    client.close()
    until(lambda: registry.counters().sessions == 0)
    dial().log_in()


def test_a_registry_may_close_over_the_limit_instead_of_answering(
    server, dial, registry
):
    registry.limits = Limits(max_sessions=0, close_over_limit=True)
    client = dial()
    client.answer()
    with pytest.raises(EOFError):
        client.send(login())
    assert registry.counters().ended == {"session_limit": 1}


def test_limits_can_be_an_accounts_own(server, dial, registry):
    registry.accounts["client"].limits = Limits(max_sessions=0)
    client = dial()
    client.answer()
    assert client.send(login()).code == 2502
    dial().log_in("other", "password2")


def test_an_idle_session_is_closed_with_close_notify(server, dial, registry):
    registry.limits = Limits(idle_timeout=0.1)
    client = dial().log_in()
    assert client.ending() == "close"
    assert registry.counters().ended == {"idle": 1}


def test_a_hello_keeps_a_session_from_being_idle(server, dial, registry):
    registry.limits = Limits(idle_timeout=1.0)
    client = dial().log_in()
    started = time.monotonic()
    while time.monotonic() - started < 1.3:
        gevent.sleep(0.2)
        assert client.hello().is_greeting
    assert client.send(CHECK).code == 1000


def test_an_old_session_is_closed_although_it_is_used(server, dial, registry):
    registry.limits = Limits(max_age=0.3)
    client = dial().log_in()

    def use_it_for_ever():
        while True:
            client.hello()
            gevent.sleep(0.01)

    with pytest.raises((EOFError, Dropped, ConnectionResetError)):
        use_it_for_ever()
    assert registry.counters().ended == {"max_age": 1}


def test_a_limit_set_later_holds_for_sessions_that_are_open(server, dial, registry):
    client = dial().log_in()
    assert client.send(CHECK).code == 1000
    registry.limits = registry.limits._replace(idle_timeout=0.0)
    assert client.ending() == "close"


def test_the_last_command_allowed_is_answered_before_the_end(server, dial, registry):
    registry.limits = Limits(max_commands=2)
    client = dial().log_in()
    client.hello()
    assert client.send(CHECK).code == client.send(CHECK).code == 1000
    assert client.ending() == "close"
    assert registry.counters().ended == {"max_commands": 1}


def test_a_connection_without_a_login_is_closed(server, dial, registry):
    registry.limits = Limits(login_deadline=0.1)
    logged_in = dial().log_in()
    waiting = dial()
    assert waiting.ending() == "close"
    assert logged_in.send(CHECK).code == 1000
    assert registry.counters().ended == {"login_deadline": 1}


def test_failed_logins_lock_the_account_until_the_lock_runs_out():
    clock = Clock()
    registry = Registry(limits=Limits(login_attempts=2, lockout=60), clock=clock)
    desk = Desk(registry, None)
    assert desk.code(login(password="wrong")) == 2200
    assert desk.code(login(password="wrong")) == 2501
    assert Desk(registry, None).code(login()) == 2501
    clock.now += 61
    assert Desk(registry, None).code(login()) == 1000
    assert registry.counters().login_failures == 3


def test_a_good_login_forgets_the_failures_before_it():
    registry = Registry(limits=Limits(login_attempts=2))
    for _ in range(3):
        assert Desk(registry, None).code(login(password="wrong")) == 2200
        assert Desk(registry, None).code(login()) == 1000


def test_a_locked_account_is_told_so_and_the_connection_closed(server, dial, registry):
    registry.limits = Limits(login_attempts=1)
    client = dial()
    client.answer()
    assert client.send(login(password="wrong")).code == 2501
    assert client.ending() == "close"
    assert registry.counters().ended == {"login_rejected": 1}


def test_latency_is_paid_by_hello_login_command_and_logout(server, dial, registry):
    registry.latency = 0.03
    client = dial()
    client.answer()
    for say in (
        lambda: client.send(login()),
        client.hello,
        lambda: client.send(CHECK),
        lambda: client.send("<logout/>"),
    ):
        started = time.monotonic()
        say()
        assert time.monotonic() - started >= 0.029


def test_latency_of_one_session_does_not_hold_up_another(server, dial, registry):
    clients = [dial().log_in() for _ in range(8)]
    registry.latency = 0.2
    started = time.monotonic()
    jobs = [gevent.spawn(client.send, CHECK) for client in clients]
    assert [job.get().code for job in jobs] == [1000] * 8
    assert time.monotonic() - started < 1.0
