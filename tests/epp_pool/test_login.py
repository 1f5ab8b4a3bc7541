"""The login circuit: rejected logins are few, and told to those who wait."""

from __future__ import annotations

import time

import gevent
import pytest

from geventconnpool_ext import Backoff, PoolTimeout
from geventconnpool_ext.epp import (
    CheckDomain,
    EPPHooks,
    Login,
    LoginRejected,
    SessionLimit,
)
from geventconnpool_ext.testing import Fault

CHECK = CheckDomain("own.example")
WRONG = "wrongPassword1"


class Credentials:
    """A password that can change, and how often it was asked for."""

    def __init__(self, password):
        self.password = password
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return Login("client", self.password)


@pytest.fixture
def credentials():
    return Credentials(WRONG)


def test_a_rejected_login_is_told_at_once(make_pool, credentials, kind):
    """W3: not by waiting for the timeout."""
    pool = make_pool(2, kind=kind, login=credentials)
    began = time.monotonic()
    with pytest.raises(LoginRejected) as raised:
        pool.send(CHECK, timeout=5)
    assert time.monotonic() - began < 2
    assert raised.value.code == 2200
    assert not isinstance(raised.value, OSError)


def test_get_acquire_and_wait_tell_it_as_well(make_pool, credentials):
    pool = make_pool(1, login=credentials)
    with pytest.raises(LoginRejected), pool.get(timeout=3):
        pass
    with pytest.raises(LoginRejected):
        pool.acquire(timeout=3)
    with pytest.raises((LoginRejected, PoolTimeout)):
        pool.wait(timeout=0.5)


@pytest.mark.parametrize("callers", [1, 20])
def test_no_number_of_callers_locks_the_account(
    make_pool, registry, credentials, kind, callers
):
    registry.limits = registry.limits._replace(login_attempts=3)
    pool = make_pool(4, kind=kind, login=credentials, login_failures=2)

    def caller():
        for _ in range(5):
            with pytest.raises(LoginRejected):
                pool.send(CHECK, timeout=3)
            gevent.sleep(0.01)

    gevent.joinall(
        [gevent.spawn(caller) for _ in range(callers)], timeout=7, raise_error=True
    )
    assert registry.counters().login_failures <= 2
    assert not registry.accounts["client"].locked(time.monotonic())


@pytest.mark.parametrize(("failures", "opening"), [(3, 8), (1, 2)])
def test_many_connects_at_once_do_not_lock_the_account(
    make_pool, registry, failures, opening
):
    """max_opening above login_failures is no way around the circuit."""
    registry.latency = 0.05
    registry.limits = registry.limits._replace(login_attempts=failures + 1)
    pool = make_pool(
        8, login=Credentials(WRONG), login_failures=failures, max_opening=opening
    )
    seen = []

    def caller():
        with pytest.raises(LoginRejected):
            pool.send(CHECK, timeout=3)
        seen.append(1)

    gevent.joinall([gevent.spawn(caller) for _ in range(8)], timeout=5)
    assert len(seen) == 8
    gevent.sleep(0.2)
    assert registry.counters().login_failures <= failures


def test_after_a_rejection_logins_are_tried_one_at_a_time(
    make_pool, registry, credentials
):
    together = []
    under_way = []

    class Hooks(EPPHooks):
        def greeted(self, session, greeting):
            under_way.append(session)
            if registry.counters().login_failures:
                together.append(len(under_way))

        def login_failed(self, error):
            under_way.pop()

    registry.latency = 0.02
    pool = make_pool(
        4, login=credentials, login_failures=6, max_opening=4, hooks=Hooks()
    )
    with gevent.Timeout(5):
        while registry.counters().login_failures < 6:
            gevent.sleep(0.01)
    pool.close()
    # Those that were on their way when the first was rejected aside.
    assert together[-2:] == [1, 1]


