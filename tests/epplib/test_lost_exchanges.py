"""What becomes of epplib's commands whose exchange was lost (W1 to W7)."""

from __future__ import annotations

import os
import time

import gevent
import pytest
from epplib import commands, models
from epplib.exceptions import TransportError

from geventconnpool_ext import PoolTimeout
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    EPPError,
    EPPHooks,
    ExpiryReason,
    LoginRejected,
)
from geventconnpool_ext.testing import Fault

from .commands import check, create, info, login

EXECUTED = {
    Fault.close_after_execute: ExpiryReason.eof,
    Fault.drop_after_execute: ExpiryReason.eof,
    Fault.reset_after_execute: ExpiryReason.eof,
    Fault.close_in_frame: ExpiryReason.eof,
    Fault.stall_after_execute: ExpiryReason.timeout,
    Fault.late_answer: ExpiryReason.timeout,
    Fault.garbage: ExpiryReason.unparsable,
    Fault.plain_text: ExpiryReason.unparsable,
    Fault.oversized_length: ExpiryReason.unparsable,
    Fault.wrong_cl_tr_id: ExpiryReason.wrong_tr_id,
}
UNEXECUTED = {
    Fault.drop_before_read: ExpiryReason.eof,
    Fault.reset_before_read: ExpiryReason.eof,
    Fault.stall_before_read: ExpiryReason.timeout,
}
LOST = {**EXECUTED, **UNEXECUTED}
SILENT = ExpiryReason.timeout


def losses(faults):
    return pytest.mark.parametrize("fault", faults, ids=lambda fault: fault.value)


def patience(fault):
    """How long one exchange may take: little where silence is the point."""
    return {"command_timeout": 0.25} if LOST.get(fault) == SILENT else {}


class Replays(EPPHooks):
    def __init__(self):
        self.all = []

    def replayed(self, command, reason):
        self.all.append((command, reason))


@losses(LOST)
def test_w1_w2_a_create_is_sent_once_and_its_outcome_told_as_ambiguous(
    make_pool, registry, plan, sent, kind, fault
):
    pool = make_pool(kind=kind, **patience(fault))
    plan.on("create", fault=fault)
    command = create()
    with pytest.raises(AmbiguousOutcome) as raised:
        pool.send(command, timeout=5)
    gevent.sleep(0.01)
    error = raised.value
    assert error.command is command
    assert isinstance(error.__cause__, (TransportError, OSError))
    executed = [entry.cl_tr_id for entry in sent("create")]
    assert executed == ([] if fault in UNEXECUTED else list(error.cl_tr_ids))
    assert len(error.cl_tr_ids) == 1
    assert pool.stats().discarded[LOST[fault]] == 1
    # And this is how to find out.
    found = pool.send(info("new.example"), timeout=5)
    assert found.code == (2303 if fault in UNEXECUTED else 1000)


@pytest.mark.parametrize(
    "command",
    [
        commands.UpdateDomain(
            "own.example", auth_info=models.DomainAuthInfo("newSecret1")
        ),
        commands.DeleteDomain("own.example"),
        commands.TransferDomain(
            "foreign.example", models.DomainAuthInfo("foreignSecret1")
        ),
        commands.CreateHost("ns1.own.example"),
    ],
    ids=["update", "delete", "transfer", "create host"],
)
def test_w1_nothing_that_changes_something_is_sent_twice(
    make_pool, plan, sent, command
):
    pool = make_pool()
    verb = type(command).__name__.lower().replace("domain", "").replace("host", "")
    plan.on(verb, fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome):
        pool.send(command)
    gevent.sleep(0.01)
    assert [entry.executed for entry in sent(verb)] == [True]


