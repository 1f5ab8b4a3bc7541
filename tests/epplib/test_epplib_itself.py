"""epplib's own transport under the tests of ours: it fails, so the tests can.

Only what does no harm: what hangs or crashes it (E2, E4, E5, E16) is left out.
"""

from __future__ import annotations

import logging
import threading

import epplib.client
import pytest
from epplib.commands import Hello
from epplib.exceptions import TransportError
from epplib.transport import SocketTransport

from .commands import check


@pytest.fixture
def client_of():
    """``client_of(server)`` is epplib's client on epplib's transport."""
    clients = []

    def make(server):
        port = getattr(server, "port", server)
        transport = SocketTransport("localhost", port, verify=False)
        clients.append(epplib.client.Client(transport))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_e3_an_answer_split_inside_its_length_is_an_error(
    connected, peer_unit, peer_response
):
    def script(peer):
        answer = peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))
        peer.write(answer[:2])
        peer.stopping.wait(0.05)
        peer.write(answer[2:])

    with pytest.raises(TransportError, match="Empty response"):
        connected(script).send(check())


def test_e6_a_wrong_authority_is_a_raw_os_error(peer_server):
    server = peer_server(lambda peer: None)
    client = epplib.client.Client(SocketTransport("localhost", server.port))
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        client.connect()
    assert not isinstance(caught.value, TransportError)


def test_e7_a_bad_greeting_leaves_the_socket_open(
    peer_server, client_of, peer_response
):
    client = client_of(peer_server(lambda peer: peer.send(peer_response(2500, None))))
    with pytest.raises(ValueError, match="greeting") as caught:
        client.connect()
    assert not isinstance(caught.value, TransportError)
    assert client.transport.socket.fileno() >= 0


def test_e8_the_answer_to_another_command_is_returned(connected, caplog):
    client = connected(lambda peer: (peer.answer(1000, "OTHER-1"), peer.serve()))
    assert client.send(check(), tr_id="ABC-1").cl_tr_id == "OTHER-1"
    assert "differs" in caplog.text


def test_e9_after_a_timeout_the_late_answer_is_the_next_callers(
    connected, peer_response
):
    late = threading.Event()

    def script(peer):
        request = peer.read()
        late.wait(5)
        peer.send(peer_response(1000, peer.tr_id_of(request)))
        peer.serve()

    client = connected(script)
    client.transport.socket.settimeout(0.2)
    with pytest.raises(TransportError):
        client.send(check(), tr_id="FIRST-1")
    late.set()
    client.transport.socket.settimeout(5)
    assert client.send(check(), tr_id="SECOND-1").cl_tr_id == "FIRST-1"


def test_e11_the_code_of_a_response_to_hello_is_lost(connected, peer_response):
    client = connected(
        lambda peer: (peer.read(), peer.send(peer_response(2500, "X-1", "bye")))
    )
    with pytest.raises(ValueError, match="greeting") as caught:
        client.send(Hello())
    assert "2500" not in str(caught.value)


def test_e17_each_connect_builds_a_context(peer_server, client_of, caplog):
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    caplog.set_level(logging.CRITICAL)
    first, second = client_of(server), client_of(server)
    for client in (first, second):
        client.connect()
    assert first.transport.socket.context is not second.transport.socket.context
