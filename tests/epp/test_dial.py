"""Several addresses of one host: none keeps the next from being tried."""

from __future__ import annotations

import socket
import time

import gevent
import pytest

from geventconnpool_ext.epp import dial as module
from geventconnpool_ext.epp.client import Client
from geventconnpool_ext.epp.dial import dial


@pytest.fixture
def hole():
    """An address that answers nothing: its backlog is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    yield listener.getsockname()
    for sock in (*fillers, listener):
        sock.close()


@pytest.fixture
def refusing():
    """An address at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()


@pytest.fixture
def listening():
    """An address that takes connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()


@pytest.fixture
def resolve(monkeypatch):
    """``resolve(*addresses)``: what every name stands for."""

    def to(*addresses):
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)
            for address in addresses
        ]
        monkeypatch.setattr(module.socket, "getaddrinfo", lambda *given: found)

    return to


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """The sockets made; all but those that the test has closed must be closed."""
    sockets = []
    make = module.socket.socket

    def remembering(*given):
        sockets.append(make(*given))
        return sockets[-1]

    monkeypatch.setattr(module.socket, "socket", remembering)
    yield sockets
    assert [sock for sock in sockets if sock.fileno() != -1] == []


@pytest.mark.parametrize("holes", [1, 3])
def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    hole, listening, resolve, made, holes
):
    resolve(*[hole] * holes, listening)
    began = time.monotonic()
    with dial("registry.example", 700, 0.8) as sock:
        assert sock.getpeername() == listening
        assert sock.gettimeout() is None
    # Each had a like share: of what is left, not of the whole.
    expected = 0.8 * holes / (holes + 1)
    assert expected - 0.05 < time.monotonic() - began < 0.8
    assert len(made) == holes + 1


def test_what_one_address_leaves_is_for_the_others(hole, refusing, listening, resolve):
    resolve(refusing, hole, listening)
    began = time.monotonic()
    dial("registry.example", 700, 0.6).close()
    assert time.monotonic() - began > 0.25


def test_a_client_connects_to_the_next_address(
    hole, resolve, peer_server, peer_certificates
):
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    resolve(hole, ("127.0.0.1", server.port))
    client = Client(
        "localhost", server.port, ca_file=peer_certificates.ca_file, connect_timeout=1
    )
    assert client.connect().server_id == "Scripted peer"
    client.close()


def test_without_a_bound_no_address_but_the_last_is_waited_for_long(
    hole, listening, resolve, monkeypatch
):
    assert module._PATIENCE == 4  # time for three SYNs: see there
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    resolve(hole, hole, listening)
    with gevent.Timeout(2):
        dial("registry.example", 700).close()
    resolve(listening, hole)
    dial("registry.example", 700).close()
    resolve(hole)
    with gevent.Timeout(0.4, False) as bound:
        dial("registry.example", 700)
    assert not bound.pending  # the last one's bound is the caller's


def test_if_none_answers_the_bound_holds(hole, resolve, made):
    resolve(hole, hole, hole)
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no connection came about within 0.3 s"):
        dial("registry.example", 700, 0.3)
    assert 0.25 < time.monotonic() - began < 1
    assert len(made) == 3


def test_the_name_counts_into_the_bound(resolve, monkeypatch):
    monkeypatch.setattr(module.socket, "getaddrinfo", lambda *given: gevent.sleep(5))
    with pytest.raises(TimeoutError, match=r"within 0.1 s"):
        dial("registry.example", 700, 0.1)


def test_the_last_addresss_error_is_raised(hole, refusing, resolve):
    resolve(hole, refusing)
    with pytest.raises(ConnectionRefusedError):
        dial("registry.example", 700, 0.3)


@pytest.mark.parametrize("seconds", [None, 4])
@pytest.mark.parametrize("kind", [gevent.GreenletExit, KeyError, gevent.Timeout])
@pytest.mark.parametrize("second", [False, True])
def test_a_kill_at_any_address_leaves_no_descriptor_open(
    hole, refusing, resolve, made, kind, second, seconds
):
    resolve(*([refusing] if second else []), hole, hole)
    dialing = gevent.spawn(dial, "registry.example", 700, seconds)
    gevent.sleep(0.1)
    assert len(made) == 1 + second
    before = len(made)
    dialing.kill(kind())
    assert dialing.dead
    assert len(made) == before  # nobody went on to the next address
