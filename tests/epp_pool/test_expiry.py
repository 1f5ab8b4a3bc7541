"""Planned ends of sessions: by age, by commands, by drain and by close.

One at a time, break before make, and with a logout, because the registry counts
sessions.
"""

from __future__ import annotations

import time
from collections import Counter

import gevent
import pytest

from geventconnpool_ext import PoolClosed
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPHooks,
    ExpiryReason,
    InfoDomain,
    NotSent,
)
from geventconnpool_ext.testing import Fault

CHECK = CheckDomain("own.example")
PLANNED = {ExpiryReason.max_age, ExpiryReason.max_commands}


class Rotations(EPPHooks):
    """Counts the slots that planned ends keep from callers, and the most at once."""

    def __init__(self):
        self.out = 0
        self.most_out = 0
        self.reasons = Counter()

    def session_expiring(self, session, reason):
        self.reasons[str(reason)] += 1
        if reason in PLANNED:
            self.out += 1
            self.most_out = max(self.most_out, self.out)

    def logged_in(self, session, answer):
        # A planned end is over when the session that takes its place is there.
        self.out = max(self.out - 1, 0)


def work(pool, seconds, clients=4):
    """Send checks from some clients for a while; return their answers' codes."""
    codes = []

    def client():
        with gevent.Timeout(seconds, False):
            while True:
                codes.append(pool.send(CHECK).code)
                gevent.sleep(0.003)

    gevent.joinall([gevent.spawn(client) for _ in range(clients)], raise_error=True)
    return codes


def commands_by_session(registry):
    return Counter(
        entry.session_id
        for entry in registry.record
        if entry.verb not in ("login", "logout")
    )


# Age.


def test_sessions_are_replaced_for_their_age_one_at_a_time(filled, registry, until):
    """G12. Never more sessions at the registry than the pool's size."""
    registry.latency = 0.01
    registry.limits = registry.limits._replace(max_sessions=4)
    hooks = Rotations()
    pool = filled(4, max_age=0.6, hooks=hooks)
    for _ in range(5):
        gevent.sleep(0.3)
        assert pool.send(CHECK).code == 1000
    until(lambda: hooks.reasons["max_age"] >= 6)
    counters = registry.counters()
    assert hooks.most_out == 1
    assert counters.most_sessions <= 4
    assert counters.login_failures == 0
    assert set(counters.ended) == {"logout"}


def test_sessions_are_replaced_for_their_age_under_load(filled, registry):
    registry.limits = registry.limits._replace(max_sessions=3)
    hooks = Rotations()
    pool = filled(3, max_age=0.5, hooks=hooks)
    codes = work(pool, 1.6, clients=6)
    assert set(codes) == {1000}
    assert hooks.reasons["max_age"] >= 4
    assert hooks.most_out == 1
    counters = registry.counters()
    assert counters.most_sessions <= 3
    assert counters.login_failures == 0


def test_ages_differ_so_that_rotations_do_not_coincide(filled):
    """Each session its own limit, up to 10 % below max_age, never above it."""
    ages = []

    class Ages(EPPHooks):
        def session_expiring(self, session, reason):
            if reason == ExpiryReason.max_age:
                ages.append(time.monotonic() - session.opened_at)

    pool = filled(1, max_age=0.2, hooks=Ages())
    with gevent.Timeout(5):
        while len(ages) < 8:
            gevent.sleep(0.02)
    pool.close()
    assert min(ages) >= 0.175
    assert max(ages) - min(ages) > 0.002


def test_break_before_make_works_with_one_session(filled, registry, until):
    registry.limits = registry.limits._replace(max_sessions=1)
    pool = filled(1, max_age=0.25)
    codes = work(pool, 1.0, clients=2)
    assert set(codes) == {1000}
    until(lambda: pool.stats().idle == 1)
    counters = registry.counters()
    assert counters.logins >= 4
    assert counters.login_failures == 0
    assert counters.most_sessions == 1


def test_a_leased_session_grows_old_and_goes_when_it_comes_back(filled, registry):
    pool = filled(1, max_age=0.2)
    with pool.get() as session:
        gevent.sleep(0.3)
        assert session.send(CHECK).code == 1000
    with pool.get() as other:
        assert other is not session
    assert pool.stats().discarded[ExpiryReason.max_age] == 1


