"""One SSL context for all connections (E17), and keys that are never on a disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import gevent
import gevent.ssl
import pytest
from epplib.exceptions import TransportError

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import ConnectError
from geventconnpool_ext.epp.epplib import (
    Client,
    EpplibPool,
    Transport,
    client_factory,
)
from geventconnpool_ext.epp.tls import ssl_context
from geventconnpool_ext.testing import Server

from .commands import check, login


@pytest.fixture
def contexts(monkeypatch):
    """The SSL contexts that are made from now on."""
    made = []
    plain = gevent.ssl.SSLContext.__new__

    def counted(cls, *arguments, **options):
        made.append(plain(cls, *arguments, **options))
        return made[-1]

    monkeypatch.setattr(gevent.ssl.SSLContext, "__new__", staticmethod(counted))
    return made


@pytest.fixture
def strict(registry, certificates):
    """The registry, served to who shows a certificate."""
    with Server(
        registry, certificates=certificates, require_client_certificate=True
    ) as running:
        yield running


def names_of(directory):
    return sorted(str(path) for path in Path(directory).rglob("*"))


def test_e17_clients_of_a_factory_share_one_context(server, contexts):
    make = client_factory(
        "localhost", server.port, ca=server.certificates.ca_file, read_timeout=7
    )
    clients = [make() for _ in range(5)]
    assert len(set(map(id, clients))) == 5
    for client in clients:
        client.connect()
    used = {id(client.transport.socket.context) for client in clients}
    assert used == {id(contexts[0])}
    assert len(contexts) == 1
    for client in clients:
        client.close()


@pytest.mark.parametrize("kind", ["pool", "null"])
def test_e17_a_pool_has_one_context(server, contexts, make_pool, kind):
    pool = make_pool(3, kind=kind)
    for _ in range(3):
        answers = [gevent.spawn(pool.send, check()) for _ in range(6)]
        gevent.joinall(answers, timeout=5, raise_error=True)
        assert {answer.value.code for answer in answers} == {1000}
        server.kill_sessions()
    assert len(contexts) == 1


def test_e17_transports_share_a_context_that_is_given(peer_server, peer_certificates):
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    context = ssl_context(ca_file=peer_certificates.ca_file)
    for _ in range(2):
        transport = Transport("localhost", server.port, context=context)
        with Client(transport) as client:
            assert transport.socket.context is context
            assert client.send(check()).code == 1000


@pytest.mark.parametrize("kind", ["pool", "null"])
def test_e17_certificate_and_key_from_memory_leave_no_file(
    strict, tmp_path, monkeypatch, kind
):
    """The temporary directory, where a file would be, is this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = strict.certificates
    descriptors = os.listdir("/proc/self/fd")
    pool = EpplibPool(
        "localhost",
        login,
        1,
        port=strict.port,
        kind=kind,
        cert=Path(files.client_certificate_file).read_bytes(),
        key=Path(files.client_key_file).read_bytes(),
        ca=files.ca_pem,
        open=False,
    )
    assert os.listdir("/proc/self/fd") == descriptors
    assert names_of(tmp_path) == []
    pool.open()
    assert pool.send(check()).code == 1000
    assert names_of(tmp_path) == []
    pool.close()


@pytest.mark.parametrize("form", [str, Path])
def test_certificate_and_key_may_be_paths(strict, form):
    files = strict.certificates
    make = client_factory(
        "localhost",
        strict.port,
        cert=form(files.client_certificate_file),
        key=form(files.client_key_file),
        ca=form(files.ca_file),
    )
    with make() as client:
        assert client.send(login()).code == 1000


def test_certificate_and_key_may_be_in_one(strict):
    files = strict.certificates
    both = b"".join(
        Path(path).read_bytes()
        for path in (files.client_key_file, files.client_certificate_file)
    )
    transport = Transport("localhost", strict.port, cert=both, ca=files.ca_pem)
    with Client(transport) as client:
        assert client.send(login()).code == 1000


def test_without_a_certificate_the_server_refuses(strict):
    """So that the tests above can fail. TLS 1.3 tells it after the handshake."""
    transport = Transport("localhost", strict.port, ca=strict.certificates.ca_pem)
    client = Client(transport)
    with pytest.raises(TransportError) as caught:
        client.connect()
    assert isinstance(caught.value, ConnectError)
    pool = EpplibPool(
        "localhost",
        login,
        1,
        port=strict.port,
        ca=strict.certificates.ca_pem,
        reconnect=Backoff(0.01, 0.1),
    )
    with pytest.raises(Exception, match=r"alert|closed|reset|EOF"):
        pool.send(check(), timeout=0.5)
    pool.close()
