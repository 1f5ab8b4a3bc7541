"""What happens to a command whose exchange was lost: sent again, or not.

Every kind of command under every way of losing an answer, on both kinds of
pool. The registry's record is the judge.
"""

from __future__ import annotations

import time

import gevent
import pytest

from geventconnpool_ext import PoolError, PoolTimeout
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    CreateDomain,
    EPPError,
    EPPHooks,
    ExpiryReason,
)
from geventconnpool_ext.testing import Fault

from .commands import SAFE, UNSAFE, prepared, verb_of

ENDINGS = [
    Fault.close_before_read,
    Fault.drop_before_read,
    Fault.reset_before_read,
    Fault.close_after_execute,
    Fault.drop_after_execute,
    Fault.reset_after_execute,
    Fault.close_in_frame,
    Fault.drop_in_frame,
]
LIES = [
    Fault.wrong_cl_tr_id,
    Fault.garbage,
    Fault.plain_text,
    Fault.oversized_length,
]
SILENCES = [
    Fault.stall_before_read,
    Fault.stall_after_execute,
    Fault.stall_in_frame,
    Fault.late_answer,
]
UNEXECUTED = [
    Fault.close_before_read,
    Fault.drop_before_read,
    Fault.reset_before_read,
    Fault.stall_before_read,
]
HARMLESS = [
    Fault.dribble,
    Fault.split_length_2_2,
    Fault.split_length_3_1,
    Fault.split_length_1_3,
]
LOST = ENDINGS + LIES + SILENCES
NATURES = [
    Fault.close_before_read,
    Fault.drop_after_execute,
    Fault.close_in_frame,
    Fault.stall_after_execute,
    Fault.wrong_cl_tr_id,
    Fault.garbage,
]


def every(names, model):
    """The *model* under every loss, the other names under one of each nature."""
    cases = [(fault, model) for fault in LOST]
    cases += [(fault, name) for fault in NATURES for name in names if name != model]
    return {
        "argvalues": cases,
        "ids": ["{}-{}".format(fault.value, name) for fault, name in cases],
    }


REASONS = {
    **dict.fromkeys(ENDINGS, ExpiryReason.eof),
    **dict.fromkeys(LIES, ExpiryReason.unparsable),
    **dict.fromkeys(SILENCES, ExpiryReason.timeout),
    Fault.wrong_cl_tr_id: ExpiryReason.wrong_tr_id,
}


def named(values):
    return {"argvalues": values, "ids": [value.value for value in values]}


def patience(fault):
    """How long one exchange may take: little where silence is the point."""
    return {"command_timeout": 0.25} if fault in SILENCES else {}


def sent(registry, verb):
    """The entries of the record about *verb*."""
    return [entry for entry in registry.record if entry.verb == verb]


class Replays(EPPHooks):
    def __init__(self):
        self.all = []

    def replayed(self, command, reason):
        self.all.append((command, reason))


@pytest.mark.parametrize("fault, name", **every(SAFE, "check"))
def test_a_command_that_changes_nothing_is_sent_again(
    make_pool, registry, plan, fault, name
):
    hooks = Replays()
    pool = make_pool(hooks=hooks, **patience(fault))
    if name == "transfer query":
        pool.send(prepared("transfer", registry))
        registry.record.clear()
    plan.on(verb_of(name), fault=fault)
    command = prepared(name, registry)
    answer = pool.send(command, timeout=5)
    assert 1000 <= answer.code < 2000
    tried = sent(registry, verb_of(name))
    assert len(tried) == (1 if fault in UNEXECUTED else 2)
    assert len({entry.cl_tr_id for entry in tried}) == len(tried)
    assert tried[-1].cl_tr_id == answer.cl_tr_id
    assert hooks.all == [(command, REASONS[fault])]
    assert pool.stats().discarded[REASONS[fault]] == 1


