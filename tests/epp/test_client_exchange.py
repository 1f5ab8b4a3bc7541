"""Sending: one exchange at a time, each with its own answer, or never again."""

from __future__ import annotations

import logging
import threading
import time

import gevent
import pytest

from geventconnpool_ext.epp.answers import UnexpectedAnswer
from geventconnpool_ext.epp.commands import CheckDomain, CreateDomain, Hello, Login
from geventconnpool_ext.epp.errors import EPPError, FramingError, NotSent
from geventconnpool_ext.epp.framing import TruncatedFrame

CHECK = CheckDomain("a.example")


@pytest.fixture
def connected(peer_server, peer_client):
    """A connected client of a peer that greets and then plays *script*."""

    def connect(script, **options):
        server = peer_server(lambda peer: (peer.greet(), script(peer)))
        client = peer_client(server, **options)
        client.connect()
        return client

    return connect


def assert_finished(client):
    assert not client.connected
    with pytest.raises(NotSent):
        client.send(CHECK)
    with pytest.raises(NotSent):
        client.hello()


def test_a_command_is_one_write_of_length_and_body(connected):
    seen = []

    def script(peer):
        seen.append(peer.sock.recv(65536))
        peer.stall()

    client = connected(script, read_timeout=0.2)
    with pytest.raises(TimeoutError):
        client.send(CHECK, "ABC-1")
    length = int.from_bytes(seen[0][:4], "big")
    assert length == len(seen[0])
    assert b"ABC-1" in seen[0]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_e3_an_answer_split_inside_its_length_is_read(
    connected, peer_unit, peer_response, size
):
    def script(peer):
        answer = peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))
        peer.write(answer[:size])
        peer.stopping.wait(0.05)
        peer.write(answer[size:10])
        peer.stopping.wait(0.05)
        peer.write(answer[10:])
        peer.serve()

    client = connected(script)
    assert client.send(CHECK).code == 1000
    assert client.send(CHECK).code == 1000


def test_e2_eof_inside_an_answer_is_an_error_at_once(
    connected, peer_unit, peer_response
):
    def script(peer):
        peer.write(peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))[:30])

    client = connected(script)
    used = time.process_time()
    with pytest.raises(TruncatedFrame, match=r"after 30 of its octets"):
        client.send(CHECK)
    assert time.process_time() - used < 1
    assert_finished(client)


def test_eof_instead_of_an_answer_is_a_connection_error(connected):
    client = connected(lambda peer: peer.read())
    with pytest.raises(ConnectionError):
        client.send(CHECK)
    assert_finished(client)


@pytest.mark.parametrize(
    "octets", [b"\x7f\xff\xff\xff", b"\x00\x00\x00\x03", b"HTTP/1.1 "]
)
def test_e4_a_malformed_length_ends_the_connection(connected, octets):
    client = connected(lambda peer: (peer.read(), peer.write(octets), peer.stall()))
    with pytest.raises(FramingError):
        client.send(CHECK)
    assert_finished(client)


def test_an_unparsable_answer_ends_the_connection(connected):
    client = connected(lambda peer: (peer.read(), peer.send(b"garbage"), peer.serve()))
    with pytest.raises(EPPError, match=r"not well-formed"):
        client.send(CHECK)
    assert_finished(client)


@pytest.mark.parametrize("tr_id", ["OTHER-1", None])
def test_e8_an_answer_to_another_command_is_never_returned(connected, tr_id):
    client = connected(lambda peer: (peer.answer(1000, tr_id), peer.serve()))
    with pytest.raises(UnexpectedAnswer, match=r"ABC-1"):
        client.send(CHECK, "ABC-1")
    assert_finished(client)


def test_e8_a_greeting_is_no_answer_to_a_command(connected):
    client = connected(lambda peer: (peer.read(), peer.greet(), peer.serve()))
    with pytest.raises(UnexpectedAnswer, match=r"by a greeting"):
        client.send(CHECK)
    assert_finished(client)


def test_e9_after_a_timeout_the_late_answer_is_nobodys(connected, peer_response):
    late = threading.Event()

    def script(peer):
        request = peer.read()
        late.wait(5)
        peer.send(peer_response(1000, peer.tr_id_of(request)))
        peer.serve()

    client = connected(script, read_timeout=0.2)
    with pytest.raises(TimeoutError, match=r"no whole answer came within 0.2 s"):
        client.send(CHECK)
    late.set()
    gevent.sleep(0.1)
    assert_finished(client)


@pytest.mark.parametrize("kind", [gevent.Timeout, gevent.GreenletExit, KeyError])
def test_e9_whatever_interrupts_an_exchange_ends_the_connection(connected, kind):
    client = connected(lambda peer: (peer.read(), peer.stall()))
    caught = []

    def send():
        try:
            client.send(CHECK)
        except BaseException as error:
            caught.append(error)

    sending = gevent.spawn(send)
    gevent.sleep(0.1)
    sending.kill(kind())
    assert isinstance(caught[0], kind)
    assert_finished(client)


