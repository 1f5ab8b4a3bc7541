"""EPPNullPool: the fallback, chosen by argument or by the environment."""

from __future__ import annotations

import inspect

import gevent
import pytest

from geventconnpool_ext import ConnectionPool, NullPool, PoolFull, PoolTimeout
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPNullPool,
    EPPPool,
    Session,
)
from geventconnpool_ext.epp.requests import prepare

CHECK = CheckDomain("own.example")
VARIABLE = "GEVENTCONNPOOL_EXT_KIND"


def test_kind_chooses_the_class(make_pool):
    assert type(make_pool(1)) is EPPPool
    assert type(make_pool(1, kind="pool")) is EPPPool
    null = make_pool(1, kind="null")
    assert type(null) is EPPNullPool
    assert isinstance(null, NullPool)
    assert isinstance(make_pool(1), ConnectionPool)


def test_help_shows_what_the_constructor_takes():
    """And not the *args of the method that chooses the kind."""
    shown = inspect.signature(EPPPool)
    assert list(shown.parameters)[:3] == ["connect", "login", "size"]
    assert shown.parameters["policy"].kind is inspect.Parameter.KEYWORD_ONLY
    assert shown.bind(None, None, 2, policy=None)

    class Own(EPPPool):
        def __init__(self, account):
            super().__init__(account.connect, account.login, 2)

    assert str(inspect.signature(Own)) == "(account)"


def test_the_environment_chooses_where_kind_does_not(make_pool, monkeypatch):
    monkeypatch.setenv(VARIABLE, "null")
    assert type(make_pool(1)) is EPPNullPool
    assert type(make_pool(1, kind="pool")) is EPPPool
    monkeypatch.setenv(VARIABLE, "pool")
    assert type(make_pool(1)) is EPPPool


def test_an_unknown_kind_is_named(make_pool, monkeypatch):
    with pytest.raises(ValueError, match="kind"):
        make_pool(1, kind="other")
    monkeypatch.setenv(VARIABLE, "other")
    with pytest.raises(ValueError, match="other"):
        make_pool(1)


def test_the_environment_reaches_a_subclass_with_a_clear_error(connect, monkeypatch):
    class Mine(EPPPool):
        pass

    monkeypatch.setenv(VARIABLE, "null")
    with pytest.raises(TypeError, match="EPPNullPool"):
        Mine(connect, lambda: None, 1)


@pytest.mark.parametrize("form", ["object", "bytes", "str", "prepared"])
def test_a_request_may_have_any_form(make_pool, registry, kind, form):
    request = CreateDomain("new.example", auth_info="newSecret1")
    made = {
        "object": request,
        "bytes": request.xml(tr_id="MINE-1"),
        "str": request.xml(tr_id="MINE-1").decode(),
        "prepared": prepare(request, "MINE-1"),
    }[form]
    pool = make_pool(1, kind=kind)
    answer = pool.send(made)
    assert answer.code == 1000
    (entry,) = registry.record.executed("new.example")
    assert entry.cl_tr_id == answer.cl_tr_id
    assert entry.cl_tr_id != "MINE-1"


def test_a_request_in_another_encoding_is_understood(make_pool, registry, kind):
    text = CHECK.xml(tr_id="MINE-1").decode().replace("UTF-8", "ISO-8859-1")
    assert make_pool(1, kind=kind).send(text.encode("latin-1")).code == 1000


def test_every_cl_tr_id_is_used_once(make_pool, registry, kind):
    pool = make_pool(2, kind=kind)
    for _ in range(5):
        pool.send(CHECK)
    used = [entry.cl_tr_id for entry in registry.record]
    assert len(set(used)) == len(used)


def test_sessions_in_blocks_work_the_same(make_pool, kind):
    pool = make_pool(2, kind=kind)
    with pool.get() as one, pool.get() as other:
        assert isinstance(one, Session)
        assert one is not other
        assert one.send(CHECK).code == 1000
        assert other.send(CHECK).code == 1000


def test_no_more_than_size_sessions_at_once(make_pool, registry, kind):
    registry.latency = 0.005
    registry.limits = registry.limits._replace(max_sessions=3)
    pool = make_pool(3, kind=kind)
    senders = [gevent.spawn(pool.send, CHECK) for _ in range(15)]
    gevent.joinall(senders, timeout=6, raise_error=True)
    assert [sender.value.code for sender in senders] == [1000] * 15
    assert registry.counters().most_sessions <= 3


def test_limits_of_waiting_hold_for_send(make_pool, kind):
    pool = make_pool(1, kind=kind, max_waiting=1)
    with pool.get():
        waiter = gevent.spawn(pool.send, CHECK)
        gevent.sleep(0.02)
        with pytest.raises(PoolFull):
            pool.send(CHECK)
        with pytest.raises((PoolTimeout, PoolFull)):
            pool.send(CHECK, timeout=0.05)
    assert waiter.get(timeout=4).code == 1000