def test_a_rotation_whose_logout_stalls_is_bounded(filled, registry, plan, until):
    plan.on("logout", fault=Fault.stall_before_read)
    pool = filled(1, max_age=0.2, close_timeout=0.3)
    until(lambda: registry.counters().logins >= 2)
    assert pool.send(CHECK).code == 1000


def test_a_rotation_whose_login_fails_is_tried_again(filled, registry, plan, until):
    pool = filled(2, max_age=0.3)
    plan.on("login", fault=Fault.drop_before_read, times=2)
    until(lambda: plan.pending == 0)
    until(lambda: pool.stats().idle == 2)
    assert pool.send(CHECK).code == 1000


# Commands.


def test_no_session_sends_more_than_max_commands(filled, registry):
    registry.limits = registry.limits._replace(max_sessions=2)
    pool = filled(2, max_commands=10)
    codes = [pool.send(CHECK).code for _ in range(60)]
    assert set(codes) == {1000}
    counts = commands_by_session(registry)
    assert max(counts.values()) <= 10
    assert sum(counts.values()) == 60
    assert pool.stats().discarded[ExpiryReason.max_commands] >= 4
    counters = registry.counters()
    assert counters.login_failures == 0
    assert counters.ended.get("logout", 0) >= 4


def test_no_session_sends_more_than_max_commands_under_load(filled, registry):
    registry.limits = registry.limits._replace(max_sessions=3)
    hooks = Rotations()
    pool = filled(3, max_commands=20, hooks=hooks)
    senders = [
        gevent.spawn(lambda: [pool.send(CHECK).code for _ in range(20)])
        for _ in range(10)
    ]
    gevent.joinall(senders, timeout=7, raise_error=True)
    assert [sender.value for sender in senders] == [[1000] * 20] * 10
    assert max(commands_by_session(registry).values()) <= 20
    counters = registry.counters()
    assert counters.most_sessions <= 3
    assert counters.login_failures == 0


def test_sessions_of_one_age_do_not_wear_out_together(filled, registry):
    """Used in turn, they would all reach max_commands at the same moment."""
    hooks = Rotations()
    pool = filled(4, max_commands=40, hooks=hooks)
    for _ in range(200):
        assert pool.send(CHECK).code == 1000
        gevent.sleep(0.001)
    most = sorted(commands_by_session(registry).values())[-4:]
    assert most[-1] <= 40
    assert len(set(most)) > 1


def test_the_probe_counts_as_a_command_and_hello_does_not(filled, registry):
    pool = filled(1, max_commands=4, probe=CheckDomain("probe.example"))
    with pool.get() as session:
        for _ in range(5):
            session.hello()
        assert session.commands == 0
        session.probe()
        assert session.commands == 1


def test_refused_commands_and_their_probes_count_too(make_pool, registry):
    """Each is refused in its own right, as the probe shows: the session goes on."""
    pool = make_pool(
        max_commands=10,
        probe=CheckDomain("probe.example"),
        session_gone=lambda command, answer: answer.code == 2303,
    )
    pool.wait(timeout=5)
    with pool.get() as session:
        for _ in range(5):
            assert session.send(InfoDomain("nothing.example")).code == 2303
        with pytest.raises(NotSent, match="max_commands"):
            session.send(InfoDomain("nothing.example"))
    assert session.commands == 10
    assert max(commands_by_session(registry).values()) == 10


def test_max_commands_of_one_means_a_session_per_command(filled, registry):
    registry.limits = registry.limits._replace(max_sessions=1, max_commands=1)
    pool = filled(1, max_commands=1)
    assert [pool.send(CHECK).code for _ in range(4)] == [1000] * 4
    assert max(commands_by_session(registry).values()) == 1
    assert registry.counters().login_failures == 0


