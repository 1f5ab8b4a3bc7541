"""Passwords and authInfo appear in no log record, exception text or repr.

Every failure of this suite is provoked once with secrets that can be searched
for, at DEBUG, with hooks that look at everything they get.
"""

from __future__ import annotations

import logging
import traceback

import gevent
import pytest

from geventconnpool_ext import Backoff, PoolTimeout
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPHooks,
    EPPPool,
    InfoDomain,
    Login,
    SessionPolicy,
    client_factory,
)
from geventconnpool_ext.epp.requests import classify, prepare
from geventconnpool_ext.testing import Fault, FaultPlan, Registry

SECRETS = [
    "Hunter2Password",
    "Wr0ngPassword",
    "NewPassword77",
    "DomainSecret1",
    "OtherSecret22",
    "ProbeSecret33",
]
PASSWORD, WRONG, NEW, AUTH, OTHER, PROBE = SECRETS

LOST = [
    Fault.drop_before_read,
    Fault.reset_after_execute,
    Fault.close_in_frame,
    Fault.garbage,
    Fault.plain_text,
    Fault.oversized_length,
    Fault.wrong_cl_tr_id,
    Fault.stall_before_read,
    Fault.answer_2400,
    Fault.answer_2500,
    Fault.silent_logout,
    Fault.silent_logout_2200,
]


class Seen:
    """Every text that anybody could come to see."""

    def __init__(self):
        self.texts = []

    def error(self, error):
        """Everything about an exception and those behind it."""
        while error is not None:
            self.texts += [str(error), repr(error), repr(error.args)]
            self.texts += traceback.format_exception(
                type(error), error, error.__traceback__
            )
            for name, value in vars(error).items():
                if name != "command" or not isinstance(value, (bytes, str)):
                    self.texts.append(repr(value))
            error = error.__cause__ or error.__context__

    def thing(self, *things):
        for thing in things:
            self.texts += [repr(thing), str(thing)]

    def assert_clean(self):
        assert self.texts
        for text in self.texts:
            for secret in SECRETS:
                assert secret not in text
                assert secret.encode().hex() not in text


class Looking(EPPHooks):
    def __init__(self, seen):
        self.seen = seen

    def greeted(self, session, greeting):
        self.seen.thing(session, greeting, session.client, session.policy)

    def logged_in(self, session, answer):
        self.seen.thing(session, answer)

    def login_failed(self, error):
        self.seen.error(error)

    def connect_failed(self, error):
        self.seen.error(error)

    def session_expiring(self, session, reason):
        self.seen.thing(session, reason)

    def session_expired(self, session, reason):
        self.seen.thing(session, reason)
        raise LookupError("a hook that raises has its traceback logged")

    def replayed(self, command, reason):
        if not isinstance(command, (bytes, str)):
            self.seen.thing(command)
        self.seen.thing(reason)

    def ping_failed(self, connection, error):
        self.seen.error(error)


@pytest.fixture
def seen(caplog):
    caplog.set_level(logging.DEBUG)
    return Seen()


@pytest.fixture
def plan():
    return FaultPlan()


@pytest.fixture
def registry(plan):
    made = Registry({"client": PASSWORD}, faults=plan)
    made.add_domain("own.example", auth_info=AUTH)
    return made


def requests():
    """Requests with a secret, in each form."""
    create = CreateDomain("new.example", auth_info=AUTH)
    info = InfoDomain("own.example", auth_info=OTHER)
    yield create
    yield create.xml(tr_id="MINE-1")
    yield info.xml(tr_id="MINE-1").decode()
    yield prepare(info, "MINE-1")


def test_no_request_shows_its_secret(seen):
    seen.thing(Login("client", PASSWORD, new_password=NEW))
    seen.thing(SessionPolicy(probe=InfoDomain("own.example", auth_info=PROBE)))
    for request in requests():
        if not isinstance(request, (bytes, str)):
            seen.thing(request)
        seen.thing(classify(request))
    seen.assert_clean()


def logged(caplog):
    formatter = logging.Formatter("%(message)s")
    for record in caplog.records:
        yield formatter.format(record)
        yield repr(record.args)
        yield repr(vars(record).get("exc_text"))


