"""A registry that logs sessions out and says so only when a command comes.

Hello is answered all the same, so this is what keepalives cannot see (G5, W6).
"""

from __future__ import annotations

import re
import time

import gevent
import pytest

from geventconnpool_ext import PoolTimeout
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPHooks,
    ExpiryReason,
    InfoDomain,
)
from geventconnpool_ext.testing import Fault

from .commands import SAFE, UNSAFE, prepared, verb_of

PROBE = CheckDomain("probe.example")
LOGOUTS = {2002: Fault.silent_logout, 2200: Fault.silent_logout_2200}


def create(name="new.example"):
    return CreateDomain(name, auth_info="newSecret1")


def sent(registry, verb):
    return [entry for entry in registry.record if entry.verb == verb]


class Replays(EPPHooks):
    def __init__(self):
        self.all = []

    def replayed(self, command, reason):
        self.all.append((command, reason))


@pytest.mark.parametrize("name", list(SAFE) + list(UNSAFE))
def test_whatever_the_command_it_is_sent_once_more(make_pool, registry, plan, name):
    hooks = Replays()
    pool = make_pool(hooks=hooks)
    if name == "transfer query":
        pool.send(prepared("transfer", registry))
        registry.record.clear()
    command = prepared(name, registry)
    plan.on(verb_of(name), fault=Fault.silent_logout)
    assert 1000 <= pool.send(command).code < 2000
    refused, done = sent(registry, verb_of(name))
    assert refused.code == 2002
    assert done.executed
    assert done.session_id > refused.session_id
    assert done.cl_tr_id != refused.cl_tr_id
    assert hooks.all == [(command, ExpiryReason.session_gone)]


@pytest.mark.parametrize("name", ["check", "info", "delete", "renew", "poll ack"])
def test_2200_means_logged_out_where_no_auth_info_was_sent(
    make_pool, registry, plan, kind, name
):
    pool = make_pool(kind=kind)
    command = prepared(name, registry)
    plan.on(verb_of(name), fault=Fault.silent_logout_2200)
    assert 1000 <= pool.send(command).code < 2000
    assert [entry.code < 2000 for entry in sent(registry, verb_of(name))] == [
        False,
        True,
    ]


def test_2200_is_the_answer_where_auth_info_was_sent(filled, registry, server):
    """It may be the authInfo that is wrong: the session is kept."""
    pool = filled(1)
    server.logout_silently(code=2200)
    answer = pool.send(InfoDomain("own.example", auth_info="wrongSecret1"))
    assert answer.code == 2200
    assert len(sent(registry, "info")) == 1
    assert sum(pool.stats().discarded.values()) == 0
    # The next command that carries none finds out.
    assert pool.send(InfoDomain("own.example")).code == 1000


@pytest.mark.parametrize("code", LOGOUTS)
def test_one_command_does_not_burn_through_logged_out_sessions(
    filled, registry, server, code
):
    pool = filled(6)
    server.logout_silently(code=code)
    before = max(registry.sessions)
    assert pool.send(InfoDomain("own.example")).code == 1000
    refused, done = sent(registry, "info")
    assert refused.code == code
    assert done.session_id > before
    assert pool.stats().discarded[ExpiryReason.session_gone] == 1


@pytest.mark.parametrize("code", LOGOUTS)
def test_many_callers_on_logged_out_sessions_all_succeed(
    filled, registry, server, code
):
    pool = filled(4)
    server.logout_silently(code=code)
    # 2200 to a create could be about its authInfo, so by info for both.
    senders = [gevent.spawn(pool.send, InfoDomain("own.example")) for _ in range(20)]
    gevent.joinall(senders, timeout=6, raise_error=True)
    assert [sender.value.code for sender in senders] == [1000] * 20
    assert len([entry for entry in sent(registry, "info") if entry.executed]) == 20
    assert len([entry for entry in sent(registry, "info") if not entry.executed]) <= 4


def test_creates_on_logged_out_sessions_are_executed_once_each(
    filled, registry, server
):
    pool = filled(4)
    server.logout_silently()
    names = ["d{}.example".format(number) for number in range(12)]
    senders = [gevent.spawn(pool.send, create(name)) for name in names]
    gevent.joinall(senders, timeout=6, raise_error=True)
    assert [sender.value.code for sender in senders] == [1000] * 12
    assert all(registry.record.effects(name) == ["created"] for name in names)