@pytest.mark.parametrize("fault, name", **every(UNSAFE, "create"))
def test_a_command_that_changes_something_is_never_sent_twice(
    make_pool, registry, plan, fault, name
):
    """W1, W2: its outcome is ambiguous, and the caller is told so."""
    pool = make_pool(**patience(fault))
    pool.send(CheckDomain("own.example"), timeout=5)
    plan.on(verb_of(name), fault=fault)
    command = prepared(name, registry)
    with pytest.raises(AmbiguousOutcome) as raised:
        pool.send(command, timeout=5)
    gevent.sleep(0.01)
    error = raised.value
    assert error.command is command
    assert len(error.cl_tr_ids) == 1
    assert isinstance(error.__cause__, (OSError, EPPError))
    tried = sent(registry, verb_of(name))
    assert [entry.cl_tr_id for entry in tried] == (
        [] if fault in UNEXECUTED else list(error.cl_tr_ids)
    )
    assert all(entry.executed for entry in tried)
    assert error.cl_tr_ids[0] in str(error)
    assert pool.stats().discarded[REASONS[fault]] == 1
    assert pool.send(CheckDomain("own.example"), timeout=5).code == 1000


@pytest.mark.parametrize("fault", **named(NATURES))
def test_a_null_pool_follows_the_same_rules(make_pool, registry, plan, fault):
    pool = make_pool(kind="null", **patience(fault))
    plan.on("check", fault=fault)
    assert pool.send(CheckDomain("own.example"), timeout=5).code == 1000
    plan.on("create", fault=fault)
    with pytest.raises(AmbiguousOutcome):
        pool.send(CreateDomain("new.example", auth_info="newSecret1"), timeout=5)
    gevent.sleep(0.01)
    assert len(sent(registry, "create")) == (0 if fault in UNEXECUTED else 1)


@pytest.mark.parametrize("fault", **named(HARMLESS))
def test_an_answer_in_pieces_is_an_answer(make_pool, registry, plan, kind, fault):
    """E3: a unit may be split anywhere, in its length too."""
    pool = make_pool(kind=kind)
    plan.on("create", fault=fault)
    answer = pool.send(CreateDomain("new.example", auth_info="newSecret1"))
    assert answer.code == 1000
    assert registry.record.effects("new.example") == ["created"]
    assert sum(pool.stats().discarded.values()) == (kind == "null")


@pytest.mark.parametrize("name", list(SAFE) + list(UNSAFE))
def test_session_send_never_sends_twice_itself(make_pool, registry, plan, name):
    """``with pool.get()`` around ``retry`` can so not double a create."""
    pool = make_pool()
    if name == "transfer query":
        pool.send(prepared("transfer", registry))
        registry.record.clear()
    plan.on(verb_of(name), fault=Fault.drop_after_execute, times=None)
    command = prepared(name, registry)
    expected = AmbiguousOutcome if name in UNSAFE else OSError
    with pytest.raises(expected), pool.get() as session:
        session.send(command)
    assert len(sent(registry, verb_of(name))) == 1


def test_three_attempts_are_the_most(make_pool, registry, plan, kind):
    hooks = Replays()
    pool = make_pool(kind=kind, hooks=hooks)
    plan.on("check", fault=Fault.drop_after_execute, times=None)
    with pytest.raises((OSError, EPPError)) as raised:
        pool.send(CheckDomain("own.example"))
    assert not isinstance(raised.value, (PoolTimeout, AmbiguousOutcome))
    tried = sent(registry, "check")
    assert len(tried) == 3
    assert len({entry.cl_tr_id for entry in tried}) == 3
    assert len({entry.session_id for entry in tried}) == 3
    assert len(hooks.all) == 2


def test_two_losses_of_different_kinds_are_survived(make_pool, registry, plan):
    pool = make_pool()
    plan.on("check", fault=Fault.garbage)
    plan.on("check", fault=Fault.close_in_frame)
    assert pool.send(CheckDomain("own.example")).code == 1000
    assert len(sent(registry, "check")) == 3


def test_replay_never_sends_a_safe_command_once(make_pool, registry, plan, kind):
    pool = make_pool(kind=kind)
    plan.on("check", fault=Fault.drop_after_execute)
    with pytest.raises((OSError, EPPError)) as raised:
        pool.send(CheckDomain("own.example"), replay="never")
    assert not isinstance(raised.value, AmbiguousOutcome)
    assert len(sent(registry, "check")) == 1


