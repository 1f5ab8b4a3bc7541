"""Wrong arguments and wrong states: named, at once, and at no cost."""

from __future__ import annotations

import os
import time
from contextlib import closing

import gevent
import pytest

from geventconnpool_ext import PoolClosed, PoolTimeout
from geventconnpool_ext.epp import (
    CertificateError,
    CheckDomain,
    CreateDomain,
    EPPPool,
    Login,
    Logout,
    NotSent,
    SessionPolicy,
    client_factory,
)
from geventconnpool_ext.testing import Certificates, Fault

from .commands import EPP, command

CHECK = CheckDomain("own.example")
LARGER = [
    CheckDomain("x" * 5000),
    CreateDomain("x" * 5000, auth_info="newSecret1"),
]


def client_of(server, **options):
    return client_factory(
        "localhost", server.port, ca_file=server.certificates.ca_file, **options
    )


def login():
    return Login("client", "password")


MALFORMED = [
    None,
    7,
    bytearray(b"x"),
    ["x"],
    b"",
    "",
    b"   ",
    b"not XML",
    "<epp>",
    b"<epp/>",
    b'<epp xmlns="urn:other"><command><check/></command></epp>',
    '<epp xmlns="{}"/>'.format(EPP),
    '<epp xmlns="{}"><command/></epp>'.format(EPP),
    '<epp xmlns="{}"><greeting/></epp>'.format(EPP),
    '<!DOCTYPE x [<!ENTITY e "secret">]><epp xmlns="{}"><command><check>&e;'
    "</check></command></epp>".format(EPP),
    "\udcff",
    command("")[:-5],
]


@pytest.mark.parametrize("request_", MALFORMED, ids=repr)
def test_a_malformed_request_raises_at_the_call_and_costs_nothing(
    filled, registry, kind, request_
):
    pool = filled(1, kind=kind)
    before = pool.stats()
    with pytest.raises((TypeError, ValueError)):
        pool.send(request_)
    assert pool.stats() == before
    assert len([e for e in registry.record if e.verb not in ("login", "logout")]) == 0


def test_a_malformed_request_does_not_wait_for_a_session(make_pool, kind):
    pool = make_pool(1, kind=kind)
    with pool.get():
        began = time.monotonic()
        with pytest.raises(ValueError, match="request is"):
            pool.send(b"not XML")
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("request_", MALFORMED, ids=repr)
def test_a_malformed_request_in_a_block_keeps_the_session(filled, registry, request_):
    pool = filled(1)
    with pool.get() as session:
        with pytest.raises((TypeError, ValueError)):
            session.send(request_)
        assert session.ended is None
        assert session.send(CHECK).code == 1000
    assert registry.counters().logins == 1


def test_an_object_whose_xml_raises_keeps_the_session(filled, registry, kind):
    class Broken:
        def xml(self, tr_id=None):
            raise LookupError("a mistake in the request")

    pool = filled(1, kind=kind)
    with pytest.raises(LookupError):
        pool.send(Broken())
    if kind == "pool":
        assert registry.counters().logins == 1
    assert pool.send(CHECK).code == 1000


def test_an_object_whose_xml_returns_nonsense_is_named(filled):
    class Wrong:
        def xml(self, tr_id=None):
            return 7

    with pytest.raises(TypeError, match="Wrong"):
        filled(1).send(Wrong())


@pytest.mark.parametrize("request_", [Logout(), login()], ids=repr)
def test_login_and_logout_are_the_pools_own(filled, registry, kind, request_):
    pool = filled(1, kind=kind)
    logins = registry.counters().logins
    with pytest.raises(ValueError, match="log"):
        pool.send(request_)
    assert registry.counters().logins == logins


def test_a_request_too_large_is_refused_before_it_is_sent(filled, registry):
    pool = filled(1)
    for name in ("x" * (2 * 1024 * 1024) + ".example", "x" * (1024 * 1024)):
        for large in (CheckDomain(name), CreateDomain(name, auth_info="newSecret1")):
            with pytest.raises(ValueError, match="octets, above the limit of 1048576"):
                pool.send(large)
    assert [entry.verb for entry in registry.record] == ["login"]
    assert pool.send(CHECK).code == 1000
    assert registry.counters().logins == 1


def test_a_request_too_large_asks_for_no_session(filled, server):
    pool = filled(1, client=client_of(server, limit=4000))
    with pool.get(), pytest.raises(ValueError, match="above the limit of 4000"):
        pool.send(LARGER[0], timeout=5)


@pytest.mark.parametrize("command", LARGER, ids=["check", "create"])
def test_a_session_refuses_what_is_too_large_and_is_not_harmed(
    filled, registry, server, command
):
    make = client_of(server, limit=4000)
    # A factory that says nothing of a limit.
    pool = filled(1, client=lambda: make())
    with pytest.raises(ValueError, match="octets, above the limit of 4000"):
        pool.send(command)
    with pool.get() as session:
        with pytest.raises(ValueError, match="octets, above the limit of 4000"):
            session.send(command)
        assert session.ended is None
        assert session.send(CHECK).code == 1000
    counters = registry.counters()
    # Nothing but the login and one check.
    assert (counters.logins, counters.commands) == (1, 2)


@pytest.mark.parametrize("timeout", [-1, float("nan"), "1", True])
def test_a_wrong_timeout_is_named(filled, kind, timeout):
    with pytest.raises((TypeError, ValueError), match="timeout"):
        filled(1, kind=kind).send(CHECK, timeout=timeout)