def test_an_open_circuit_is_tried_once_per_login_retry_after(
    make_pool, registry, credentials
):
    make_pool(2, login=credentials, login_failures=2, login_retry_after=0.4)
    with gevent.Timeout(4):
        while registry.counters().login_failures < 2:
            gevent.sleep(0.01)
    gevent.sleep(1.0)
    assert 3 <= registry.counters().login_failures <= 5


def test_logins_whose_answer_comes_too_late_keep_an_open_circuit_s_pace(
    make_pool, registry, credentials, plan
):
    """The registry counts them all the same, and locks the account."""
    make_pool(
        1,
        login=credentials,
        login_failures=2,
        login_retry_after=0.5,
        connect_timeout=0.3,
    )
    with gevent.Timeout(4):
        while registry.counters().login_failures < 2:
            gevent.sleep(0.01)
    plan.on("login", fault=Fault.late_answer, delay=1.0, times=None)
    gevent.sleep(2.0)
    assert 3 <= registry.counters().login_failures <= 6


def test_a_registry_that_is_down_costs_an_open_circuit_no_more_time(
    make_pool, registry, credentials, server, until
):
    """Nothing was sent, so nothing was counted."""
    pool = make_pool(1, login=credentials, login_failures=1, login_retry_after=0.3)
    until(lambda: registry.counters().login_failures == 1)
    server.stop()
    gevent.sleep(0.6)
    assert pool.stats().connect_errors >= 3
    credentials.password = "password"
    server.start()
    until(lambda: pool.stats().idle == 1)


def test_reset_login_tries_at_once(make_pool, registry, credentials, until):
    pool = make_pool(1, login=credentials, login_failures=1, login_retry_after=100)
    with pytest.raises(LoginRejected):
        pool.send(CHECK)
    gevent.sleep(0.2)
    assert registry.counters().login_failures == 1
    credentials.password = "password"
    with pytest.raises(LoginRejected):
        pool.send(CHECK)
    pool.reset_login()
    assert pool.send(CHECK, timeout=3).code == 1000


def test_reset_login_of_a_null_pool_lets_the_next_caller_try(
    make_pool, registry, credentials
):
    pool = make_pool(
        1, kind="null", login=credentials, login_failures=1, login_retry_after=100
    )
    for _ in range(3):
        with pytest.raises(LoginRejected):
            pool.send(CHECK)
    assert registry.counters().login_failures == 1
    credentials.password = "password"
    pool.reset_login()
    assert pool.send(CHECK, timeout=3).code == 1000


def test_reset_login_of_a_null_pool_ends_the_pause_of_who_waits(
    make_pool, registry, until
):
    credentials = Credentials("password")
    pool = make_pool(
        2, kind="null", login=credentials, login_failures=1, login_retry_after=100
    )
    with pool.get():
        # While a session is open, a rejected caller waits.
        credentials.password = WRONG
        waiting = gevent.spawn(pool.send, CHECK, timeout=10)
        until(lambda: registry.counters().login_failures == 1)
        gevent.sleep(0.05)
        assert not waiting.ready()
        credentials.password = "password"
        pool.reset_login()
        assert waiting.get(timeout=3).code == 1000


def test_the_circuit_closes_when_a_login_succeeds(
    make_pool, registry, credentials, until
):
    pool = make_pool(3, login=credentials, login_failures=2, login_retry_after=0.3)
    until(lambda: registry.counters().login_failures >= 2)
    credentials.password = "password"
    until(lambda: pool.stats().idle == 3)
    assert registry.counters().logins == 3


def test_a_registry_that_locks_answers_2501_and_that_is_a_rejection(
    make_pool, registry, credentials
):
    registry.limits = registry.limits._replace(login_attempts=1)
    pool = make_pool(1, login=credentials, login_failures=1)
    with pytest.raises(LoginRejected) as raised:
        pool.send(CHECK)
    assert raised.value.code == 2501