@losses(LOST)
def test_what_changes_nothing_is_sent_again(
    make_pool, registry, plan, sent, kind, fault
):
    hooks = Replays()
    pool = make_pool(kind=kind, hooks=hooks, **patience(fault))
    plan.on("check", fault=fault)
    command = check()
    answer = pool.send(command, timeout=5)
    assert answer.res_data[0].name == "own.example"
    tried = sent("check")
    assert len(tried) == (1 if fault in UNEXECUTED else 2)
    assert tried[-1].cl_tr_id == answer.cl_tr_id
    assert hooks.all == [(command, LOST[fault])]


@losses(
    [
        Fault.dribble,
        Fault.split_length_2_2,
        Fault.split_length_3_1,
        Fault.split_length_1_3,
    ]
)
def test_e3_an_answer_in_pieces_is_an_answer(make_pool, registry, plan, kind, fault):
    pool = make_pool(kind=kind)
    plan.on("create", fault=fault)
    assert pool.send(create()).code == 1000
    assert registry.record.effects("new.example") == ["created"]


def test_three_attempts_are_the_most(make_pool, plan, sent, kind):
    pool = make_pool(kind=kind)
    plan.on("check", fault=Fault.drop_after_execute, times=None)
    with pytest.raises(TransportError) as raised:
        pool.send(check())
    assert isinstance(raised.value, EPPError)
    assert len(sent("check")) == 3


def test_w3_a_rejected_login_is_tried_once_and_told_at_once(
    make_pool, registry, sent, kind
):
    pool = make_pool(kind=kind, login=lambda: login("wrongPassword1"), login_failures=1)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(LoginRejected) as raised:
            pool.send(check(), timeout=5)
        assert raised.value.code == 2200
    assert time.monotonic() - began < 2
    assert [entry.code for entry in sent("login")] == [2200]


def test_w4_an_exhausted_pool_costs_the_timeout_once(make_pool, sent, kind):
    pool = make_pool(1, kind=kind)
    with pool.get():
        began = time.monotonic()
        with pytest.raises(PoolTimeout):
            pool.send(check(), timeout=0.2)
        assert 0.15 < time.monotonic() - began < 1
    assert sent("check") == []


@pytest.mark.parametrize("command", [check(), create()], ids=["check", "create"])
def test_w5_2400_is_the_callers_answer_once(make_pool, registry, plan, kind, command):
    pool = make_pool(kind=kind)
    for verb in ("check", "create"):
        plan.on(verb, fault=Fault.answer_2400)
    assert pool.send(command).code == 2400
    tried = [entry for entry in registry.record if entry.verb in ("check", "create")]
    assert len(tried) == 1
    if kind == "pool":
        assert sum(pool.stats().discarded.values()) == 0


def test_w6_2002_is_sent_once_more_on_a_new_session(make_pool, registry, plan, sent):
    hooks = Replays()
    pool = make_pool(hooks=hooks)
    plan.on("create", fault=Fault.silent_logout)
    command = create()
    assert pool.send(command).code == 1000
    refused, done = sent("create")
    assert refused.code == 2002
    assert done.executed
    assert done.session_id > refused.session_id
    assert done.cl_tr_id != refused.cl_tr_id
    assert hooks.all == [(command, ExpiryReason.session_gone)]


def test_w6_2002_from_a_new_session_too_is_the_callers_answer(
    make_pool, plan, sent, kind
):
    pool = make_pool(kind=kind)
    plan.on("create", fault=Fault.silent_logout, times=None)
    assert pool.send(create()).code == 2002
    assert len({entry.session_id for entry in sent("create")}) == 2


@losses([Fault.bad_greeting, Fault.garbage_greeting, Fault.oversized_greeting])
def test_w7_a_bad_greeting_leaks_no_descriptor(make_pool, registry, plan, fault):
    plan.next(fault, times=10)
    before = len(os.listdir("/proc/self/fd"))
    pool = make_pool(1)
    assert pool.send(check(), timeout=5).code == 1000
    assert registry.counters().connections == 11
    # One connection, seen from both ends; others may be about to be closed.
    assert len(os.listdir("/proc/self/fd")) <= before + 5