@pytest.mark.parametrize("fault", **named(SILENCES[:3]))
def test_one_deadline_bounds_all_attempts(make_pool, plan, kind, fault):
    pool = make_pool(kind=kind, command_timeout=0.2)
    plan.on("check", fault=fault, times=None)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"), timeout=0.3)
    assert 0.25 < time.monotonic() - began < 1.5


def test_a_later_attempt_has_only_what_the_first_left(filled, registry, plan):
    pool = filled(2)
    registry.latency = 0.5
    plan.on("check", fault=Fault.drop_after_execute)
    plan.on("check", fault=Fault.stall_before_read)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"), timeout=0.8)
    assert 0.75 < time.monotonic() - began < 1.2


def test_the_deadline_is_command_timeout_where_none_is_given(make_pool, plan, kind):
    pool = make_pool(kind=kind, command_timeout=0.3)
    plan.on("check", fault=Fault.stall_before_read, times=None)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"))
    assert 0.25 < time.monotonic() - began < 1.5


def test_without_a_deadline_each_attempt_has_command_timeout(
    make_pool, registry, plan, kind
):
    pool = make_pool(kind=kind, command_timeout=0.2)
    plan.on("check", fault=Fault.stall_after_execute, times=None)
    with pytest.raises(TimeoutError):
        pool.send(CheckDomain("own.example"), timeout=None)
    assert len(sent(registry, "check")) == 3


@pytest.mark.parametrize(
    "fault",
    **named([Fault.stall_connect, Fault.stall_handshake, Fault.stall_greeting]),
)
def test_the_deadline_bounds_the_way_to_a_session_too(make_pool, plan, kind, fault):
    """G8, E5: a silent server costs a caller no more than his timeout."""
    plan.next(fault, times=100)
    pool = make_pool(kind=kind, connect_timeout=5)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"), timeout=0.3)
    assert 0.25 < time.monotonic() - began < 1.5


def test_the_deadline_bounds_a_stalled_login(make_pool, plan, kind):
    plan.on("login", fault=Fault.stall_before_read, times=None)
    pool = make_pool(kind=kind, connect_timeout=5)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"), timeout=0.3)
    assert 0.25 < time.monotonic() - began < 1.5


def test_the_deadline_bounds_a_stalled_probe(filled, plan):
    pool = filled(
        close_timeout=0.1,
        probe=CheckDomain("probe.example"),
        probe_interval=0.05,
        hello_interval=100,
    )
    plan.on(name="probe.example", fault=Fault.stall_before_read, times=None)
    gevent.sleep(0.06)
    # The session found dead is replaced, and the deadline holds for that too.
    plan.on("login", fault=Fault.stall_before_read, times=None)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"), timeout=0.3)
    assert 0.25 < time.monotonic() - began < 1.5


def test_an_exhausted_pool_costs_the_timeout_once(make_pool, registry):
    """W4: PoolTimeout is not retried."""
    pool = make_pool(1)
    with pool.get():
        began = time.monotonic()
        with pytest.raises(PoolTimeout):
            pool.send(CheckDomain("own.example"), timeout=0.2)
        assert time.monotonic() - began < 1.0
    assert sent(registry, "check") == []


@pytest.mark.parametrize("verb", ["check", "create"])
def test_a_kill_is_never_retried(make_pool, registry, plan, until, kind, verb):
    pool = make_pool(kind=kind)
    plan.on(verb, fault=Fault.stall_after_execute)
    command = (
        CheckDomain("new.example")
        if verb == "check"
        else CreateDomain("new.example", auth_info="newSecret1")
    )
    sender = gevent.spawn(pool.send, command)
    until(lambda: sent(registry, verb))
    sender.kill()
    assert isinstance(sender.value, gevent.GreenletExit)
    pool.send(CheckDomain("own.example"))
    names = [entry.name for entry in sent(registry, verb)]
    assert names.count("new.example") == 1


