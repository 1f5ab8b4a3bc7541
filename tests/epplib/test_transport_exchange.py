"""Exchanges through our transport: each its own answer, or never again (E2 to E16)."""

from __future__ import annotations

import copy
import pickle
import threading
import time

import gevent
import pytest
from epplib.commands import Hello
from epplib.exceptions import TransportError
from epplib.responses import CheckDomainResult, Greeting

from geventconnpool_ext.epp import EPPError, FramingError, NotSent
from geventconnpool_ext.epp.answers import UnexpectedAnswer
from geventconnpool_ext.epp.framing import TruncatedFrame

from .commands import check, create


def lost(client, error, match=None, send=check, **options):
    """Send in vain: with both libraries' error, and then never again."""
    with pytest.raises(TransportError, match=match) as caught:
        client.send(send(), **options)
    assert isinstance(caught.value, error)
    assert not isinstance(caught.value, OSError)
    assert_finished(client)
    assert_survives_its_pickle(caught.value)
    return caught.value


def assert_survives_its_pickle(error):
    """An error of both libraries goes to other processes too."""
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def assert_finished(client):
    for request in (check(), Hello()):
        with pytest.raises(TransportError) as caught:
            client.send(request)
        assert isinstance(caught.value, NotSent)


def test_an_answer_is_of_epplibs_class(connected):
    answer = connected(lambda peer: peer.serve()).send(check(), tr_id="ABC-1")
    assert type(answer) is CheckDomainResult
    assert answer.cl_tr_id == "ABC-1"


def test_hello_gets_a_greeting(connected):
    client = connected(lambda peer: peer.serve())
    assert isinstance(client.send(Hello()), Greeting)
    assert client.greeting.sv_id == "Scripted peer"
    assert client.send(check()).code == 1000


def test_e2_eof_inside_an_answer_is_an_error_at_once_and_others_run(
    connected, peer_unit, peer_response
):
    cut = threading.Event()

    def script(peer):
        peer.write(peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))[:30])
        cut.wait(5)

    client = connected(script)
    ticks = []

    def tick():
        while True:
            ticks.append(1)
            gevent.sleep(0.01)

    ticker = gevent.spawn(tick)
    gevent.spawn_later(0.2, cut.set)
    used = time.process_time()
    lost(client, TruncatedFrame, "after 30 of its octets")
    assert time.process_time() - used < 1
    ticker.kill()
    assert len(ticks) > 5


def test_eof_instead_of_an_answer_is_an_error(connected):
    error = lost(connected(lambda peer: peer.read()), EPPError)
    assert isinstance(error.__cause__, ConnectionError)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_e3_an_answer_split_inside_its_length_is_read(
    connected, peer_unit, peer_response, size
):
    def script(peer):
        answer = peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))
        for piece in (answer[:size], answer[size:10], answer[10:]):
            peer.write(piece)
            peer.stopping.wait(0.05)
        peer.serve()

    client = connected(script)
    assert client.send(check()).code == 1000
    assert client.send(check()).code == 1000


@pytest.mark.parametrize(
    "octets", [b"\x7f\xff\xff\xff", b"\x00\x00\x00\x03", b"HTTP/1.1 "]
)
def test_e4_a_malformed_length_ends_the_connection(connected, octets):
    client = connected(lambda peer: (peer.read(), peer.write(octets), peer.stall()))
    lost(client, FramingError)


def test_e4_an_answer_above_the_limit_ends_the_connection(connected, peer_response):
    client = connected(
        lambda peer: (peer.answer(msg="x" * 5000), peer.serve()), limit=4000
    )
    lost(client, FramingError, "above the limit of 4000")


def test_a_request_above_the_limit_harms_nothing(connected):
    client = connected(lambda peer: peer.serve(), limit=2000)
    with pytest.raises(ValueError, match="above the limit of 2000") as caught:
        client.send(check(*["a.example"] * 100))
    # A mistake in the program, and no failure of the connection.
    assert not isinstance(caught.value, TransportError)
    assert client.send(check()).code == 1000


@pytest.mark.parametrize("factory", ["says its limit", "says nothing"])
@pytest.mark.parametrize("make", [check, create])
def test_a_pool_refuses_a_request_above_the_limit_at_no_cost(
    server, filled, registry, make, factory
):
    pool = filled(1, limit=4000)
    if factory == "says nothing":
        connect = pool._connect_client
        pool._connect_client = lambda: connect()
    with pytest.raises(ValueError, match="octets, above the limit of 4000"):
        pool.send(make("x" * 5000))
    assert pool.send(check()).code == 1000
    assert registry.counters().logins == 1
    if factory == "says its limit":
        with pool.get(), pytest.raises(ValueError, match="above the limit of 4000"):
            pool.send(make("x" * 5000), timeout=5)


