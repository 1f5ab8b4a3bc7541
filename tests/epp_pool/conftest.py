"""Fixtures: a registry over TLS that can go wrong, and pools of sessions with it."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import EPPPool, Login, SessionPolicy, client_factory
from geventconnpool_ext.testing import Certificates, FaultPlan, Registry, Server

PASSWORD = "password"

POLICY = frozenset(SessionPolicy.__slots__)


@pytest.fixture(autouse=True)
def bounded():
    """As everywhere, but a TLS handshake takes its time on a busy machine."""
    with gevent.Timeout(20):
        yield


@pytest.fixture(scope="session")
def certificates():
    """One authority for all tests: a new one costs more than a test."""
    made = Certificates()
    yield made
    made.close()


@pytest.fixture
def plan():
    """What is to go wrong."""
    return FaultPlan()


@pytest.fixture
def registry(plan):
    """A registry with the account 'client', and another that owns a domain."""
    made = Registry({"client": PASSWORD, "other": "password2"}, faults=plan)
    made.add_domain("own.example", auth_info="ownSecret1")
    made.add_domain("foreign.example", "other", auth_info="foreignSecret1")
    yield made
    assert made.record.doubled() == [], "a clTRID was executed twice"


@pytest.fixture
def server(registry, certificates):
    """That registry, served."""
    with Server(registry, certificates=certificates) as running:
        yield running


@pytest.fixture
def connect(server):
    """Makes clients of that server."""
    return client_factory("localhost", server.port, ca_file=server.certificates.ca_file)


@pytest.fixture
def make_pool(connect):
    """``make_pool(size)``; takes the arguments of EPPPool and of SessionPolicy."""
    pools = []

    def make(size=1, *, client=None, login=None, **options):
        rules = {name: options.pop(name) for name in POLICY & set(options)}
        rules.setdefault("command_timeout", 5)
        options.setdefault("reconnect", Backoff(0.01, 0.1))
        options.setdefault("close_timeout", 1.0)
        pool = EPPPool(
            client or connect,
            login or (lambda: Login("client", PASSWORD)),
            size,
            policy=SessionPolicy(**rules),
            **options,
        )
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close(timeout=1)


@pytest.fixture(params=["pool", "null"])
def kind(request):
    """Both kinds of pool, for what they must do alike."""
    return request.param


@pytest.fixture
def until():
    """A function that waits, some seconds at most, until a condition holds."""

    def wait(condition, seconds=4):
        with gevent.Timeout(seconds, AssertionError("it never came true")):
            while not condition():
                gevent.sleep(0.005)

    return wait


@pytest.fixture
def filled(make_pool, monkeypatch):
    """As ``make_pool``, with every session logged in already."""

    def make(size=1, **options):
        monkeypatch.setattr(EPPPool, "SPAWN_FREQUENCY", 0.0)
        pool = make_pool(size, **options)
        pool.wait(timeout=5)
        return pool

    return make