@pytest.mark.parametrize("verb", ["check", "create"])
def test_a_timeout_of_the_caller_is_never_retried(
    make_pool, registry, plan, kind, verb
):
    pool = make_pool(kind=kind)
    plan.on(verb, fault=Fault.stall_after_execute)
    command = (
        CheckDomain("new.example")
        if verb == "check"
        else CreateDomain("new.example", auth_info="newSecret1")
    )
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.3):
        pool.send(command)
    pool.send(CheckDomain("own.example"))
    names = [entry.name for entry in sent(registry, verb)]
    assert names.count("new.example") == 1


def test_none_of_these_errors_is_retried_by_class(make_pool, plan):
    """They are no OSErrors, so neither retry nor another pool acts on them."""
    pool = make_pool()
    plan.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome) as raised:
        pool.send(CreateDomain("new.example", auth_info="newSecret1"))
    assert isinstance(raised.value, PoolError)
    assert not isinstance(raised.value, OSError)


def test_a_late_answer_is_read_by_nobody(make_pool, registry, plan):
    """E9, U6: the next caller gets his own answer."""
    plan.on("check", name="first.example", fault=Fault.late_answer, delay=0.4)
    pool = make_pool(1)
    with pytest.raises(PoolTimeout):
        pool.send(CheckDomain("first.example"), timeout=0.2)
    gevent.sleep(0.25)
    for _ in range(3):
        answer = pool.send(CheckDomain("second.example"))
        assert b"second.example" in bytes(answer.xml)


def test_an_answer_nobody_asked_for_is_read_by_nobody(make_pool, plan):
    plan.on("check", fault=Fault.stray_answer)
    pool = make_pool(1)
    assert b"first.example" in bytes(pool.send(CheckDomain("first.example")).xml)
    gevent.sleep(0.02)
    for _ in range(3):
        answer = pool.send(CheckDomain("second.example"))
        assert b"second.example" in bytes(answer.xml)
    assert pool.stats().discarded[ExpiryReason.stray] == 1


@pytest.mark.parametrize(
    "fault", **named([Fault.close_after_answer, Fault.drop_after_answer])
)
def test_a_connection_closed_after_the_answer_costs_nothing(
    make_pool, registry, plan, fault
):
    plan.on("create", fault=fault)
    pool = make_pool(1)
    create = CreateDomain("new.example", auth_info="newSecret1")
    assert pool.send(create).code == 1000
    gevent.sleep(0.02)
    other = CreateDomain("other.example", auth_info="newSecret1")
    assert pool.send(other).code == 1000
    assert registry.record.effects("new.example") == ["created"]
    assert registry.record.effects("other.example") == ["created"]


INFO = SAFE["info"].decode()


def extended(uri):
    return INFO.replace(
        "</info>", "</info><extension><x:y xmlns:x='{}'/></extension>".format(uri)
    )


@pytest.mark.parametrize("fault", [Fault.drop_after_execute, Fault.stall_after_execute])
def test_an_extension_that_may_order_something_is_never_sent_twice(
    make_pool, registry, plan, kind, fault
):
    """EURid's has an info make a new auth code."""
    pool = make_pool(kind=kind, command_timeout=0.5)
    command = extended("http://www.eurid.eu/xml/epp/authInfo-1.1")
    plan.on("info", fault=fault)
    with pytest.raises(AmbiguousOutcome, match="info with an extension") as caught:
        pool.send(command)
    assert caught.value.cl_tr_ids == (sent(registry, "info")[0].cl_tr_id,)
    assert len(sent(registry, "info")) == 1
    assert pool.send(command).code != 0


def test_an_extension_that_only_asks_is_sent_again(make_pool, registry, plan):
    pool = make_pool()
    plan.on("info", fault=Fault.drop_after_execute)
    pool.send(extended("urn:ietf:params:xml:ns:epp:fee-1.0"))
    assert len(sent(registry, "info")) == 2


def test_two_commands_in_one_are_never_sent(make_pool, registry):
    both = INFO.replace("<info>", "<check>").replace("</info>", "</check><delete/>")
    with pytest.raises(ValueError, match="more than one command"):
        make_pool().send(both.replace("d:info", "d:check"))
    assert registry.counters().sessions == 0