def test_the_second_session_may_come_when_all_others_are_in_use(
    filled, registry, server
):
    pool = filled(2)
    with pool.get() as held:
        server.logout_silently()
        assert pool.send(create()).code == 1000
        assert held.ended is None
    assert registry.counters().most_sessions <= 2


def test_a_session_limit_of_one_is_enough(filled, registry, server):
    registry.limits = registry.limits._replace(max_sessions=1)
    pool = filled(1)
    for number in range(3):
        server.logout_silently()
        assert pool.send(create("d{}.example".format(number))).code == 1000
    assert registry.counters().login_failures == 0


def test_a_refusal_from_a_fresh_session_is_the_answer(make_pool, registry, plan, kind):
    """And discards nothing: it cannot be about the login."""
    hooks = Replays()
    pool = make_pool(kind=kind, hooks=hooks)
    plan.on("create", fault=Fault.silent_logout, times=None)
    assert pool.send(create()).code == 2002
    assert len(sent(registry, "create")) == 2
    assert len(hooks.all) == 1
    if kind == "pool":
        stats = pool.stats()
        assert stats.discarded[ExpiryReason.session_gone] == 1
        assert stats.idle == 1


def test_what_becomes_of_the_session_afterwards_sends_nothing_again(
    make_pool, registry, plan
):
    """The hook lets another take the session, and be refused, before send() returns."""
    others = []

    class Slow(EPPHooks):
        def released(self, session):
            if not others:
                others.append(gevent.spawn(pool.send, PROBE))
                gevent.sleep(0.1)

    pool = make_pool(2, min_size=1, hooks=Slow())
    plan.on("check", fault=Fault.silent_logout)
    assert pool.send(create()).code == 1000
    assert others[0].get(timeout=4).code == 1000
    assert [entry.code for entry in sent(registry, "create")] == [1000]


def test_replay_never_does_not_concern_what_was_refused(make_pool, registry, plan):
    """It was not executed, and 'never' is about lost exchanges. See the report."""
    pool = make_pool()
    plan.on("create", fault=Fault.silent_logout)
    assert pool.send(create(), replay="never").code == 1000
    assert registry.record.effects("new.example") == ["created"]


def test_a_refused_session_is_never_handed_out_again(filled, registry, server):
    """G5: not in a block either, where nobody sends again."""
    pool = filled(1)
    server.logout_silently()
    with pool.get() as session:
        first = session
        assert session.send(create()).code == 2002
        assert session.ended == ExpiryReason.session_gone
    with pool.get() as session:
        assert session is not first
        assert session.send(create()).code == 1000
    assert registry.counters().logins == 2


def test_the_new_session_counts_against_the_deadline(filled, plan, server):
    pool = filled(1, connect_timeout=5)
    server.logout_silently()
    plan.on("login", fault=Fault.stall_before_read, times=None)
    with pytest.raises(PoolTimeout):
        pool.send(create(), timeout=0.3)


# With a probe.


@pytest.mark.parametrize("code", LOGOUTS)
def test_the_probe_goes_first_to_the_refused_session(filled, registry, server, code):
    pool = filled(1, probe=PROBE)
    server.logout_silently(code=code)
    assert pool.send(InfoDomain("own.example")).code == 1000
    refused, probed, done = [
        entry for entry in registry.record if entry.verb in ("info", "check")
    ]
    assert (refused.verb, refused.code) == ("info", code)
    assert (probed.name, probed.code) == ("probe.example", code)
    assert probed.session_id == refused.session_id
    assert done.executed
    assert done.session_id > refused.session_id


def test_a_refusal_that_is_the_callers_own_keeps_the_session(make_pool, registry):
    """The probe says that the login holds, so the refusal meant the command."""
    pool = make_pool(probe=PROBE, session_gone=lambda c, answer: answer.code == 2303)
    answer = pool.send(InfoDomain("nothing.example"))
    assert answer.code == 2303
    assert len(sent(registry, "info")) == 1
    assert len(sent(registry, "check")) == 1
    assert pool.send(InfoDomain("own.example")).code == 1000
    assert registry.counters().logins == 1
    assert sum(pool.stats().discarded.values()) == 0


