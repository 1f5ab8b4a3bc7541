"""TLS sessions are resumed where that is sound, and never where it is not."""

from __future__ import annotations

import gc
import socket
import ssl
import struct
import weakref

import gevent
import gevent.ssl
import pytest

from geventconnpool_ext.epp.client import Client, ConnectError
from geventconnpool_ext.epp.commands import CheckDomain, Login
from geventconnpool_ext.epp.errors import EPPError
from geventconnpool_ext.epp.tls import ssl_context

from ..support.children import fork_by_gevent, fork_plainly, in_child


def log_in_and_serve(peer):
    peer.log_in()
    peer.serve()


@pytest.fixture(params=["TLSv1_2", "TLSv1_3"])
def context(request, peer_certificates):
    """A client's context with a certificate, for one version of TLS."""
    made = ssl_context(
        ca_file=peer_certificates.ca_file,
        cert_file=peer_certificates.cert_file,
        key_file=peer_certificates.key_file,
    )
    version = getattr(ssl.TLSVersion, request.param)
    made.minimum_version = made.maximum_version = version
    return made


@pytest.fixture
def asking(peer_certificates):
    """A server's context that asks for the client's certificate."""
    made = peer_certificates.context("localhost", "epp.example")
    made.load_verify_locations(peer_certificates.ca_file)
    made.verify_mode = ssl.CERT_REQUIRED
    return made


@pytest.fixture
def server(peer_server, asking):
    """A peer that lets in everybody with a certificate."""
    return peer_server(log_in_and_serve, context=asking)


@pytest.fixture
def resumed(peer_client):
    """``resumed(server)``: connect and log in; was the TLS session resumed?"""

    def log_in(server, **options):
        client = peer_client(server, **options)
        client.connect()
        client.send(Login("client", "password"))
        return client.socket.session_reused

    return log_in


def test_the_next_connections_resume_the_session_of_the_first(
    server, context, resumed, peer_client
):
    assert [resumed(server, context=context) for _ in range(4)] == [
        False,
        True,
        True,
        True,
    ]
    client = peer_client(server, context=context)
    client.connect()
    assert client.send(CheckDomain("a.example"), "ABC-1").cl_tr_id == "ABC-1"


def test_a_resumed_session_still_belongs_to_the_clients_certificate(
    peer_server, asking, context, resumed
):
    shown = []

    def script(peer):
        shown.append(peer.sock.getpeercert(True))
        log_in_and_serve(peer)

    server = peer_server(script, context=asking)
    assert not resumed(server, context=context)
    assert resumed(server, context=context)
    assert shown[0] == shown[1] is not None


def test_before_the_first_request_is_answered_there_is_nothing_to_resume(
    server, context, peer_client
):
    for _ in range(3):
        client = peer_client(server, context=context)
        client.connect()
        assert not client.socket.session_reused


def test_a_session_is_resumed_under_the_same_name_only(server, context, resumed):
    assert not resumed(server, context=context)
    assert not resumed(server, context=context, server_name="epp.example")
    assert resumed(server, context=context, server_name="epp.example")


def test_a_session_that_was_not_verified_is_not_resumed_as_one_that_was(
    server, context, resumed
):
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    assert not resumed(server, context=context)
    context.verify_mode = ssl.CERT_REQUIRED
    assert not resumed(server, context=context)
    context.check_hostname = True
    assert not resumed(server, context=context)
    assert resumed(server, context=context)


def test_a_new_certificate_is_shown_to_the_next_peer(
    server, context, resumed, peer_certificates
):
    assert not resumed(server, context=context)
    context.load_cert_chain(peer_certificates.cert_file, peer_certificates.key_file)
    assert not resumed(server, context=context)


def test_a_context_that_others_made_is_left_alone(server, resumed, peer_certificates):
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(peer_certificates.ca_file)
    context.load_cert_chain(peer_certificates.cert_file, peer_certificates.key_file)
    assert [resumed(server, context=context) for _ in range(3)] == [False] * 3


