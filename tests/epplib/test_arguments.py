"""A wrong argument is named at the call, and nothing is connected for it."""

from __future__ import annotations

import io
import os
import ssl

import epplib.transport
import pytest

from geventconnpool_ext.epp import SessionPolicy
from geventconnpool_ext.epp.epplib import (
    Client,
    EpplibNullPool,
    EpplibPool,
    Transport,
    client_factory,
)
from geventconnpool_ext.epp.tls import ssl_context

from .commands import check, login

WRONG = [
    ({"hostname": ""}, "host"),
    ({"hostname": None}, "host"),
    ({"hostname": b"localhost"}, "host"),
    ({"port": 0}, "port"),
    ({"port": 65536}, "port"),
    ({"port": "700"}, "port"),
    ({"port": True}, "port"),
    ({"server_name": ""}, "server_name"),
    ({"server_name": 7}, "server_name"),
    ({"limit": 4}, "limit"),
    ({"limit": "1"}, "limit"),
    ({"verify": 1}, "verify"),
    ({"verify": None}, "verify"),
    ({"password": "only2password"}, "password"),
    ({"key": "/nowhere/key.pem"}, "key"),
    ({"nonsense": 1}, "nonsense"),
    *(
        ({name: value}, name)
        for name in ("cert", "key", "ca")
        for value in (1, True, memoryview(b""), io.BytesIO(b""))
    ),
    *(
        ({name: "/nowhere/x.pem"}, name + r".*'/nowhere/x\.pem'")
        for name in ("cert", "ca")
    ),
    *(({name: b"nothing"}, name) for name in ("cert", "ca")),
    *(
        ({step + "_timeout": value}, step + "_timeout")
        for step in ("connect", "handshake", "greeting", "read", "write")
        for value in (0, -1, float("nan"), True, "5")
    ),
]


def makers():
    def transport(hostname="localhost", **options):
        return Transport(hostname, **options)

    def factory(hostname="localhost", **options):
        return client_factory(hostname, **options)

    def pool(hostname="localhost", **options):
        return EpplibPool(hostname, login, 1, open=False, **options)

    def null_pool(hostname="localhost", **options):
        return EpplibPool(hostname, login, 1, kind="null", open=False, **options)

    return [transport, factory, pool, null_pool]


@pytest.mark.parametrize("make", makers(), ids=lambda make: make.__name__)
@pytest.mark.parametrize(("options", "named"), WRONG)
def test_a_wrong_argument_is_named(make, options, named):
    before = os.listdir("/proc/self/fd")
    with pytest.raises((TypeError, ValueError), match=named):
        make(**options)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("name", ["cert", "key", "ca"])
def test_pem_as_a_str_is_told_from_a_path(name, certificates):
    options = {"cert": certificates.client_certificate_file}
    options[name] = certificates.ca_pem.decode()
    for make in makers():
        with pytest.raises(ValueError, match=name + r" must be a path, or PEM as byt"):
            make(**options)


@pytest.mark.parametrize(
    "both",
    [
        {"ca": "x.pem"},
        {"cert": b"x"},
        {"key": b"x"},
        {"password": "x"},
        {"verify": False},
    ],
)
def test_a_context_and_what_it_is_made_of_are_not_both_taken(both):
    context = ssl_context(verify=False)
    for make in makers()[:2]:
        assert make(context=context)
        with pytest.raises(ValueError, match=r"context .* not both"):
            make(context=context, **both)


def test_a_context_that_would_block_every_greenlet_is_refused():
    blocking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for make in makers()[:2]:
        with pytest.raises(TypeError, match=r"gevent\.ssl\.SSLContext"):
            make(context=blocking)
        with pytest.raises(TypeError, match="SSL context"):
            make(context="context")


@pytest.mark.parametrize(
    "transport", [None, "localhost", epplib.transport.SocketTransport("localhost")]
)
def test_a_client_takes_our_transport_only(transport):
    with pytest.raises(TypeError, match=r"transport must be a .*Transport, not \w+"):
        Client(transport)


@pytest.mark.parametrize("schema", ["schema.xsd", b"<schema/>", object()])
def test_a_schema_must_be_one(schema):
    transport = Transport("localhost", verify=False)
    with pytest.raises(TypeError, match="schema must be an lxml"):
        Client(transport, schema)
    for make in makers()[1:]:
        with pytest.raises(TypeError, match="schema must be an lxml"):
            make(schema=schema)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"login": None}, "login"),
        ({"login": login()}, "login"),
        ({"size": 0}, "size"),
        ({"size": "3"}, "size"),
        ({"kind": "other"}, "kind"),
        ({"policy": "policy"}, "policy"),
        ({"timeout": -1}, "timeout"),
    ],
)
def test_a_pool_names_its_own_arguments_too(options, named):
    values = {"hostname": "localhost", "login": login, "size": 1, "open": False}
    with pytest.raises((TypeError, ValueError), match=named):
        EpplibPool(**{**values, **options})


def test_what_a_login_returns_is_looked_at(make_pool):
    for wrong in (check(), None, "garbage"):
        pool = make_pool(login=lambda wrong=wrong: wrong)
        with pytest.raises(Exception, match=r"login|request") as caught:
            pool.send(check(), timeout=0.3)
        assert isinstance(caught.value.__cause__, (TypeError, ValueError))


@pytest.mark.parametrize("bad", [None, 7, "garbage", b"", b"<epp/>", object()])
def test_a_bad_request_harms_nothing(make_pool, registry, kind, bad):
    pool = make_pool(kind=kind)
    with pytest.raises((TypeError, ValueError)):
        pool.send(bad)
    with pool.get() as session:
        with pytest.raises((TypeError, ValueError)):
            session.send(bad)
        for client in (session.client, session.client.transport):
            with pytest.raises((TypeError, ValueError)):
                client.send(bad)
        with pytest.raises(ValueError, match="tr_id"):
            session.client.send(check(), tr_id="x")
        assert session.send(check()).code == 1000
    assert registry.counters().logins == 1


def test_a_transport_by_itself_needs_a_cl_tr_id():
    transport = Transport("localhost", verify=False)
    with pytest.raises(ValueError, match="no clTRID"):
        transport.send(check().xml())


def test_a_policy_refuses_a_probe_that_changes_something():
    from .commands import create

    with pytest.raises(
        ValueError, match="probe must be a command that changes nothing"
    ):
        SessionPolicy(probe=create())


def test_what_is_shown_of_them():
    transport = Transport("localhost", 7000, verify=False)
    assert repr(transport) == "<Transport localhost:7000, not connected>"
    assert "localhost:7000" in repr(Client(transport))
    for kind, made in (("pool", EpplibPool), ("null", EpplibNullPool)):
        pool = EpplibPool("localhost", login, 1, verify=False, kind=kind, open=False)
        assert type(pool) is made
        assert made.__name__ in repr(pool)
