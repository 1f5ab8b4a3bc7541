"""EpplibNullPool: the fallback, chosen by argument or by the environment."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import NullPool, PoolTimeout
from geventconnpool_ext.epp import EPPNullPool, EPPPool, LoginRejected
from geventconnpool_ext.epp.epplib import Client, EpplibNullPool, EpplibPool

from .commands import check, create, login

VARIABLE = "GEVENTCONNPOOL_EXT_KIND"


def test_kind_chooses_the_class(make_pool):
    assert type(make_pool()) is EpplibPool
    assert type(make_pool(kind="pool")) is EpplibPool
    assert isinstance(make_pool(), EPPPool)
    null = make_pool(kind="null")
    assert type(null) is EpplibNullPool
    assert isinstance(null, (EPPNullPool, NullPool))


def test_the_environment_chooses_where_kind_does_not(make_pool, monkeypatch):
    monkeypatch.setenv(VARIABLE, "null")
    assert type(make_pool()) is EpplibNullPool
    assert type(make_pool(kind="pool")) is EpplibPool
    monkeypatch.setenv(VARIABLE, "pool")
    assert type(make_pool()) is EpplibPool


def test_an_unknown_kind_is_named(make_pool, monkeypatch):
    with pytest.raises(ValueError, match="kind"):
        make_pool(kind="other")
    monkeypatch.setenv(VARIABLE, "other")
    with pytest.raises(ValueError, match="other"):
        make_pool()


def test_a_subclass_is_told_that_it_cannot_become_one(server, monkeypatch):
    class Mine(EpplibPool):
        pass

    monkeypatch.setenv(VARIABLE, "null")
    with pytest.raises(TypeError, match="EPPNullPool"):
        Mine("localhost", login, 1, port=server.port, verify=False)


def test_a_null_pool_made_by_name_is_one(server, registry):
    pool = EpplibNullPool(
        "localhost", login, 1, port=server.port, ca=server.certificates.ca_file
    )
    assert pool.send(create()).code == 1000
    pool.close()
    assert registry.counters().sessions == 0


def test_sessions_in_blocks_work_the_same(make_pool, kind):
    pool = make_pool(2, kind=kind)
    with pool.get() as one, pool.get() as other:
        assert one is not other
        assert isinstance(one.client, Client)
        assert one.send(check()).code == other.send(check()).code == 1000


def test_no_more_than_size_sessions_at_once(make_pool, registry, kind):
    registry.latency = 0.005
    registry.limits = registry.limits._replace(max_sessions=3)
    pool = make_pool(3, kind=kind)
    senders = [gevent.spawn(pool.send, check()) for _ in range(15)]
    gevent.joinall(senders, timeout=6, raise_error=True)
    assert [sender.value.code for sender in senders] == [1000] * 15
    assert registry.counters().most_sessions <= 3


def test_every_cl_tr_id_is_used_once(make_pool, registry, kind):
    pool = make_pool(2, kind=kind)
    command = check()
    for _ in range(5):
        pool.send(command)
    used = [entry.cl_tr_id for entry in registry.record]
    assert len(set(used)) == len(used)


def test_reset_login_tries_at_once(make_pool, registry, kind):
    passwords = ["wrongPassword1"]
    pool = make_pool(
        kind=kind,
        login=lambda: login(*passwords),
        login_failures=1,
        login_retry_after=100,
    )
    for _ in range(2):
        with pytest.raises((LoginRejected, PoolTimeout)):
            pool.send(check(), timeout=1)
    assert registry.counters().login_failures == 1
    passwords.clear()
    pool.reset_login()
    assert pool.send(check(), timeout=3).code == 1000