def test_after_its_lifetime_a_session_is_not_resumed(
    server, context, resumed, monkeypatch
):
    now = [1000.0]
    monkeypatch.setattr(
        "geventconnpool_ext.epp.resumption.time.monotonic", lambda: now[0]
    )
    assert not resumed(server, context=context)
    now[0] += 599
    # Being resumed must not prolong it.
    assert resumed(server, context=context)
    now[0] += 2
    assert not resumed(server, context=context)
    assert resumed(server, context=context)


def test_a_peer_that_has_forgotten_the_session_gets_the_next_one_offered(
    server, context, resumed, peer_certificates
):
    assert not resumed(server, context=context)
    server.context = peer_certificates.context("localhost")
    assert not resumed(server, context=context)
    assert resumed(server, context=context)


def close_at_once(peer):
    pass


def refuse_login(peer):
    peer.greet()
    peer.answer(2200)


def close_at_login(peer):
    peer.greet()
    peer.read()


def reset_before_login(peer):
    peer.greet()
    linger = struct.pack("ii", 1, 0)
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


@pytest.mark.parametrize(
    "misbehave", [close_at_once, refuse_login, close_at_login, reset_before_login]
)
def test_a_peer_that_fails_on_a_resumed_session_is_never_offered_one_again(
    misbehave, peer_server, asking, context, resumed, peer_client
):
    failed = []

    def script(peer):
        if peer.sock.session_reused:
            failed.append(peer)
            misbehave(peer)
        else:
            log_in_and_serve(peer)

    server = peer_server(script, context=asking)
    assert not resumed(server, context=context)
    client = peer_client(server, context=context)
    try:
        client.connect()
        gevent.sleep(0.1)  # the reset is there before the login is written
        assert client.send(Login("client", "password")).code == 2200
    except (ConnectError, OSError):
        pass
    assert [resumed(server, context=context) for _ in range(3)] == [False] * 3
    assert len(failed) == 1


def stay_silent(peer):
    peer.greet()
    peer.stall()


def greet_late(peer):
    peer.stall()


def kill(client):
    greenlet = gevent.spawn(go, client)
    gevent.sleep(0.2)
    greenlet.kill()


def end_by_own_timeout(client):
    with gevent.Timeout(0.2, False):
        go(client)


def end_by_close(client):
    greenlet = gevent.spawn(go, client)
    gevent.sleep(0.2)
    client.close()
    with pytest.raises((EPPError, OSError)):
        greenlet.get(timeout=5)


def end_by_read_timeout(client):
    with pytest.raises((EPPError, OSError)):
        go(client)


def go(client):
    client.connect()
    client.send(Login("client", "password"))


@pytest.mark.parametrize("misbehave", [stay_silent, greet_late])
@pytest.mark.parametrize(
    "end", [kill, end_by_own_timeout, end_by_close, end_by_read_timeout]
)
def test_an_end_of_our_own_is_no_refusal_of_the_peers(
    misbehave, end, peer_server, asking, context, resumed, peer_client
):
    silent = []

    def script(peer):
        if peer.sock.session_reused and not silent:
            silent.append(peer)
            misbehave(peer)
        else:
            log_in_and_serve(peer)

    server = peer_server(script, context=asking)
    assert not resumed(server, context=context)
    options = {"read_timeout": 0.3, "greeting_timeout": 0.3}
    if end is not end_by_read_timeout:
        options = {}
    client = peer_client(server, context=context, **options)
    end(client)
    assert len(silent) == 1
    client.close()
    # One verifies anew, in case the peer is silent because of it.
    assert [resumed(server, context=context) for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize("fork", [fork_plainly, fork_by_gevent])
def test_a_forked_child_begins_sessions_of_its_own(fork, server, context, resumed):
    assert not resumed(server, context=context)
    # No descriptor of the parent's is used: the child connects anew.
    assert in_child(
        fork, lambda: [resumed(server, context=context) for _ in range(2)]
    ) == [False, True]
    assert resumed(server, context=context)


def test_a_context_is_freed_although_its_sessions_refer_to_it(
    peer_server, peer_certificates
):
    server = peer_server(log_in_and_serve)

    def use():
        context = ssl_context(ca_file=peer_certificates.ca_file)
        client = Client("localhost", server.port, context=context)
        client.connect()
        client.send(Login("client", "password"))
        client.close()
        assert context.sessions._kept
        return weakref.ref(context)

    context = use()
    gc.collect()
    assert context() is None
