"""Fixtures: epplib with the RFCs' namespaces, clients and pools that go through it.

epplib is not on PyPI. Where it is missing every module here is one skipped test,
those aside that need nothing of it.
"""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import SessionPolicy
from geventconnpool_ext.epp.epplib_namespaces import use_ietf_namespaces

from ..epp import conftest as scripted
from ..epp_pool import conftest as registries
from ..secrets import watch

# Before anything of epplib is imported, so before a test module is.
try:
    use_ietf_namespaces()
    MISSING = False
except ImportError:
    MISSING = True

REASON = "epplib is not installed: pip install git+https://github.com/cisagov/epplib"
WITHOUT_EPPLIB = {"test_without_epplib.py"}

# A peer that plays a script, and a registry with faults: those of the native tests.
peer_certificates = scripted.peer_certificates
peer_server = scripted.peer_server
peer_greeting = scripted.peer_greeting
peer_response = scripted.peer_response
peer_unit = scripted.peer_unit
certificates = registries.certificates
plan = registries.plan
registry = registries.registry
server = registries.server
until = registries.until
kind = registries.kind

PASSWORD = registries.PASSWORD


class Skipped(pytest.Module):
    """A module of tests that cannot be imported here."""

    def collect(self):
        pytest.skip(REASON)


def pytest_pycollect_makemodule(module_path, parent):
    if MISSING and module_path.name not in WITHOUT_EPPLIB:
        return Skipped.from_parent(parent, path=module_path)
    return None


@pytest.fixture(autouse=True)
def bounded():
    """As everywhere, but a TLS handshake takes its time on a busy machine."""
    with gevent.Timeout(20):
        yield


class Watch(watch.Watch):
    """Looks for secrets as everywhere, but for two things that are none.

    What our client's log shows in the place of a secret; and, in an error, the
    caller's own command, of which epplib's repr shows everything.
    """

    def __init__(self, secrets):
        super().__init__(secrets)
        self._commands = set()

    def look(self, where, text):
        for command in self._commands:
            text = text.replace(command, "(the command)")
        super().look(where, text.replace("***<", "<"))

    def error(self, where, error):
        link, left = error, 10
        while link is not None and left:
            left -= 1
            if getattr(link, "command", None) is not None:
                self._commands.add(repr(link.command))
            link = link.__cause__ or link.__context__
        super().error(where, error)


@pytest.fixture(autouse=True)
def watched():
    """No test may make a secret visible."""
    with watch.Watching(Watch(watch.SECRETS)) as looking:
        yield looking
    assert looking.leaks == [], "a secret was made visible"


@pytest.fixture(params=["epplib's client", "our client"])
def client_class(request):
    """What a program may put on our transport."""
    import epplib.client

    from geventconnpool_ext.epp.epplib import Client

    return epplib.client.Client if request.param == "epplib's client" else Client


@pytest.fixture
def client_of(client_class, peer_certificates):
    """``client_of(server)`` is a client for it, not yet connected."""
    from geventconnpool_ext.epp.epplib import Transport

    clients = []

    def make(server, hostname="localhost", **options):
        if "context" not in options:
            options.setdefault("ca", peer_certificates.ca_file)
        port = getattr(server, "port", server)
        clients.append(client_class(Transport(hostname, port, **options)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def connected(peer_server, client_of):
    """A connected client of a peer that greets and then plays *script*."""

    def connect(script, **options):
        client = client_of(
            peer_server(lambda peer: (peer.greet(), script(peer))), **options
        )
        client.connect()
        return client

    return connect


@pytest.fixture
def make_pool(server):
    """``make_pool(size)``; takes the arguments of EpplibPool and of SessionPolicy."""
    from geventconnpool_ext.epp.epplib import EpplibPool

    from .commands import login as right_login

    pools = []

    def make(size=1, *, login=right_login, **options):
        rules = {name: options.pop(name) for name in registries.POLICY & set(options)}
        rules.setdefault("command_timeout", 5)
        options.setdefault("ca", server.certificates.ca_file)
        options.setdefault("reconnect", Backoff(0.01, 0.1))
        options.setdefault("close_timeout", 1.0)
        pool = EpplibPool(
            "localhost",
            login,
            size,
            port=server.port,
            policy=SessionPolicy(**rules),
            **options,
        )
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close(timeout=1)


@pytest.fixture
def filled(make_pool, monkeypatch):
    """As ``make_pool``, with every session logged in already."""
    from geventconnpool_ext.epp.epplib import EpplibPool

    def make(size=1, **options):
        monkeypatch.setattr(EpplibPool, "SPAWN_FREQUENCY", 0.0)
        pool = make_pool(size, **options)
        pool.wait(timeout=5)
        return pool

    return make


@pytest.fixture
def sent(registry):
    """``sent(verb)``: what the registry's record holds about it."""
    return lambda verb: [entry for entry in registry.record if entry.verb == verb]
