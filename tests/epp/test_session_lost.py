"""Lost exchanges: nothing unread is ever read by another, and nobody is told that
a command was not executed when it may have been."""

from __future__ import annotations

import ssl
import threading

import gevent
import pytest

from geventconnpool_ext.epp.commands import CheckDomain, CreateDomain, Login, PollAck
from geventconnpool_ext.epp.errors import AmbiguousOutcome, EPPError, NotSent
from geventconnpool_ext.epp.hooks import ExpiryReason
from geventconnpool_ext.epp.policy import SessionPolicy
from geventconnpool_ext.epp.session import Session

CHECK = CheckDomain("a.example")
CREATE = CreateDomain("a.example", auth_info="hunter44")


def login():
    return Login("client", "hunter22")


class Foreign:
    """Another library's client: no hello, the socket inside its transport, raw
    exceptions, and no look at the clTRID."""

    def __init__(self, client, error=None, answer=None):
        self.inner = client
        self.error = error
        self.answer = answer
        self.given = []
        self.transport = self

    @property
    def socket(self):
        return None if self.inner is None else self.inner.socket

    def connect(self):
        self.greeting = self.inner.connect()

    def close(self):
        self.inner.close()

    def send(self, request, tr_id=None):
        self.given.append(request)
        if request.__class__.__name__ != "Login":
            if self.error is not None:
                raise self.error
            if self.answer is not None:
                return self.answer
        return self.inner.send(request, tr_id=tr_id)


@pytest.fixture
def opened(peer_server, peer_client):
    """A session logged in at a peer that then plays *script*."""

    def open_session(
        script, *, wrap=lambda client: client, context=None, send_hello=None, **policy
    ):
        server = peer_server(
            lambda peer: (peer.log_in(), script(peer)), context=context
        )
        client = wrap(peer_client(server))
        session = Session(client, login, SessionPolicy(**policy), send_hello=send_hello)
        session.start()
        return session

    return open_session


def wrong_tr_id(peer):
    peer.answer(1000, "OTHER-1")
    peer.serve()


def no_tr_id(peer):
    peer.answer(1000, None)
    peer.serve()


def garbage(peer):
    peer.read()
    peer.send(b"garbage")
    peer.serve()


def oversized(peer):
    peer.read()
    peer.write(b"\x7f\xff\xff\xff")
    peer.serve()


def greeting(peer):
    peer.read()
    peer.greet()
    peer.serve()


def middle(peer):
    peer.read()
    peer.write(b"\x00\x00\x01\x00<epp")


def stall(peer):
    peer.read()
    peer.stall()


LOSSES = [
    (lambda peer: peer.read(), ConnectionError, ExpiryReason.eof),
    (middle, EPPError, ExpiryReason.eof),
    (stall, TimeoutError, ExpiryReason.timeout),
    (garbage, EPPError, ExpiryReason.unparsable),
    (oversized, EPPError, ExpiryReason.unparsable),
    (wrong_tr_id, EPPError, ExpiryReason.wrong_tr_id),
    (no_tr_id, EPPError, ExpiryReason.wrong_tr_id),
    (greeting, EPPError, ExpiryReason.wrong_tr_id),
]
NAMES = [
    "eof",
    "mid-frame",
    "stall",
    "garbage",
    "oversized",
    "wrong",
    "none",
    "greeting",
]


@pytest.mark.parametrize(("script", "error", "reason"), LOSSES, ids=NAMES)
def test_a_safe_command_that_is_lost_raises_the_loss_itself(
    opened, script, error, reason
):
    session = opened(script, command_timeout=0.3)
    with pytest.raises(error) as caught:
        session.send(CHECK)
    assert not isinstance(caught.value, (AmbiguousOutcome, NotSent))
    assert session.ended == reason
    assert not session.ended.planned
    with pytest.raises(NotSent):
        session.send(CHECK)


@pytest.mark.parametrize(("script", "error", "reason"), LOSSES, ids=NAMES)
@pytest.mark.parametrize("command", [CREATE, PollAck("1")], ids=["create", "ack"])
def test_w1_w2_an_unsafe_command_that_is_lost_is_ambiguous(
    opened, script, error, reason, command
):
    session = opened(script, command_timeout=0.3)
    with pytest.raises(AmbiguousOutcome, match=r"MINE-1") as caught:
        session.send(command, tr_id="MINE-1")
    assert caught.value.command is command
    assert caught.value.cl_tr_ids == ("MINE-1",)
    assert isinstance(caught.value.__cause__, error)
    assert not isinstance(caught.value, OSError)
    assert "hunter" not in str(caught.value)
    assert session.ended == reason


