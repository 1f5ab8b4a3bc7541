"""Answers after which the server closes, and those that only sound like it."""

from __future__ import annotations

from collections import namedtuple

import gevent
import pytest

from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPHooks,
    ExpiryReason,
    Login,
    Logout,
)
from geventconnpool_ext.testing import Fault

from .commands import UNSAFE, prepared, verb_of

BareAnswer = namedtuple("BareAnswer", "code msg cl_tr_id")


class Relabelled:
    """Another library's client, in the least form; some answers get a code."""

    def __init__(self, client, codes):
        self._client = client
        self._codes = codes

    @property
    def socket(self):
        return self._client.socket

    def connect(self):
        self._client.connect()

    def close(self):
        self._client.close()

    def send(self, request, tr_id=None):
        answer = self._client.send(request, tr_id=tr_id)
        code = answer.code
        if not isinstance(request, (Login, Logout)) and self._codes:
            code = self._codes.pop(0)
        return BareAnswer(code, answer.msg, answer.cl_tr_id)


def create(name="new.example"):
    return CreateDomain(name, auth_info="newSecret1")


@pytest.mark.parametrize("code", [1500, 2500, 2501, 2502])
def test_a_closing_answer_is_the_callers_and_ends_the_session(
    make_pool, registry, connect, kind, code
):
    """G4: whatever the command, it is not sent again."""
    replays = []

    class Hooks(EPPHooks):
        def replayed(self, command, reason):
            replays.append(command)

    codes = [code]
    pool = make_pool(
        kind=kind, client=lambda: Relabelled(connect(), codes), hooks=Hooks()
    )
    assert pool.send(create()).code == code
    assert len(registry.record.executed("new.example", "create")) == 1
    assert replays == []
    assert pool.stats().discarded[ExpiryReason.server_ended] == 1
    assert pool.send(CheckDomain("own.example")).code == 1000
    assert registry.counters().logins == 2


@pytest.mark.parametrize("fault", [Fault.answer_2500, Fault.answer_2502])
@pytest.mark.parametrize("name", ["check", *UNSAFE])
def test_no_command_is_repeated_after_one(make_pool, registry, plan, fault, name):
    pool = make_pool()
    plan.on(verb_of(name), fault=fault)
    assert pool.send(prepared(name, registry)).code == int(fault.value[-4:])
    tried = [entry for entry in registry.record if entry.verb == verb_of(name)]
    assert len(tried) == 1
    gevent.sleep(0.01)
    assert pool.send(CheckDomain("own.example")).code == 1000
    assert registry.counters().logins == 2


@pytest.mark.parametrize("code", [1500, 2500, 2501, 2502])
def test_a_session_in_a_block_refuses_what_follows(make_pool, connect, code):
    codes = [code]
    pool = make_pool(client=lambda: Relabelled(connect(), codes))
    with pool.get() as session:
        assert session.send(CheckDomain("own.example")).code == code
        assert session.ended == ExpiryReason.server_ended
    with pool.get() as other:
        assert other is not session


@pytest.mark.parametrize("name", ["check", "create"])
def test_2400_is_an_answer_like_any_other(make_pool, registry, plan, kind, name):
    """W5: possibly transient, but the caller's to repeat."""
    pool = make_pool(kind=kind)
    plan.on(verb_of(name), fault=Fault.answer_2400)
    assert pool.send(prepared(name, registry)).code == 2400
    tried = [entry for entry in registry.record if entry.verb == verb_of(name)]
    assert len(tried) == 1
    if kind == "pool":
        assert pool.send(CheckDomain("own.example")).code == 1000
        assert registry.counters().logins == 1
        assert sum(pool.stats().discarded.values()) == 0


@pytest.mark.parametrize("code", [1001, 2000, 2004, 2201, 2302, 2303, 2304, 2306, 2308])
def test_other_answers_keep_the_session_and_are_not_repeated(
    make_pool, registry, connect, code
):
    codes = [code]
    pool = make_pool(client=lambda: Relabelled(connect(), codes))
    assert pool.send(create()).code == code
    assert len(registry.record.executed("new.example", "create")) == 1
    assert pool.send(CheckDomain("own.example")).code == 1000
    assert registry.counters().logins == 1


def test_an_exception_of_the_caller_keeps_the_session(make_pool, registry):
    pool = make_pool()
    used = []

    def use():
        with pool.get() as session:
            session.send(CheckDomain("own.example"))
            used.append(session)
            raise KeyError("of the caller")

    with pytest.raises(KeyError):
        use()
    with pool.get() as again:
        assert used == [again]