def test_a_block_that_goes_on_beyond_max_commands_gets_not_sent(filled, registry):
    pool = filled(1, max_commands=3)
    with pool.get() as session:
        for _ in range(3):
            assert session.send(CHECK).code == 1000
        with pytest.raises(NotSent):
            session.send(CreateDomain("new.example", auth_info="newSecret1"))
    assert registry.record.executed("new.example") == []
    assert pool.send(CHECK).code == 1000
    assert pool.stats().discarded[ExpiryReason.max_commands] == 1


def test_a_registry_with_a_lower_limit_than_ours_costs_no_command(filled, registry):
    """It answers the last one and closes: that is a dead session like others."""
    registry.limits = registry.limits._replace(max_commands=3)
    pool = filled(1)
    for number in range(10):
        create = CreateDomain("d{}.example".format(number), auth_info="newSecret1")
        assert pool.send(create).code == 1000
        gevent.sleep(0.01)
    assert len(registry.record.executed(verb="create")) == 10


# Idleness.


def test_a_session_that_the_registry_ended_for_idleness_costs_no_command(
    filled, registry, until
):
    registry.limits = registry.limits._replace(idle_timeout=0.2)
    pool = filled(3, idle_timeout=None)
    until(lambda: registry.counters().ended.get("idle") == 3)
    create = CreateDomain("new.example", auth_info="newSecret1")
    assert pool.send(create).code == 1000
    assert registry.record.effects("new.example") == ["created"]


# Ends by hand.


def test_close_logs_every_session_out(filled, registry):
    pool = filled(3)
    pool.close()
    assert registry.counters().ended == {"logout": 3}
    assert registry.counters().sessions == 0
    assert pool.stats().discarded[ExpiryReason.closed] == 3


def test_close_is_bounded_where_logouts_stall(filled, plan):
    plan.on("logout", fault=Fault.stall_before_read, times=None)
    pool = filled(3, close_timeout=0.3)
    with gevent.Timeout(2):
        pool.close(timeout=0.5)


def test_close_waits_for_users_and_logs_them_out_as_well(filled, registry):
    pool = filled(2)

    def use():
        with pool.get() as session:
            gevent.sleep(0.1)
            return session.send(CHECK).code

    user = gevent.spawn(use)
    gevent.sleep(0.02)
    pool.close(timeout=2)
    assert user.get(timeout=2) == 1000
    assert registry.counters().ended == {"logout": 2}


def test_nothing_re_enters_a_closed_pool(filled, registry, until):
    """G11."""
    pool = filled(1)
    session = pool.acquire()
    pool.close(timeout=0.05)
    pool.release(session)
    with pytest.raises(PoolClosed):
        pool.send(CHECK)
    until(lambda: registry.counters().sessions == 0)
    assert pool.stats().open == 0


def test_a_discard_closes_without_a_logout(filled, registry, until):
    pool = filled(1)
    session = pool.acquire()
    pool.release(session, discard=True)
    until(lambda: registry.counters().ended == {"client_closed": 1})
    assert registry.counters().logins <= 2
    assert [e for e in registry.record if e.verb == "logout"] == []


def test_a_session_is_not_logged_out_while_an_answer_is_due(
    filled, registry, plan, until
):
    """It would be the next command on a connection that cannot be trusted."""
    pool = filled(1)
    plan.on("check", fault=Fault.stall_after_execute)
    with gevent.Timeout(0.1, False), pool.get() as session:
        session.send(CHECK)
    until(lambda: pool.stats().idle == 1)
    assert [e for e in registry.record if e.verb == "logout"] == []
    assert pool.stats().discarded[ExpiryReason.interrupted] == 1


def test_drain_replaces_every_session_and_logs_it_out(filled, registry, until):
    registry.limits = registry.limits._replace(max_sessions=2)
    pool = filled(2)
    pool.drain()
    until(lambda: registry.counters().logins == 4)
    until(lambda: pool.stats().idle == 2)
    assert registry.counters().ended == {"logout": 2}
    assert registry.counters().login_failures == 0


def test_a_null_pool_logs_out_after_every_command(make_pool, registry, until):
    pool = make_pool(1, kind="null")
    for _ in range(3):
        assert pool.send(CHECK).code == 1000
    until(lambda: registry.counters().sessions == 0)
    assert registry.counters().ended == {"logout": 3}
