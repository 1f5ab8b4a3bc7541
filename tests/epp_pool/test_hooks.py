"""EPPHooks: each is called when it should be, and none can do harm."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    CreateDomain,
    EPPHooks,
    ExpiryReason,
    Greeting,
    Login,
    LoginRejected,
    Session,
)
from geventconnpool_ext.testing import Fault

CHECK = CheckDomain("own.example")

NAMES = [
    *(name for name in vars(EPPHooks) if not name.startswith("_")),
    "connected",
    "connect_failed",
    "acquired",
    "released",
    "leaked",
    "discarded",
    "pinged",
    "ping_failed",
    "exhausted",
    "closed",
]


def recording(name, calls):
    def hook(self, *arguments):
        calls.append((name, arguments))

    return hook


@pytest.fixture
def calls():
    return []


@pytest.fixture
def hooks(calls):
    """Every hook, writing down its name and arguments."""
    every = {name: recording(name, calls) for name in NAMES}
    return type("Recording", (EPPHooks,), every)()


def of(calls, name):
    return [arguments for called, arguments in calls if called == name]


def test_a_session_opens_with_greeted_and_logged_in(filled, calls, hooks, until):
    pool = filled(1, hooks=hooks)
    until(lambda: of(calls, "connected"))
    assert [name for name, _ in calls][:3] == ["greeted", "logged_in", "connected"]
    (session, greeting), (same, answer) = calls[0][1], calls[1][1]
    assert isinstance(session, Session)
    assert same is session
    assert isinstance(greeting, Greeting)
    # The login's answer, which can carry RFC 8807's warnings.
    assert answer.code == 1000
    assert answer is session.login_answer
    with pool.get() as leased:
        assert leased is session


def test_a_rejected_login_is_told_with_its_error(make_pool, calls, hooks):
    pool = make_pool(
        1,
        hooks=hooks,
        login=lambda: Login("client", "wrongPassword1"),
        login_failures=1,
    )
    with pytest.raises(LoginRejected):
        pool.send(CHECK)
    ((error,),) = of(calls, "login_failed")
    assert isinstance(error, LoginRejected)
    assert error.code == 2200
    assert of(calls, "logged_in") == []
    assert of(calls, "connect_failed") == [(error,)]


def test_a_lost_login_is_told_too(make_pool, plan, calls, hooks):
    plan.on("login", fault=Fault.drop_after_execute)
    pool = make_pool(1, hooks=hooks)
    assert pool.send(CHECK).code == 1000
    assert len(of(calls, "login_failed")) == 1
    assert len(of(calls, "logged_in")) == 1


def test_a_failed_connect_is_no_failed_login(make_pool, plan, calls, hooks):
    plan.next(Fault.refuse_connect)
    pool = make_pool(1, hooks=hooks)
    assert pool.send(CHECK).code == 1000
    assert of(calls, "login_failed") == []
    assert len(of(calls, "connect_failed")) == 1


def test_a_kept_session_is_told(filled, calls, hooks, until):
    pool = filled(1, hooks=hooks, hello_interval=0.1)
    until(lambda: of(calls, "kept_alive"))
    with pool.get() as session:
        assert of(calls, "kept_alive")[0] == (session,)


def test_the_end_of_a_session_is_told_before_and_after(
    filled, registry, calls, hooks, until
):
    pool = filled(1, hooks=hooks)
    with pool.get() as session:
        pass
    pool.drain()
    until(lambda: of(calls, "session_expired"))
    assert of(calls, "session_expiring") == [(session, "drained")]
    assert of(calls, "session_expired") == [(session, "drained")]
    names = [name for name, _ in calls]
    assert names.index("session_expiring") < names.index("session_expired")
    assert of(calls, "discarded")[0] == (session, "drained")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.drop_after_execute, ExpiryReason.eof),
        (Fault.garbage, ExpiryReason.unparsable),
        (Fault.wrong_cl_tr_id, ExpiryReason.wrong_tr_id),
        (Fault.answer_2500, ExpiryReason.server_ended),
        (Fault.silent_logout, ExpiryReason.session_gone),
    ],
    ids=str,
)
def test_a_session_says_why_it_ended(filled, plan, calls, hooks, until, fault, reason):
    pool = filled(1, hooks=hooks)
    plan.on("check", fault=fault)
    pool.send(CHECK)
    until(lambda: of(calls, "session_expired"))
    ((session, expiring),) = of(calls, "session_expiring")
    assert expiring == reason
    assert isinstance(expiring, ExpiryReason)
    assert of(calls, "session_expired") == [(session, reason)]
    assert session.ended == reason


def test_a_replay_is_told_with_the_command_and_the_reason(filled, plan, calls, hooks):
    pool = filled(1, hooks=hooks)
    plan.on("check", fault=Fault.drop_after_execute)
    pool.send(CHECK)
    assert of(calls, "replayed") == [(CHECK, ExpiryReason.eof)]


def test_a_report_shows_neither_the_command_nor_the_answer(filled, plan, calls, hooks):
    pool = filled(1, hooks=hooks)
    create = CreateDomain("new.example", auth_info="ownSecret77").xml(tr_id="ABC-1")
    assert pool.send(create).code == 1000
    plan.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome):
        pool.send(create)
    (first,), (second,) = of(calls, "sent")
    for report in (first, second):
        assert report.command is create
        for shown in (repr(report), str(report), "{}".format(report)):
            assert "ownSecret77" not in shown
            assert "new.example" not in shown
            assert "domain create" in shown
            assert repr(pool.name) in shown
            assert report.cl_tr_ids[0] in shown
    assert ", code 1000, " in repr(first)
    assert ", AmbiguousOutcome, " in repr(second)
    assert repr(second).endswith(" s>")


def test_an_ambiguous_outcome_is_no_replay(filled, plan, calls, hooks):
    pool = filled(1, hooks=hooks)
    plan.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(Exception, match="create"):
        pool.send(CreateDomain("new.example", auth_info="newSecret1"))
    assert of(calls, "replayed") == []


def test_the_end_of_the_pool_is_told_once(filled, calls, hooks):
    pool = filled(2, hooks=hooks)
    pool.close()
    pool.close()
    assert len(of(calls, "closed")) == 1
    assert [reason for _, reason in of(calls, "session_expired")] == ["closed"] * 2


def test_hooks_that_raise_do_no_harm(
    filled, registry, plan, server, until, kind, caplog
):
    def hook(self, *arguments):
        raise LookupError("a mistake in a hook")

    raising = type("Raising", (EPPHooks,), dict.fromkeys(NAMES, hook))()
    pool = filled(2, kind=kind, hooks=raising, max_age=0.3, hello_interval=0.1)
    plan.on("check", fault=Fault.drop_after_execute)
    assert pool.send(CHECK).code == 1000
    server.logout_silently()
    create = CreateDomain("new.example", auth_info="newSecret1")
    assert pool.send(create).code == 1000
    server.kill_sessions()
    assert pool.send(CHECK).code == 1000
    if kind == "pool":
        until(lambda: registry.counters().hellos >= 2)
        until(lambda: pool.stats().discarded[ExpiryReason.max_age] >= 2)
        until(lambda: pool.stats().idle == 2)
    pool.close()
    assert registry.record.effects("new.example") == ["created"]
    until(lambda: registry.counters().sessions == 0)
    assert "a mistake in a hook" in caplog.text


def test_a_null_pool_calls_them_as_well(filled, plan, calls, hooks):
    pool = filled(1, kind="null", hooks=hooks)
    calls.clear()
    plan.on("check", fault=Fault.drop_after_execute)
    pool.send(CHECK)
    pool.close()
    names = {name for name, _ in calls}
    assert names >= {
        "greeted",
        "logged_in",
        "replayed",
        "session_expiring",
        "session_expired",
    }
