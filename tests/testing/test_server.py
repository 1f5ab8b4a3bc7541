from __future__ import annotations

import os
import struct
import time

import gevent
import pytest
from gevent import socket, ssl

from geventconnpool_ext import testing
from geventconnpool_ext.epp.framing import encode
from geventconnpool_ext.testing import Certificates, Registry, Server

from .conversations import RawClient, act, command, create_domain, epp, name

CHECK = act("check", "domain", name("a.test"))


def test_a_session_from_greeting_to_logout(server, dial, registry):
    client = dial().log_in()
    assert client.hello().is_greeting
    assert client.send(CHECK).code == 1000
    assert client.send("<logout/>").code == 1500
    assert client.ending() == "close"
    counters = registry.counters()
    assert counters[:7] == (1, 1, 0, 1, 0, 1, 3)
    assert counters.ended == {"logout": 1}
    registry.reset_counters()
    assert registry.counters().commands == 0


def test_commands_sent_at_once_are_answered_in_order(server, dial):
    client = dial().log_in()
    ids = ["PIPE-{}".format(n) for n in range(5)]
    client.send_octets(b"".join(encode(command(CHECK, i)) for i in ids))
    assert [client.answer().text("epp:clTRID") for _ in ids] == ids


def test_a_command_may_arrive_in_any_pieces(server, dial):
    client = dial().log_in()
    unit = encode(command(CHECK))
    for position in range(0, len(unit), 7):
        client.send_octets(unit[position : position + 7])
        gevent.sleep(0)
    assert client.answer().code == 1000


def test_what_is_no_frame_ends_the_connection(server, dial, registry):
    client = dial().log_in()
    client.send_octets(b"GET / HTTP/1.0\r\n\r\n")
    assert client.ending() == "close"
    assert registry.counters().ended == {"bad_frame": 1}


def test_a_client_that_leaves_ends_its_session(server, dial, registry, until):
    dial().log_in().close()
    until(lambda: registry.counters().ended == {"client_closed": 1})
    assert registry.counters().sessions == 0
    assert not registry.sessions


@pytest.mark.parametrize("manner", ["close", "drop", "reset"])
def test_killed_sessions_end_as_asked_and_new_ones_are_welcome(
    server, dial, registry, manner
):
    clients = [dial().log_in() for _ in range(3)]
    assert server.kill_sessions(manner) == 3
    assert [client.ending() for client in clients] == [manner] * 3
    assert registry.counters().ended == {"killed": 3}
    assert dial().log_in().send(CHECK).code == 1000


def test_a_manner_that_does_not_exist_is_refused(server):
    with pytest.raises(ValueError, match="manner must be"):
        server.kill_sessions("softly")


@pytest.mark.parametrize("code", [2002, 2200])
def test_a_silent_logout_shows_in_commands_but_not_in_hello(
    server, dial, registry, code
):
    client, spared = dial().log_in(), dial().log_in()
    first = min(registry.sessions)
    assert server.logout_silently(first, code) == [first]
    assert client.hello().is_greeting
    assert client.send(create_domain("a.test")).code == code
    assert client.hello().is_greeting
    assert client.send(CHECK).code == code
    assert spared.send(CHECK).code == 1000
    assert not registry.domains
    assert registry.counters().ended == {"silent_logout": 1}
    assert registry.counters().sessions == 1
    assert server.logout_silently(code=code) == [first + 1]


def test_a_silently_logged_out_connection_outlives_the_login_deadline(
    server, dial, registry
):
    client = dial().log_in()
    server.logout_silently()
    registry.limits = registry.limits._replace(login_deadline=0.0)
    gevent.sleep(0.25)
    assert client.hello().is_greeting


def test_stop_closes_everything_and_start_serves_the_same_registry_again(
    server, dial, registry
):
    client = dial().log_in()
    client.send(create_domain("a.test"))
    port = server.port
    server.restart()
    assert server.port == port
    assert client.ending() == "close"
    assert registry.counters().ended == {"server_stop": 1}
    shown = dial().log_in().send(act("info", "domain", name("a.test")))
    assert shown.code == 1000


def test_stop_is_bounded_and_may_be_called_twice(server, dial, registry):
    registry.latency = 30
    client = dial()
    client.answer()
    client.send_message(epp("<hello/>"))
    gevent.sleep(0.01)
    started = time.monotonic()
    server.stop()
    server.stop()
    assert time.monotonic() - started < 2
    assert client.ending() == "close"
    with pytest.raises(ConnectionRefusedError):
        dial()
    assert not server.running