def test_u6_a_late_answer_is_nobodys(opened, peer_response):
    late = threading.Event()

    def script(peer):
        request = peer.read()
        late.wait(5)
        peer.send(peer_response(1000, peer.tr_id_of(request)))
        peer.serve()

    session = opened(script, command_timeout=0.2)
    with pytest.raises(
        TimeoutError, match=r"no answer to domain check came within 0.2 s"
    ):
        session.send(CHECK)
    late.set()
    gevent.sleep(0.1)
    with pytest.raises(NotSent, match=r"timeout"):
        session.send(CHECK)


@pytest.mark.parametrize("timeout", [0, -1])
def test_without_time_left_nothing_is_sent_and_nothing_is_harmed(opened, timeout):
    session = opened(lambda peer: peer.serve())
    with pytest.raises(NotSent, match=r"no time was left"):
        session.send(CREATE, timeout=timeout)
    assert session.send(CREATE, timeout=5).code == 1000


def test_the_shorter_of_two_limits_holds(opened):
    session = opened(stall, command_timeout=20)
    with pytest.raises(TimeoutError, match=r"within 0.2 s"):
        session.send(CHECK, timeout=0.2)
    session = opened(stall, command_timeout=0.2)
    with pytest.raises(TimeoutError, match=r"within 0.2 s"):
        session.send(CHECK, timeout=20)


@pytest.mark.parametrize("command", [CHECK, CREATE], ids=["safe", "unsafe"])
@pytest.mark.parametrize(
    "kind", [gevent.GreenletExit, KeyboardInterrupt, gevent.Timeout]
)
def test_g1_whoever_interrupts_gets_his_own_exception_and_nobody_reads_on(
    opened, command, kind
):
    session = opened(stall)
    thrown, caught = kind(), []

    def send():
        try:
            session.send(command)
        except BaseException as error:
            caught.append(error)

    sending = gevent.spawn(send)
    gevent.sleep(0.1)
    sending.kill(thrown)
    assert caught == [thrown]
    assert session.ended == ExpiryReason.interrupted
    with pytest.raises(NotSent):
        session.send(CHECK)


def test_a_silent_timeout_of_the_caller_poisons_too(opened):
    session = opened(stall)
    with gevent.Timeout(0.1, False):
        session.send(CREATE)
    assert session.ended == ExpiryReason.interrupted


def test_a_second_greenlet_gets_not_sent_and_the_first_its_answer(opened):
    session = opened(lambda peer: (peer.stopping.wait(0.2), peer.serve()))
    first = gevent.spawn(session.send, CREATE)
    gevent.sleep(0.05)
    for use in (lambda: session.send(CHECK), session.hello):
        with pytest.raises(NotSent, match=r"in use by another greenlet"):
            use()
    session.logout(1)  # has to stand back, too
    assert first.get(timeout=5).code == 1000
    assert session.ended is None
    assert session.send(CHECK).code == 1000


def test_a_close_in_the_middle_stays_a_close(opened):
    session = opened(stall)
    sending = gevent.spawn(session.send, CHECK)
    gevent.sleep(0.05)
    session.close()
    with pytest.raises((OSError, EPPError)):
        sending.get(timeout=5)
    assert session.ended is not None


@pytest.mark.parametrize("command", [CHECK, CREATE], ids=["safe", "unsafe"])
@pytest.mark.parametrize("foreign", [False, True], ids=["native", "foreign"])
def test_a_connection_closed_before_the_command_means_not_sent(
    opened, command, foreign
):
    more = {"wrap": Foreign} if foreign else {}
    session = opened(lambda peer: None, **more)
    gevent.sleep(0.1)
    with pytest.raises(NotSent, match=r"eof"):
        session.send(command)
    assert session.ended == ExpiryReason.eof


@pytest.mark.parametrize("foreign", [False, True], ids=["native", "foreign"])
def test_stray_octets_before_the_command_mean_not_sent(opened, peer_response, foreign):
    more = {"wrap": Foreign} if foreign else {}
    session = opened(
        lambda peer: (peer.send(peer_response(2500, None)), peer.stall()), **more
    )
    gevent.sleep(0.1)
    with pytest.raises(NotSent, match=r"stray"):
        session.send(CREATE)
    assert session.ended == ExpiryReason.stray


def test_octets_that_came_together_with_an_answer_are_stray(
    opened, peer_response, peer_unit
):
    def script(peer):
        answer = peer_unit(peer_response(1000, peer.tr_id_of(peer.read())))
        peer.write(answer + answer)
        peer.serve()

    session = opened(script)
    assert session.send(CHECK).code == 1000
    with pytest.raises(NotSent, match="stray"):
        session.send(CREATE)
    assert session.ended == ExpiryReason.stray