@pytest.mark.parametrize("replay", ["always", "", None, True])
def test_a_wrong_replay_is_named(filled, kind, replay):
    with pytest.raises((TypeError, ValueError), match="replay"):
        filled(1, kind=kind).send(CHECK, replay=replay)


def test_a_timeout_of_0_uses_an_idle_session_or_none(filled):
    pool = filled(1)
    with pool.get(), pytest.raises(PoolTimeout):
        pool.send(CHECK, timeout=0)
    assert pool.stats().in_use == 0


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"connect": None}, "connect"),
        ({"connect": "localhost"}, "connect"),
        ({"login": None}, "login"),
        ({"login": Login("client", "password")}, "login"),
        ({"policy": {}}, "policy"),
        ({"policy": SessionPolicy}, "policy"),
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": 1.5}, "size"),
        ({"size": True}, "size"),
        ({"min_size": 3}, "min_size"),
        ({"exc_classes": (int,)}, "exc_classes"),
        ({"timeout": -1}, "timeout"),
        ({"close_timeout": float("nan")}, "close_timeout"),
        ({"max_opening": 0}, "max_opening"),
        ({"max_waiting": -1}, "max_waiting"),
        ({"max_idle": 0}, "max_idle"),
        ({"order": "random"}, "order"),
        ({"hooks": Ellipsis}, "hooks"),
        ({"kind": "other"}, "kind"),
        ({"reconnect": 1}, "reconnect"),
        ({"send_hello": 1}, "send_hello"),
        ({"name": ""}, "name"),
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["pool", "null"])
def test_a_wrong_argument_of_the_pool_is_named(connect, how, changed, named):
    options = {"connect": connect, "login": login, "size": 2, "kind": how}
    options.update(changed)
    with pytest.raises((TypeError, ValueError), match=named):
        EPPPool(**options)


@pytest.mark.parametrize("interval", [10, 11])
def test_hello_interval_must_be_below_idle_timeout(interval):
    with pytest.raises(ValueError, match="hello_interval must be below idle_timeout"):
        SessionPolicy(idle_timeout=10, hello_interval=interval)


@pytest.mark.parametrize("arguments", [("", "password"), ("client", "")])
def test_an_empty_login_is_named(arguments):
    with pytest.raises(ValueError, match=r"client_id|password"):
        Login(*arguments)


def test_a_wrong_authority_is_named(server, make_pool, kind):
    with closing(Certificates()) as others:
        pool = make_pool(
            1,
            kind=kind,
            client=client_factory("localhost", server.port, ca_file=others.ca_file),
        )
        with pytest.raises(PoolTimeout, match="certificate") as raised:
            pool.send(CHECK, timeout=0.5)
    assert isinstance(raised.value.__cause__, CertificateError)


def test_a_wrong_host_name_is_named(server, make_pool, kind):
    pool = make_pool(
        1,
        kind=kind,
        client=client_factory(
            "localhost",
            server.port,
            ca_file=server.certificates.ca_file,
            server_name="registry.example",
        ),
    )
    with pytest.raises(PoolTimeout, match=r"registry\.example") as raised:
        pool.send(CHECK, timeout=0.5)
    assert isinstance(raised.value.__cause__, CertificateError)


def test_a_pool_never_opened_says_so(make_pool, kind):
    pool = make_pool(1, kind=kind, open=False)
    with pytest.raises(PoolClosed, match="open"):
        pool.send(CHECK)
    pool.open()
    assert pool.send(CHECK).code == 1000


def test_a_closed_pool_says_so(filled, kind):
    pool = filled(1, kind=kind)
    pool.close()
    with pytest.raises(PoolClosed):
        pool.send(CHECK)
    with pytest.raises(PoolClosed):
        pool.open()


def test_sessions_are_released_once_to_their_own_pool(filled):
    pool, other = filled(1), filled(1)
    session = pool.acquire()
    with pytest.raises(ValueError, match="does not hold"):
        other.release(session)
    pool.release(session)
    with pytest.raises(ValueError, match="not in use"):
        pool.release(session)


def test_a_lease_is_entered_once(filled):
    pool = filled(2)
    lease = pool.get()
    with lease, pytest.raises(Exception, match="lease"), lease:
        pass
    assert pool.stats().in_use == 0


def test_two_greenlets_on_one_session_get_not_sent(filled, registry):
    """E16."""
    registry.latency = 0.1
    pool = filled(1)
    with pool.get() as session:
        first = gevent.spawn(session.send, CHECK)
        gevent.sleep(0.02)
        with pytest.raises(NotSent):
            session.send(CreateDomain("new.example", auth_info="newSecret1"))
        assert first.get(timeout=2).code == 1000
        assert session.ended is None
    assert registry.record.executed("new.example") == []


def test_a_bad_greeting_leaks_no_descriptor(make_pool, plan, registry):
    """W7, E7."""
    plan.next(Fault.bad_greeting, times=10)
    plan.next(Fault.garbage_greeting, times=10)
    before = len(os.listdir("/proc/self/fd"))
    pool = make_pool(1)
    assert pool.send(CHECK, timeout=5).code == 1000
    assert registry.counters().connections == 21
    # One connection, seen from both ends; others may be about to be closed.
    assert len(os.listdir("/proc/self/fd")) <= before + 5
