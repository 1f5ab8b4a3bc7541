"""Connecting through our transport: bounded, verified, nothing left open (E5 to E7)."""

from __future__ import annotations

import os
import socket
import threading
import time

import gevent
import pytest
from epplib.exceptions import TransportError

from geventconnpool_ext.epp import (
    CertificateError,
    ConnectError,
    EPPError,
    FramingError,
    NotSent,
    SessionLimit,
)

from .commands import check


class Ended(threading.Event):
    """A script that plays, then notes that the client has closed."""

    def __init__(self, play=lambda peer: None):
        super().__init__()
        self.play = play

    def __call__(self, peer):
        try:
            self.play(peer)
            peer.wait_for_end()
        finally:
            self.set()


def assert_closed(ended, until):
    until(ended.is_set)


def refused(client, error, match=None):
    """Connect in vain: with epplib's error, which is at the same time ours."""
    with pytest.raises(TransportError, match=match) as caught:
        client.connect()
    assert isinstance(caught.value, error)
    assert not isinstance(caught.value, OSError)
    assert client.transport.socket is None
    with pytest.raises(TransportError) as unusable:
        client.send(check())
    assert isinstance(unusable.value, NotSent)
    return caught.value


def test_connect_leaves_the_greeting(peer_server, client_of):
    client = client_of(peer_server(lambda peer: (peer.greet(), peer.serve())))
    client.connect()
    assert client.greeting.sv_id == "Scripted peer"
    assert client.send(check(), tr_id="ABC-1").cl_tr_id == "ABC-1"


def test_both_clients_are_context_managers(peer_server, client_of, until):
    ended = Ended(lambda peer: (peer.greet(), peer.answer()))
    with client_of(peer_server(ended)) as client:
        assert client.send(check()).code == 1000
    assert_closed(ended, until)


def test_a_second_connect_is_an_error_that_harms_nothing(peer_server, client_of):
    client = client_of(peer_server(lambda peer: (peer.greet(), peer.serve())))
    client.connect()
    with pytest.raises(TransportError, match="connects once"):
        client.connect()
    assert client.send(check()).code == 1000


def test_e6_a_refused_connection_is_a_transport_error(client_of):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    error = refused(client_of(port), ConnectError, "ConnectionRefused")
    assert isinstance(error.__cause__, ConnectionRefusedError)


def test_e6_a_name_that_does_not_resolve_is_a_transport_error(client_of):
    refused(client_of(700, "host.invalid"), ConnectError, r"host\.invalid")


def test_a_name_that_can_be_none_is_refused_at_once(client_of):
    with pytest.raises(ValueError, match=r"^hostname must be .*not 'a\.\.b'"):
        client_of(700, "a..b")


def test_e6_a_wrong_host_name_is_a_transport_error(
    peer_server, client_of, peer_certificates
):
    context = peer_certificates.context("b.example")
    server = peer_server(lambda peer: None, context=context)
    refused(client_of(server), CertificateError, r"'localhost'.*server_name")


def test_e6_a_wrong_authority_is_a_transport_error(peer_server, client_of):
    refused(client_of(peer_server(Ended()), ca=None), CertificateError, "not good")


def test_server_name_is_what_the_certificate_must_be_for(
    peer_server, client_of, peer_certificates
):
    context = peer_certificates.context("epp.example")
    server = peer_server(lambda peer: (peer.greet(), peer.serve()), context=context)
    client = client_of(server, server_name="epp.example")
    client.connect()
    assert client.send(check()).code == 1000


def test_e5_a_full_backlog_is_bounded(client_of):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    try:
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        client = client_of(listener.getsockname()[1], connect_timeout=0.2)
        began = time.monotonic()
        refused(client, ConnectError, r"TimeoutError: .* within 0.2 s")
        assert time.monotonic() - began < 3
    finally:
        for sock in (*fillers, listener):
            sock.close()


def test_e5_a_silent_handshake_is_bounded_and_lets_others_run(
    peer_server, client_of, until
):
    ended = Ended()
    client = client_of(peer_server(ended, tls=False), handshake_timeout=0.3)
    ticks = []

    def tick():
        while True:
            ticks.append(1)
            gevent.sleep(0.02)

    ticker = gevent.spawn(tick)
    refused(client, ConnectError, "handshake was not done within 0.3 s")
    ticker.kill()
    assert len(ticks) > 3
    assert_closed(ended, until)


def test_e5_a_missing_greeting_is_bounded(peer_server, client_of, until):
    ended = Ended()
    client = client_of(peer_server(ended), greeting_timeout=0.2)
    refused(client, ConnectError, "no greeting came within 0.2 s")
    assert_closed(ended, until)


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"\x00\x00\x00\x0agarbag", EPPError),
        (b"\x00\x00\x00\x04", FramingError),
        (b"\x7f\xff\xff\xff", FramingError),
        (b"SSH-2.0-OpenSSH_9\r\n", FramingError),
    ],
)
def test_e7_a_bad_greeting_is_a_transport_error_and_closes(
    peer_server, client_of, until, octets, error
):
    ended = Ended(lambda peer: peer.write(octets))
    refused(client_of(peer_server(ended)), error)
    assert_closed(ended, until)


def test_e7_no_descriptor_is_left_by_many(peer_server, client_of, until):
    server = peer_server(lambda peer: peer.send(b"<greeting/>"))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        refused(client_of(server), EPPError)
    until(lambda: len(os.listdir("/proc/self/fd")) <= before)


@pytest.mark.parametrize(("code", "error"), [(2500, EPPError), (2502, SessionLimit)])
def test_e7_a_response_instead_of_a_greeting_keeps_its_code(
    peer_server, client_of, peer_response, code, error
):
    server = peer_server(Ended(lambda peer: peer.send(peer_response(code, None))))
    told = refused(client_of(server), error, "answered {} instead".format(code))
    assert getattr(told, "code", code) == code


def test_e7_eof_instead_of_a_greeting_is_a_transport_error(peer_server, client_of):
    refused(client_of(peer_server(lambda peer: None)), ConnectError)


@pytest.mark.parametrize("kind", [gevent.GreenletExit, KeyError, gevent.Timeout])
def test_a_kill_while_connecting_leaves_no_descriptor_open(
    peer_server, client_of, until, kind
):
    ended = Ended()
    client = client_of(peer_server(ended))
    caught = []

    def connect():
        try:
            client.connect()
        except BaseException as error:
            caught.append(error)

    connecting = gevent.spawn(connect)
    until(lambda: client.transport.socket is not None)
    gevent.sleep(0.05)
    connecting.kill(kind())
    assert isinstance(caught[0], kind)
    assert client.transport.socket is None
    assert_closed(ended, until)