def test_nobody_fails_with_it_while_a_session_is_open(filled, registry):
    """He may still be served by that one."""
    credentials = Credentials("password")
    pool = filled(1, login=credentials)
    pool.resize(2)
    credentials.password = WRONG
    with pool.get():
        with pytest.raises(PoolTimeout) as raised:
            pool.send(CHECK, timeout=0.3)
        assert isinstance(raised.value.__cause__, LoginRejected)
        waiter = gevent.spawn(pool.send, CHECK, timeout=3)
        gevent.sleep(0.05)
        assert not waiter.ready()
    assert waiter.get(timeout=3).code == 1000


def test_a_login_that_never_answers_is_no_rejection(make_pool, plan):
    plan.on("login", fault=Fault.drop_before_read, times=3)
    pool = make_pool(1, login_failures=2, login_retry_after=100)
    assert pool.send(CHECK, timeout=4).code == 1000


def test_credentials_are_asked_for_anew_each_time(filled, registry, server):
    credentials = Credentials("password")
    pool = filled(1, login=credentials)
    registry.accounts["client"].password = "rotated-1"
    credentials.password = "rotated-1"
    server.kill_sessions()
    assert pool.send(CHECK).code == 1000
    assert credentials.asked == 2
    assert registry.counters().login_failures == 0


@pytest.mark.parametrize(
    "returned", [None, b"", "", b"<epp/>", CHECK, Ellipsis], ids=repr
)
def test_a_login_that_is_none_is_named(make_pool, registry, returned):
    pool = make_pool(1, login=lambda: returned)
    with pytest.raises(PoolTimeout) as raised:
        pool.send(CHECK, timeout=0.3)
    assert isinstance(raised.value.__cause__, (TypeError, ValueError))
    # Asked for before the connect, so that the registry isn't even bothered.
    assert registry.counters().connections == 0


def test_a_login_function_that_raises_is_a_failed_connect(make_pool):
    def login():
        raise LookupError("the vault is sealed")

    pool = make_pool(1, login=login)
    with pytest.raises(PoolTimeout, match="vault is sealed") as raised:
        pool.send(CHECK, timeout=0.3)
    assert isinstance(raised.value.__cause__, LookupError)


# The session limit.


@pytest.mark.parametrize("closes", [False, True], ids=["2502", "close"])
def test_a_session_limit_keeps_the_sessions_there_are(make_pool, registry, closes):
    """nomulus closes without a 2502."""
    registry.limits = registry.limits._replace(max_sessions=2, close_over_limit=closes)
    pool = make_pool(4, reconnect=Backoff(0.2, 0.4))
    # A busy machine has logged in the two by then, and at least once too many.
    with gevent.Timeout(4):
        while registry.counters().login_failures < 1 or pool.stats().idle < 2:
            gevent.sleep(0.01)
    senders = [gevent.spawn(pool.send, CHECK) for _ in range(20)]
    gevent.joinall(senders, timeout=4, raise_error=True)
    assert [sender.value.code for sender in senders] == [1000] * 20
    assert registry.counters().logins == 2
    assert pool.stats().open == 2
    assert sum(pool.stats().discarded.values()) == 0


def test_a_session_limit_is_backed_off_from(make_pool, registry):
    registry.limits = registry.limits._replace(max_sessions=1)
    failed = []

    class Hooks(EPPHooks):
        def login_failed(self, error):
            failed.append(error)

    make_pool(3, reconnect=Backoff(0.2, 0.4), hooks=Hooks())
    gevent.sleep(1.2)
    assert 1 <= len(failed) <= 16
    assert all(isinstance(error, SessionLimit) for error in failed)


def test_a_session_limit_is_no_fault_of_the_credentials(make_pool, registry):
    """It opens no circuit: as soon as there is room, there is a session."""
    registry.limits = registry.limits._replace(max_sessions=0)
    pool = make_pool(1, login_failures=1, login_retry_after=100)
    with pytest.raises(PoolTimeout) as raised:
        pool.send(CHECK, timeout=0.3)
    assert isinstance(raised.value.__cause__, SessionLimit)
    registry.limits = registry.limits._replace(max_sessions=1)
    assert pool.send(CHECK, timeout=4).code == 1000