def test_e5_an_answer_an_octet_at_a_time_is_bounded_as_a_whole(
    connected, peer_unit, peer_response
):
    def script(peer):
        for octet in peer_unit(peer_response(1000, peer.tr_id_of(peer.read()))):
            peer.write(bytes([octet]))
            if peer.stopping.wait(0.05):
                return

    client = connected(script, read_timeout=0.3)
    began = time.monotonic()
    error = lost(client, EPPError, "no whole answer came within 0.3 s")
    assert isinstance(error.__cause__, TimeoutError)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("tr_id", ["OTHER-1", None])
def test_e8_an_answer_to_another_command_is_never_returned(connected, tr_id):
    client = connected(lambda peer: (peer.answer(1000, tr_id), peer.serve()))
    lost(client, UnexpectedAnswer, "ABC-1", tr_id="ABC-1")


def test_e8_a_greeting_is_no_answer_to_a_command(connected):
    client = connected(lambda peer: (peer.read(), peer.greet(), peer.serve()))
    lost(client, UnexpectedAnswer, "by a greeting")


def test_e8_spaces_around_a_cl_tr_id_are_none_of_it(connected, peer_response):
    """It is an xs:token."""

    def script(peer):
        tr_id = peer.tr_id_of(peer.read())
        peer.send(peer_response(1000, "\n  {}\n".format(tr_id)))

    assert connected(script).send(check(), tr_id="ABC-1").code == 1000


def test_garbage_ends_the_connection(connected):
    client = connected(lambda peer: (peer.read(), peer.send(b"garbage"), peer.serve()))
    lost(client, EPPError, "not well-formed")


def test_e9_after_a_timeout_the_late_answer_is_nobodys(connected, peer_response):
    late = threading.Event()

    def script(peer):
        request = peer.read()
        late.wait(5)
        peer.send(peer_response(1000, peer.tr_id_of(request)))
        peer.serve()

    client = connected(script, read_timeout=0.2)
    lost(client, EPPError, "no whole answer came within 0.2 s")
    late.set()
    gevent.sleep(0.1)
    assert_finished(client)


@pytest.mark.parametrize("kind", [gevent.Timeout, gevent.GreenletExit, KeyError])
def test_e9_whatever_interrupts_an_exchange_ends_the_connection(connected, kind):
    client = connected(lambda peer: (peer.read(), peer.stall()))
    caught = []

    def send():
        try:
            client.send(check())
        except BaseException as error:
            caught.append(error)

    sending = gevent.spawn(send)
    gevent.sleep(0.1)
    sending.kill(kind())
    assert isinstance(caught[0], kind)
    assert_finished(client)


def test_two_answers_to_one_command_leave_nothing_to_read(
    connected, peer_unit, peer_response
):
    def script(peer):
        answer = peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))
        peer.write(answer + answer)
        peer.serve()

    client = connected(script)
    assert client.send(check()).code == 1000
    with pytest.raises(TransportError, match="no request had asked for"):
        client.send(check())


def test_e11_a_response_to_hello_keeps_its_code(connected, peer_response):
    client = connected(
        lambda peer: (peer.read(), peer.send(peer_response(2500, "X-1", "bye")))
    )
    error = lost(client, UnexpectedAnswer, r"2500 \(bye\)", send=Hello)
    assert (error.code, error.msg) == (2500, "bye")


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
    first = gevent.spawn(client.send, check(), tr_id="FIRST-1")
    gevent.sleep(0.05)
    for request in (check(), Hello()):
        with pytest.raises(TransportError, match="in use by another greenlet"):
            client.send(request)
    with pytest.raises(TransportError, match="nothing was sent"):
        client.transport.receive()
    release.set()
    assert first.get(timeout=5).cl_tr_id == "FIRST-1"
    assert client.send(check()).code == 1000


def test_e16_another_native_thread_gets_a_clear_error(connected):
    client = connected(lambda peer: peer.serve())
    caught = []

    def use():
        try:
            client.send(check())
        except TransportError as error:
            caught.append(error)
        finally:
            gevent.get_hub().destroy()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(10)
    assert isinstance(caught[0], NotSent)
    assert "another native thread" in str(caught[0])
    assert client.send(check()).code == 1000


def test_e16_threads_that_use_one_client_at_once_do_no_harm(connected):
    """The first is served, or told; nobody reads what is another's."""
    client = connected(lambda peer: peer.serve())
    told = []

    def use():
        try:
            for _ in range(200):
                try:
                    client.send(check())
                    told.append("answered")
                except TransportError as error:
                    told.append(type(error))
        finally:
            gevent.get_hub().destroy()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    answers = [client.send(check()) for _ in range(20)]
    for thread in threads:
        thread.join(10)
    assert {answer.code for answer in answers} == {1000}
    assert "answered" not in told
    assert len(told) == 800
    assert all(issubclass(kind, NotSent) for kind in told)


def test_a_client_that_never_connected_sends_nothing(peer_server, client_of):
    assert_finished(client_of(peer_server(lambda peer: None)))


def test_a_close_in_the_middle_of_an_exchange_ends_it(connected):
    client = connected(lambda peer: (peer.read(), peer.stall()))
    sending = gevent.spawn(client.send, check())
    gevent.sleep(0.05)
    client.close()
    with pytest.raises(TransportError):
        sending.get(timeout=5)
    assert_finished(client)