def test_an_answer_an_octet_at_a_time_is_bounded_as_a_whole(
    connected, peer_unit, peer_response
):
    def script(peer):
        for octet in peer_unit(peer_response(1000, peer.tr_id_of(peer.read()))):
            peer.write(bytes([octet]))
            if peer.stopping.wait(0.05):
                return

    client = connected(script, read_timeout=0.3)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        client.send(CHECK)
    assert time.monotonic() - started < 3
    assert_finished(client)


def test_a_peer_that_does_not_read_is_bounded_by_write_timeout(connected):
    client = connected(
        lambda peer: peer.stall(), write_timeout=0.3, limit=64 * 1024 * 1024
    )
    large = CheckDomain(*[f"{'x' * 60}{number}.example" for number in range(150000)])
    request = large.xml("ABC-1")
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"could not be written within 0.3 s"):
        client.send(request, "ABC-1")
    assert time.monotonic() - started < 10
    assert_finished(client)
    client.close()


def test_a_request_above_the_limit_harms_nothing(connected):
    client = connected(lambda peer: peer.serve(), limit=2000)
    with pytest.raises(ValueError, match=r"above the limit of 2000"):
        client.send(CheckDomain(*["a.example"] * 100))
    assert client.send(CHECK).code == 1000


def test_a_bad_request_harms_nothing(connected):
    client = connected(lambda peer: peer.serve())
    for bad, error in (
        ("garbage", ValueError),
        (None, TypeError),
        (Hello(), ValueError),
    ):
        with pytest.raises(error):
            client.send(bad)
    with pytest.raises(ValueError, match=r"tr_id"):
        client.send(CHECK, "x")
    assert client.send(CHECK).code == 1000


def test_two_answers_to_one_command_leave_nothing_to_read(
    connected, peer_unit, peer_response
):
    def script(peer):
        answer = peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))
        peer.write(answer + answer)
        peer.serve()

    client = connected(script)
    assert client.send(CHECK).code == 1000
    with pytest.raises(NotSent, match=r"no request had asked for"):
        client.send(CHECK)


def test_e11_a_response_to_hello_keeps_its_code(connected, peer_response):
    client = connected(
        lambda peer: (peer.read(), peer.send(peer_response(2500, "X-1", "bye")))
    )
    with pytest.raises(UnexpectedAnswer, match=r"2500 \(bye\)") as caught:
        client.hello()
    assert (caught.value.code, caught.value.msg) == (2500, "bye")
    assert_finished(client)


def test_a_timed_out_hello_ends_the_connection(connected):
    client = connected(lambda peer: (peer.read(), peer.stall()), read_timeout=0.2)
    with pytest.raises(TimeoutError):
        client.hello()
    assert_finished(client)


def test_e13_debug_logging_shows_no_password(connected, caplog):
    caplog.set_level(logging.DEBUG)
    client = connected(
        lambda peer: (peer.answer(), peer.answer(2001), peer.answer(1000, "X-1"))
    )
    client.send(Login("client", "hunter22", new_password="hunter33"))
    client.send(CreateDomain("a.example", auth_info="hunter44"))
    with pytest.raises(EPPError) as caught:
        client.send(Login("client", "hunter22"))
    client.close()
    shown = caplog.text + repr(client) + repr(caught.value) + repr(vars(client))
    assert "hunter" not in shown


def test_e16_a_second_greenlet_gets_a_clear_error_and_the_first_its_answer(
    connected, peer_response
):
    release = threading.Event()

    def script(peer):
        request = peer.read()
        release.wait(5)
        peer.send(peer_response(1000, peer.tr_id_of(request)))
        peer.serve()

    client = connected(script)
    first = gevent.spawn(client.send, CHECK, "FIRST-1")
    gevent.sleep(0.05)
    for use in (lambda: client.send(CHECK), client.hello):
        with pytest.raises(NotSent, match=r"in use by another greenlet"):
            use()
    release.set()
    assert first.get(timeout=5).cl_tr_id == "FIRST-1"
    assert client.send(CHECK).code == 1000


def test_e16_another_native_thread_gets_a_clear_error(connected):
    client = connected(lambda peer: peer.serve())
    caught = []

    def use():
        try:
            client.send(CHECK)
        except NotSent as error:
            caught.append(str(error))
        finally:
            gevent.get_hub().destroy()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(10)
    assert "another native thread" in caught[0]
    assert client.send(CHECK).code == 1000


def test_a_close_in_the_middle_of_an_exchange_ends_it(connected):
    client = connected(lambda peer: (peer.read(), peer.stall()))
    sending = gevent.spawn(client.send, CHECK)
    gevent.sleep(0.05)
    client.close()
    with pytest.raises((OSError, EPPError)):
        sending.get(timeout=5)
    assert_finished(client)


def test_a_client_that_never_connected_sends_nothing(peer_server, peer_client):
    client = peer_client(peer_server(lambda peer: None))
    assert_finished(client)
    assert "not connected" in repr(client)