def test_a_refusing_server_keeps_its_sessions_and_comes_back_by_itself(
    server, dial, until
):
    client = dial().log_in()
    server.refuse(0.1)
    with pytest.raises(ConnectionRefusedError):
        dial()
    assert client.send(CHECK).code == 1000
    until(lambda: server.running)
    dial().log_in()


def test_a_server_that_refuses_until_told_is_started_again(server, dial):
    server.refuse()
    with pytest.raises(ConnectionRefusedError):
        dial()
    server.start()
    dial().log_in()


def test_a_stalled_connect_hangs_until_the_server_comes_back(server, dial):
    client = dial().log_in()
    server.stall_connects()
    with pytest.raises(OSError, match="timed out"):
        socket.create_connection(server.address, timeout=0.2)
    assert client.send(CHECK).code == 1000
    server.start()
    dial().log_in()


def test_a_client_certificate_can_be_required(registry, certificates):
    files = certificates.client_certificate_file, certificates.client_key_file
    with Server(
        registry, certificates=certificates, require_client_certificate=True
    ) as server:
        with RawClient(server, client_certificate=files) as client:
            client.log_in()
        # With TLS 1.3 the client hears of it only when it reads.
        with RawClient(server) as client, pytest.raises(ssl.SSLError, match="CERT"):
            client.read()
        assert registry.counters().handshake_errors == 1


def test_a_client_that_trusts_another_authority_does_not_get_in(server):
    stranger = Certificates("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(stranger.ca_file)
    plain = socket.create_connection(server.address)
    with pytest.raises(ssl.SSLError, match=r"(?i)certificate.verify.failed"):
        context.wrap_socket(plain, server_hostname="localhost")
    plain.close()
    stranger.close()


def test_certificates_leave_no_files_behind():
    made = Certificates("epp.test")
    with open(made.ca_file, "rb") as file:
        assert file.read() == made.ca_pem
    made.close()
    with pytest.raises(FileNotFoundError):
        os.stat(made.client_key_file)


def test_a_server_makes_what_it_is_not_given():
    with Server() as server:
        assert server.address == ("127.0.0.1", server.port)
        with RawClient(server) as client:
            client.log_in()
        path = server.certificates.ca_file
    with pytest.raises(FileNotFoundError):
        os.stat(path)


def test_a_port_that_is_taken_is_an_error(server):
    second = Server(Registry(), port=server.port, certificates=server.certificates)
    with pytest.raises(OSError, match=r"(?i)in use"):
        second.start()


def reset(client):
    """Close with RST."""
    linger = struct.pack("ii", 1, 0)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    client.close()


def test_a_client_that_resets_ends_its_session(server, dial, registry, until):
    reset(dial().log_in())
    until(lambda: registry.counters().ended == {"client_closed": 1})


def test_an_answer_that_nobody_takes_is_lost_but_on_the_record(
    server, dial, registry, until
):
    client = dial().log_in()
    registry.latency = 0.05
    client.send_message(command(create_domain("a.test"), "LOST-1"))
    gevent.sleep(0.01)
    reset(client)
    until(lambda: registry.counters().ended == {"lost": 1})
    assert registry.record.times_executed("LOST-1") == 1


def test_a_client_that_speaks_no_tls_is_a_failed_handshake(server, registry, until):
    plain = socket.create_connection(server.address)
    plain.sendall(b"EHLO there\r\n")
    until(lambda: registry.counters().handshake_errors == 1)
    plain.close()
    assert registry.counters().handshakes == 0


def test_a_stall_of_connects_can_be_for_a_while(server, dial, until):
    server.stop()
    server.stall_connects(0.1)
    assert not server.running
    until(lambda: server.running)
    dial().log_in()


def test_a_kill_of_the_greenlet_itself_still_closes_the_connection(
    server, dial, registry, until
):
    client = dial().log_in()
    (greenlet,) = server._connections
    greenlet.kill()
    assert client.ending() == "drop"
    assert registry.counters().ended == {"killed": 1}
    until(lambda: not server._connections)


def test_arguments_that_cannot_be_are_refused(registry):
    with pytest.raises(ValueError, match="code must be 2002 or 2200"):
        registry.logout_silently(code=2201)
    with pytest.raises(ValueError, match="3 to 16 characters"):
        registry.add_account("me", "password")
    with pytest.raises(AttributeError, match="has no attribute 'Mock'"):
        _ = testing.Mock
