"""Connecting: bounded at each step, verified, and nothing left open on failure."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time

import gevent
import pytest

from geventconnpool_ext.epp import dial
from geventconnpool_ext.epp.client import (
    CertificateError,
    Client,
    ConnectError,
    client_factory,
)
from geventconnpool_ext.epp.commands import CheckDomain, Logout
from geventconnpool_ext.epp.errors import EPPError, FramingError, NotSent, SessionLimit


class Ended(threading.Event):
    """A script that plays, then notes when the client has closed."""

    def __init__(self, play=lambda peer: None):
        super().__init__()
        self.play = play
        self.octets = b""

    def __call__(self, peer):
        try:
            self.play(peer)
            self.octets = peer.wait_for_end()
        finally:
            self.set()

    def wait_for_it(self):
        with gevent.Timeout(5):
            while not self.is_set():
                gevent.sleep(0.005)
        return True


def read_below_tls(peer):
    """What comes next over TCP, whatever TLS would make of it."""
    with socket.socket(fileno=os.dup(peer.sock.fileno())) as below:
        below.settimeout(5)
        return below.recv(100)


def test_connect_returns_the_greeting(peer_server, peer_client):
    client = peer_client(peer_server(lambda peer: (peer.greet(), peer.serve())))
    assert not client.connected
    greeting = client.connect()
    assert greeting.server_id == "Scripted peer"
    assert client.greeting is greeting
    assert client.connected
    assert client.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert client.send(CheckDomain("a.example"), "ABC-1").cl_tr_id == "ABC-1"
    assert client.hello().server_id == "Scripted peer"
    assert client.send(Logout()).code == 1500


def test_a_client_connects_once(peer_server, peer_client):
    client = peer_client(peer_server(lambda peer: (peer.greet(), peer.serve())))
    client.connect()
    with pytest.raises(EPPError, match=r"connects once"):
        client.connect()
    client.close()
    with pytest.raises(EPPError, match=r"connects once"):
        client.connect()


def test_tls_1_2_is_the_oldest_that_is_spoken(
    peer_server, peer_client, peer_certificates
):
    client = peer_client(peer_server(lambda peer: (peer.greet(), peer.serve())))
    client.connect()
    assert client.socket.version() in ("TLSv1.2", "TLSv1.3")
    assert client.socket.context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_the_server_name_is_sent_and_the_certificate_checked_for_it(
    peer_server, peer_client, peer_certificates
):
    asked = []
    context = peer_certificates.context("epp.example")
    context.sni_callback = lambda sock, name, context: asked.append(name)
    server = peer_server(lambda peer: (peer.greet(), peer.serve()), context=context)
    peer_client(server, server_name="epp.example").connect()
    assert asked == ["epp.example"]


def test_e6_a_wrong_host_name_says_which(peer_server, peer_client, peer_certificates):
    server = peer_server(
        lambda peer: None, context=peer_certificates.context("b.example")
    )
    client = peer_client(server)
    with pytest.raises(CertificateError, match=r"'localhost'.*server_name") as caught:
        client.connect()
    assert isinstance(caught.value.__cause__, ssl.CertificateError)
    assert not isinstance(caught.value, OSError)
    assert client.socket is None


def test_e6_a_wrong_ca_says_so(peer_server, peer_client):
    ended = Ended()
    client = peer_client(peer_server(ended), ca_file=None)
    with pytest.raises(CertificateError, match=r"localhost:\d+ is not good.*ca_file"):
        client.connect()


def test_verification_can_be_switched_off(peer_server, peer_client):
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    client = peer_client(server, ca_file=None, verify=False, server_name="any.example")
    assert client.connect()


def test_a_client_certificate_is_shown(peer_server, peer_client, peer_certificates):
    context = peer_certificates.context("localhost")
    context.load_verify_locations(peer_certificates.ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    server = peer_server(lambda peer: (peer.greet(), peer.serve()), context=context)
    client = peer_client(
        server,
        cert_file=peer_certificates.cert_file,
        key_file=peer_certificates.key_file,
    )
    assert client.connect()
    with pytest.raises(ConnectError):
        peer_client(server).connect()


def test_e6_a_refused_connection_is_a_connect_error():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    client = Client("127.0.0.1", port, verify=False)
    with pytest.raises(
        ConnectError, match=rf"127.0.0.1:{port}: ConnectionRefused"
    ) as caught:
        client.connect()
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_e6_a_name_that_does_not_resolve_is_a_connect_error():
    with pytest.raises(ConnectError, match=r"host\.invalid"):
        Client("host.invalid", 700, verify=False).connect()


def test_e5_a_full_backlog_is_bounded_by_connect_timeout():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    try:
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        client = Client(
            "127.0.0.1", listener.getsockname()[1], verify=False, connect_timeout=0.2
        )
        started = time.monotonic()
        with pytest.raises(ConnectError, match=r"TimeoutError: .* within 0.2 s"):
            client.connect()
        assert time.monotonic() - started < 3
    finally:
        for sock in (*fillers, listener):
            sock.close()


def test_e5_a_silent_handshake_is_bounded_and_lets_others_run(peer_server, peer_client):
    ended = Ended()
    client = peer_client(peer_server(ended, tls=False), handshake_timeout=0.3)
    ticks = []

    def tick():
        while True:
            ticks.append(1)
            gevent.sleep(0.02)

    ticker = gevent.spawn(tick)
    try:
        with pytest.raises(ConnectError, match=r"handshake was not done within 0.3 s"):
            client.connect()
    finally:
        ticker.kill()
    assert len(ticks) > 3
    assert ended.wait_for_it()


def test_e5_a_missing_greeting_is_bounded(peer_server, peer_client):
    ended = Ended()
    client = peer_client(peer_server(ended), greeting_timeout=0.2)
    with pytest.raises(ConnectError, match=r"no greeting came within 0.2 s"):
        client.connect()
    assert ended.wait_for_it()
    assert client.socket is None


def test_e5_a_greeting_an_octet_at_a_time_is_bounded_as_a_whole(
    peer_server, peer_client, peer_greeting, peer_unit
):
    def dribble(peer):
        for octet in peer_unit(peer_greeting):
            peer.write(bytes([octet]))
            if peer.stopping.wait(0.05):
                return

    client = peer_client(peer_server(dribble), greeting_timeout=0.3)
    started = time.monotonic()
    with pytest.raises(ConnectError, match=r"no greeting came within 0.3 s"):
        client.connect()
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"\x00\x00\x00\x0agarbag", EPPError),
        (b"\x00\x00\x00\x04", FramingError),
        (b"\x7f\xff\xff\xff", FramingError),
        (b"SSH-2.0-OpenSSH_9\r\n", FramingError),
    ],
)
def test_e7_w7_a_bad_greeting_leaves_no_descriptor_open(
    peer_server, peer_client, octets, error
):
    ended = Ended(lambda peer: peer.write(octets))
    client = peer_client(peer_server(ended))
    with pytest.raises(error):
        client.connect()
    assert client.socket is None
    assert ended.wait_for_it()
    with pytest.raises(NotSent):
        client.send(CheckDomain("a.example"))


def test_e7_a_response_instead_of_a_greeting_keeps_its_code(
    peer_server, peer_client, peer_response
):
    ended = Ended(lambda peer: peer.send(peer_response(2500, None)))
    with pytest.raises(EPPError, match=r"answered 2500 instead of greeting") as caught:
        peer_client(peer_server(ended)).connect()
    assert caught.value.code == 2500
    assert ended.wait_for_it()


def test_a_session_limit_instead_of_a_greeting_is_one(
    peer_server, peer_client, peer_response
):
    server = peer_server(lambda peer: peer.send(peer_response(2502, None)))
    with pytest.raises(SessionLimit):
        peer_client(server).connect()


def test_a_close_instead_of_a_greeting_is_a_connect_error(peer_server, peer_client):
    with pytest.raises(ConnectError, match=r"closed the connection|Reset"):
        peer_client(peer_server(lambda peer: None)).connect()


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("kind", [gevent.GreenletExit, KeyError, gevent.Timeout])
def test_a_kill_while_connecting_leaves_no_descriptor_open(
    peer_server, peer_client, tls, kind
):
    ended = Ended()
    client = peer_client(peer_server(ended, tls=tls))
    caught = []

    def connect():
        try:
            client.connect()
        except BaseException as error:
            caught.append(error)

    connecting = gevent.spawn(connect)
    with gevent.Timeout(5):
        while client.socket is None:
            gevent.sleep(0.005)
    gevent.sleep(0.05)
    connecting.kill(kind())
    assert isinstance(caught[0], kind)
    assert client.socket is None
    assert ended.wait_for_it()


@pytest.mark.parametrize("end", ["close", "abandon"])
@pytest.mark.parametrize("during", ["dial", "handshake", "greeting"])
def test_a_close_while_connecting_is_final(
    peer_server, peer_client, monkeypatch, during, end
):
    def greet(peer):
        peer.stopping.wait(0.3)
        peer.greet()
        peer.serve()

    silent = during == "handshake"
    server = peer_server(Ended() if silent else greet, tls=not silent)
    client = peer_client(server)
    resolve = dial.socket.getaddrinfo

    def slowly(*arguments):
        gevent.sleep(0.2 if during == "dial" else 0)
        return resolve(*arguments)

    monkeypatch.setattr(dial.socket, "getaddrinfo", slowly)
    connecting = gevent.spawn(client.connect)
    gevent.sleep(0.1)
    assert (client.socket is None) == (during == "dial")
    getattr(client, end)()
    with pytest.raises(ConnectError, match="no EPP connection to localhost"):
        connecting.get(timeout=5)
    assert not client.connected
    assert client.socket is None
    with pytest.raises(NotSent):
        client.send(CheckDomain("a.example"))


def test_e17_clients_of_a_factory_share_one_context(
    peer_server, peer_certificates, tmp_path
):
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    ca_file = tmp_path / "ca.pem"
    peer_certificates.ca.cert_pem.write_to_path(str(ca_file))
    make = client_factory("localhost", server.port, ca_file=ca_file, read_timeout=7)
    ca_file.unlink()  # whoever reads it again will not find it
    first, second = make(), make()
    assert first is not second
    for client in (first, second):
        client.connect()
    assert first.socket.context is second.socket.context
    first.close()
    second.close()


@pytest.mark.parametrize("argument", ["ca_file", "cert_file", "key_file"])
def test_a_missing_file_is_named_when_the_client_is_made(argument, peer_certificates):
    options = (
        {"cert_file": peer_certificates.cert_file} if argument == "key_file" else {}
    )
    options[argument] = "/nowhere/x.pem"
    with pytest.raises(ValueError, match=rf"{argument}: cannot read '/nowhere/x.pem'"):
        Client("localhost", **options)
    with pytest.raises(ValueError, match=argument):
        client_factory("localhost", **options)


def test_wrong_certificate_files_are_named(peer_certificates, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with pytest.raises(ValueError, match=r"ca_file: .*empty.pem.* no usable CA"):
        Client("localhost", ca_file=str(empty))
    with pytest.raises(ValueError, match=r"ca_data"):
        Client("localhost", ca_data="nothing")
    with pytest.raises(ValueError, match=r"cert_file .*empty.pem"):
        Client("localhost", cert_file=str(empty))
    with pytest.raises(ValueError, match=r"cert_file .*not usable"):
        Client(
            "localhost",
            cert_file=peer_certificates.ca_file,
            key_file=peer_certificates.key_file,
        )
    with pytest.raises(ValueError, match=r"need cert_file"):
        Client("localhost", key_file=peer_certificates.key_file)


def test_ca_data_serves_as_well_as_a_file(peer_server, peer_client, peer_certificates):
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    data = peer_certificates.ca.cert_pem.bytes().decode()
    assert peer_client(server, ca_file=None, ca_data=data).connect()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"host": ""}, "host"),
        ({"host": None}, "host"),
        ({"port": 0}, "port"),
        ({"port": "700"}, "port"),
        ({"port": True}, "port"),
        ({"server_name": ""}, "server_name"),
        ({"limit": 4}, "limit"),
        ({"verify": 1}, "verify"),
        ({"context": object()}, "context"),
        *(
            ({f"{step}_timeout": value}, f"{step}_timeout")
            for step in ("connect", "handshake", "greeting", "read", "write")
            for value in (0, -1, float("nan"), True)
        ),
    ],
)
def test_a_wrong_argument_is_named(options, named):
    with pytest.raises((TypeError, ValueError), match=named):
        Client(**{"host": "localhost", **options})


def test_a_context_that_would_block_every_greenlet_is_refused():
    with pytest.raises(TypeError, match=r"gevent.ssl.SSLContext"):
        Client("localhost", context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def test_a_context_and_files_are_not_both_taken(peer_certificates):
    from geventconnpool_ext.epp.tls import ssl_context

    context = ssl_context(verify=False)
    assert Client("localhost", context=context)
    with pytest.raises(ValueError, match=r"not both"):
        Client("localhost", context=context, ca_file=peer_certificates.ca_file)
    with pytest.raises(ValueError, match=r"not both"):
        Client("localhost", context=context, verify=False)


def test_close_begins_with_close_notify_and_does_not_wait(peer_server, peer_client):
    seen = []

    def script(peer):
        peer.greet()
        seen.append(read_below_tls(peer))
        peer.stall()

    client = peer_client(peer_server(script))
    client.connect()
    sock = client.socket
    started = time.monotonic()
    client.close()
    assert time.monotonic() - started < 1
    gevent.sleep(0)
    assert sock.fileno() == -1
    with gevent.Timeout(5):
        while not seen:
            gevent.sleep(0.005)
    # An alert: its own record type in TLS 1.2, disguised as data in 1.3.
    assert seen[0][:2] in (b"\x15\x03", b"\x17\x03")
    assert not client.connected
    client.close()


def test_close_never_raises_before_a_connect_or_after_a_reset(peer_server, peer_client):
    def reset(peer):
        peer.greet()
        peer.stopping.wait(0.1)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    client = peer_client(peer_server(reset))
    client.close()
    client = peer_client(peer_server(reset))
    client.connect()
    gevent.sleep(0.3)
    client.close()


def test_abandon_closes_the_descriptor_and_writes_nothing(peer_server, peer_client):
    seen = []

    def script(peer):
        peer.greet()
        seen.append(read_below_tls(peer))

    client = peer_client(peer_server(script))
    client.connect()
    client.abandon()
    with gevent.Timeout(5):
        while not seen:
            gevent.sleep(0.005)
    assert seen == [b""]
    with pytest.raises(NotSent, match=r"abandoned"):
        client.send(CheckDomain("a.example"))
    client.abandon()
    client.close()