@pytest.mark.parametrize("how", ["pool", "null"])
def test_no_secret_is_seen_in_any_failure(server, plan, seen, caplog, how):
    connect = client_factory(
        "localhost", server.port, ca_file=server.certificates.ca_file
    )
    pool = EPPPool(
        connect,
        lambda: Login("client", PASSWORD),
        1,
        kind=how,
        policy=SessionPolicy(
            command_timeout=0.2,
            hello_interval=0.05,
            probe=InfoDomain("own.example", auth_info=PROBE),
            probe_interval=100,
        ),
        hooks=Looking(seen),
        reconnect=Backoff(0.01, 0.02),
        close_timeout=0.2,
    )
    seen.thing(pool, pool.policy, pool.stats())
    for fault in LOST:
        for request in requests():
            plan.on(classify(request).verb, fault=fault)
            try:
                answer = pool.send(request, timeout=1)
                # The registry may quote the request; what we make of it may not.
                seen.texts += [repr(answer), repr(answer.results)]
            except Exception as error:
                seen.error(error)
            plan.clear()
            if fault is Fault.stall_before_read:
                break
    for fault in (Fault.response_to_hello, Fault.garbage):
        plan.on("hello", fault=fault)
        gevent.sleep(0.1)
    with pool.get() as session:
        seen.thing(session, session.client, session.greeting, session.login_answer)
        sending = gevent.spawn(session.send, CheckDomain("own.example"))
        sending.kill()
    seen.thing(pool)
    pool.close()
    seen.texts += logged(caplog)
    seen.assert_clean()


@pytest.mark.parametrize("how", ["pool", "null"])
@pytest.mark.parametrize(
    "fault", [None, Fault.garbage, Fault.drop_after_execute, Fault.stall_before_read]
)
def test_no_secret_is_seen_when_logins_fail(server, plan, seen, caplog, how, fault):
    connect = client_factory(
        "localhost", server.port, ca_file=server.certificates.ca_file
    )
    if fault is not None:
        plan.on("login", fault=fault, times=None)
    pool = EPPPool(
        connect,
        lambda: Login("client", WRONG, new_password=NEW),
        1,
        kind=how,
        policy=SessionPolicy(connect_timeout=0.1),
        hooks=Looking(seen),
        reconnect=Backoff(0.01, 0.02),
    )
    for _ in range(2):
        try:
            pool.send(CheckDomain("own.example"), timeout=0.12)
        except Exception as error:
            seen.error(error)
    pool.close()
    seen.texts += logged(caplog)
    seen.assert_clean()


class Unwritable:
    """Another library's login with a password that is no UTF-8."""

    def xml(self, tr_id=None):
        return (PASSWORD + "\udcff").encode()


def bad_logins():
    """Logins a program could return by mistake."""
    good = Login("client", PASSWORD).xml(tr_id="MINE-1")
    yield good[:-9]
    yield good.replace(b"<login>", b"<nonsense>").replace(b"</login>", b"</nonsense>")
    yield good.replace(b"epp-1.0", b"epp-9.9")
    yield (good, PASSWORD)
    yield {"password": PASSWORD}
    yield Unwritable()


@pytest.mark.parametrize(
    "login",
    list(bad_logins()),
    ids=["cut", "verb", "space", "tuple", "dict", "foreign"],
)
def test_no_secret_is_seen_when_the_login_is_malformed(server, seen, caplog, login):
    connect = client_factory(
        "localhost", server.port, ca_file=server.certificates.ca_file
    )
    pool = EPPPool(connect, lambda: login, 1, hooks=Looking(seen))
    with pytest.raises(PoolTimeout) as raised:
        pool.send(CheckDomain("own.example"), timeout=0.2)
    seen.error(raised.value)
    pool.close()
    seen.texts += logged(caplog)
    seen.assert_clean()


def test_no_secret_is_seen_when_connect_returns_no_client(seen, caplog):
    pool = EPPPool(
        lambda: {"password": PASSWORD},
        lambda: Login("client", PASSWORD),
        1,
        hooks=Looking(seen),
    )
    with pytest.raises(
        PoolTimeout, match=r"client must have connect\(\), dict"
    ) as told:
        pool.send(CheckDomain("own.example"), timeout=0.2)
    seen.error(told.value)
    pool.close()
    seen.texts += logged(caplog)
    seen.assert_clean()


@pytest.mark.parametrize("how", ["pool", "null"])
def test_no_secret_is_seen_when_a_request_is_malformed(server, seen, caplog, how):
    connect = client_factory(
        "localhost", server.port, ca_file=server.certificates.ca_file
    )
    good = CreateDomain("new.example", auth_info=AUTH).xml(tr_id="MINE-1")
    pool = EPPPool(connect, lambda: Login("client", PASSWORD), 1, kind=how)
    for request in [
        good[:-9],
        good[:-9].decode(),
        good.replace(b"epp-1.0", b"epp-9.9"),
        good.replace(b"<command>", b"<comand>").replace(b"</command>", b"</comand>"),
        good.decode().replace("?>", "?><!DOCTYPE x [<!ENTITY a 'b'>]>"),
        good + good,
        good.decode() + "\udcff",
        {"pw": AUTH},
    ]:
        with pytest.raises((TypeError, ValueError)) as raised:
            pool.send(request)
        seen.error(raised.value)
    pool.close()
    seen.texts += logged(caplog)
    seen.assert_clean()
