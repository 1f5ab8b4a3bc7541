"""Sessions that died while nobody used them cost no command anything."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import PoolTimeout
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    ExpiryReason,
    NotSent,
)

MANNERS = ["drop", "close", "reset"]


def create(name):
    return CreateDomain(name, auth_info="newSecret1")


@pytest.mark.parametrize("manner", MANNERS)
def test_a_create_survives_that_every_idle_session_is_dead(
    filled, registry, server, manner
):
    """More dead ones than a command has attempts."""
    pool = filled(6, max_opening=6)
    server.kill_sessions(manner)
    assert pool.send(create("new.example")).code == 1000
    assert registry.record.effects("new.example") == ["created"]
    assert len(registry.record.executed("new.example")) == 1


def test_a_create_survives_a_restart_of_the_registry(filled, registry, server, until):
    pool = filled(4)
    server.stop()
    sender = gevent.spawn(pool.send, create("new.example"))
    gevent.sleep(0.1)
    server.start()
    assert sender.get(timeout=5).code == 1000
    assert registry.record.effects("new.example") == ["created"]
    until(lambda: pool.send(create("last.example")).code == 2302, 5)
    assert registry.record.effects("last.example") == ["created"]


def test_many_callers_survive_a_restart_together(filled, registry, server):
    pool = filled(4)
    server.stop()
    names = ["d{}.example".format(number) for number in range(24)]
    senders = [gevent.spawn(pool.send, create(name)) for name in names]
    gevent.sleep(0.05)
    server.start()
    gevent.joinall(senders, timeout=6, raise_error=True)
    assert [sender.value.code for sender in senders] == [1000] * 24
    assert all(registry.record.effects(name) == ["created"] for name in names)


def test_replay_never_minds_dead_sessions_as_little(filled, registry, server):
    """Nothing was written on them, so nothing is sent a second time."""
    pool = filled(4)
    server.kill_sessions()
    assert pool.send(create("new.example"), replay="never").code == 1000
    assert registry.record.effects("new.example") == ["created"]


def test_a_registry_that_stays_away_costs_the_timeout(filled, server):
    pool = filled(3)
    server.stop()
    with pytest.raises(PoolTimeout) as raised:
        pool.send(create("new.example"), timeout=0.3)
    # The last connect error, if the last attempt failed.
    assert raised.value.__cause__ is not None
    assert pool.stats().in_use == 0


@pytest.mark.parametrize("manner", MANNERS)
def test_a_dead_session_says_so_before_it_writes(filled, server, manner, until):
    pool = filled(1)
    with pool.get() as session:
        server.kill_sessions(manner)
        gevent.sleep(0.02)
        with pytest.raises(NotSent):
            session.send(create("new.example"))
        assert session.ended == ExpiryReason.eof
        with pytest.raises(NotSent):
            session.send(create("new.example"))
    until(lambda: pool.stats().idle == 1)
    assert pool.stats().discarded[ExpiryReason.eof] == 1


def test_the_pool_is_whole_again_after_all_of_its_sessions_died(filled, server, until):
    pool = filled(3)
    server.kill_sessions()
    for _ in range(6):
        assert pool.send(CheckDomain("own.example")).code == 1000
    until(lambda: pool.stats().idle == 3)
    stats = pool.stats()
    assert stats.opening == stats.closing == stats.in_use == 0
    assert stats.connects == 3 + sum(stats.discarded.values())


def test_a_keepalive_replaces_dead_sessions_without_a_caller(
    filled, registry, server, until
):
    pool = filled(2, hello_interval=0.1)
    server.kill_sessions()
    until(lambda: registry.counters().logins == 4)
    until(lambda: pool.stats().idle == 2)
    assert pool.stats().gets == 0