def test_tls_1_3_session_tickets_are_no_stray_octets(opened, peer_certificates):
    context = peer_certificates.context("localhost")
    context.num_tickets = 8
    session = opened(lambda peer: peer.serve(), context=context)
    if session.client.socket.version() != "TLSv1.3":
        pytest.skip("this Python does not speak TLS 1.3, which has the tickets")
    gevent.sleep(0.05)
    for _ in range(3):
        assert session.send(CHECK).code == 1000


def test_tls_1_2_serves_as_well(opened, peer_certificates):
    context = peer_certificates.context("localhost")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    session = opened(lambda peer: peer.serve(), context=context)
    assert session.client.socket.version() == "TLSv1.2"
    assert session.send(CHECK).code == 1000
    session.hello()
    session.logout(5)
    session.close()


def test_a_foreign_client_gets_the_request_as_the_caller_gave_it(opened):
    session = opened(lambda peer: peer.serve(), wrap=Foreign)
    assert session.greeting.server_id == "Scripted peer"
    assert session.send(CREATE).code == 1000
    assert session.client.given[1] is CREATE
    assert type(session.client.given[0]) is Login


@pytest.mark.parametrize("error", [ValueError("x"), RuntimeError("x"), OSError("x")])
def test_any_error_of_a_foreign_client_counts_as_a_loss(opened, error):
    session = opened(
        lambda peer: peer.serve(), wrap=lambda client: Foreign(client, error)
    )
    with pytest.raises(AmbiguousOutcome) as caught:
        session.send(CREATE)
    assert caught.value.__cause__ is error
    assert session.ended == ExpiryReason.error
    session = opened(
        lambda peer: peer.serve(), wrap=lambda client: Foreign(client, error)
    )
    with pytest.raises(type(error)):
        session.send(CHECK)


def test_not_sent_of_a_foreign_client_stays_not_sent(opened):
    error = NotSent("nothing left")
    session = opened(
        lambda peer: peer.serve(), wrap=lambda client: Foreign(client, error)
    )
    with pytest.raises(NotSent) as caught:
        session.send(CREATE)
    assert caught.value is error
    assert session.ended == ExpiryReason.error


class Result:
    code, msg, cl_tr_id = 1000, "ok", "OTHER-1"


@pytest.mark.parametrize("answer", [object(), Result()], ids=["none", "foreign-clTRID"])
def test_e8_what_a_foreign_client_returns_is_checked(opened, answer):
    session = opened(
        lambda peer: peer.serve(), wrap=lambda client: Foreign(client, None, answer)
    )
    with pytest.raises(AmbiguousOutcome):
        session.send(CREATE)
    assert session.ended in (ExpiryReason.unparsable, ExpiryReason.wrong_tr_id)


def test_hello_of_a_foreign_client_is_the_given_function_or_nothing(opened):
    session = opened(lambda peer: peer.serve(), wrap=Foreign)
    assert not session.can_hello
    with pytest.raises(EPPError, match=r"send_hello"):
        session.hello()
    session.keep_alive()  # nothing to send, nothing to fail
    assert session.ended is None
    session = opened(
        lambda peer: peer.serve(),
        wrap=Foreign,
        send_hello=lambda client: client.inner.hello(),
    )
    assert session.hello().server_id == "Scripted peer"


@pytest.mark.parametrize("foreign", [False, True], ids=["native", "foreign"])
def test_g13_an_abandoned_session_leaves_the_wire_alone(opened, foreign):
    seen = []

    def script(peer):
        import os
        import socket

        with socket.socket(fileno=os.dup(peer.sock.fileno())) as below:
            below.settimeout(5)
            seen.append(below.recv(100))

    session = opened(script, **({"wrap": Foreign} if foreign else {}))
    session.abandon()
    assert session.ended == ExpiryReason.forked
    session.logout(1)
    with pytest.raises(NotSent):
        session.send(CHECK)
    with gevent.Timeout(5):
        while not seen:
            gevent.sleep(0.005)
    assert seen == [b""]


def test_a_plain_socket_is_looked_at_without_taking_anything():
    import socket

    from geventconnpool_ext.epp.quiet import unquiet

    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(7)
        assert unquiet(ours) is None
        assert ours.gettimeout() == 7
        theirs.send(b"x")
        assert unquiet(ours) == ExpiryReason.stray
        assert ours.recv(9) == b"x"
        theirs.close()
        assert unquiet(ours) == ExpiryReason.eof
    assert unquiet(ours) == ExpiryReason.eof