def test_a_refusal_in_a_block_is_probed_too(make_pool, registry):
    pool = make_pool(probe=PROBE, session_gone=lambda c, answer: answer.code == 2303)
    with pool.get() as session:
        assert session.send(InfoDomain("nothing.example")).code == 2303
        assert session.ended is None
        assert session.send(InfoDomain("own.example")).code == 1000
    assert registry.counters().logins == 1


def test_a_probe_that_proves_nothing_does_not_keep_the_session(
    filled, registry, plan, server
):
    """2400, command failed, is answered to whoever asks."""
    pool = filled(1, probe=PROBE)
    server.logout_silently()
    plan.on("check", fault=Fault.answer_2400)
    assert pool.send(create()).code == 1000
    assert [entry.code for entry in sent(registry, "create")] == [2002, 1000]


@pytest.mark.parametrize(
    "fault", [Fault.drop_before_read, Fault.garbage, Fault.answer_2500]
)
def test_a_probe_that_is_lost_does_not_lose_the_command(
    filled, registry, plan, server, fault
):
    """The command was refused, hence not executed, whatever befell the probe."""
    pool = filled(1, probe=PROBE)
    server.logout_silently()
    plan.on(name="probe.example", fault=fault)
    assert pool.send(create()).code == 1000
    assert registry.record.effects("new.example") == ["created"]


def test_a_probe_that_hangs_is_within_the_callers_bound(
    make_pool, registry, plan, kind, monkeypatch
):
    """The probe gets what the refused command has left of it."""
    pool = make_pool(probe=PROBE, kind=kind, connect_timeout=3)
    plan.on("create", fault=Fault.silent_logout)
    plan.on(name="probe.example", fault=Fault.stall_before_read)
    answered = registry.execute

    def slow(session, request, *forced):
        if request.verb == "create":
            gevent.sleep(0.5)
        return answered(session, request, *forced)

    monkeypatch.setattr(registry, "execute", slow)
    if kind == "pool":
        pool.wait(timeout=5)
    began = time.monotonic()
    with pytest.raises(PoolTimeout, match=r"within 0\.8 s; nothing was changed"):
        pool.send(create(), timeout=0.8)
    assert time.monotonic() - began < 1.2
    assert registry.record.effects("new.example") == []


def test_a_probe_can_be_made_anew_each_time(filled, registry, server):
    made = []

    def probe():
        made.append(CheckDomain("p{}.example".format(len(made))))
        return made[-1]

    pool = filled(1, probe=probe)
    server.logout_silently()
    assert pool.send(create()).code == 1000
    server.logout_silently()
    assert pool.send(create("last.example")).code == 1000
    probed = [entry.name for entry in sent(registry, "check")]
    assert probed == ["p{}.example".format(n) for n in range(len(made))]
    assert len(made) == 2


# A predicate of one's own.


def test_the_predicate_decides_which_answers_mean_gone(make_pool, registry):
    asked = []

    def gone(command, answer):
        asked.append((command, answer.code))
        return answer.code == 2303

    pool = make_pool(session_gone=gone)
    command = InfoDomain("nothing.example")
    assert pool.send(command).code == 2303
    # Refused twice: the second time by a fresh session, which is kept.
    first, second = sent(registry, "info")
    assert second.session_id > first.session_id
    assert pool.stats().discarded[ExpiryReason.session_gone] == 1
    assert pool.stats().idle == 1
    assert asked[0] == (command, 2303)


def test_a_predicate_can_say_that_2002_is_an_answer(filled, registry, server):
    pool = filled(1, session_gone=lambda command, answer: False)
    server.logout_silently()
    assert pool.send(create()).code == 2002
    assert len(sent(registry, "create")) == 1


def test_a_predicate_that_raises_does_not_cost_the_answer(make_pool, registry, caplog):
    def gone(command, answer):
        raise LookupError("a mistake in the predicate")

    pool = make_pool(session_gone=gone, name="registry")
    assert pool.send(create()).code == 1000
    assert registry.record.effects("new.example") == ["created"]
    (line,) = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert re.match(
        "registry: session [0-9]+: session_gone raised: "
        "LookupError: a mistake in the predicate$",
        line,
    )
