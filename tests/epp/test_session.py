"""A session logs in, sends, and says when and why it is of no more use."""

from __future__ import annotations

import logging

import gevent
import pytest

from geventconnpool_ext.epp.commands import (
    CheckDomain,
    CreateDomain,
    Hello,
    InfoDomain,
    Login,
    Logout,
    PollRequest,
)
from geventconnpool_ext.epp.errors import EPPError, LoginRejected, NotSent, SessionLimit
from geventconnpool_ext.epp.hooks import EPPHooks, ExpiryReason
from geventconnpool_ext.epp.policy import SessionPolicy
from geventconnpool_ext.epp.session import Session

CHECK = CheckDomain("a.example")
CREATE = CreateDomain("a.example", auth_info="hunter44")


def login():
    return Login("client", "hunter22")


class Recorder(EPPHooks):
    def __init__(self):
        self.calls = []

    def greeted(self, session, greeting):
        self.calls.append(("greeted", session, greeting.server_id))

    def logged_in(self, session, answer):
        self.calls.append(("logged_in", session, answer.code))

    def login_failed(self, error):
        self.calls.append(("login_failed", type(error)))

    def kept_alive(self, session):
        self.calls.append(("kept_alive", session))


class Clock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time


@pytest.fixture
def opened(peer_server, peer_client):
    """A session logged in at a peer that then plays *script*."""

    def open_session(script, *, hooks=None, clock=None, **policy):
        server = peer_server(lambda peer: (peer.log_in(), script(peer)))
        session = Session(
            peer_client(server),
            login,
            SessionPolicy(**policy),
            hooks,
            now=clock or Clock(),
        )
        session.start()
        return session

    return open_session


def test_start_connects_logs_in_and_tells_the_hooks(peer_server, peer_client):
    server = peer_server(lambda peer: (peer.log_in(), peer.serve()))
    hooks, clock = Recorder(), Clock()
    session = Session(peer_client(server), login, SessionPolicy(), hooks, now=clock)
    assert "not started" in repr(session)
    answer = session.start()
    assert answer.code == 1000
    assert session.login_answer is answer
    assert session.greeting.server_id == "Scripted peer"
    assert hooks.calls == [
        ("greeted", session, "Scripted peer"),
        ("logged_in", session, 1000),
    ]
    assert session.opened_at == session.last_exchange_at == session.probed_at == 100
    assert session.ended is None
    assert "ready" in repr(session)
    assert session.commands == 0
    assert b"<pw>hunter22</pw>" in server.connections[0].seen[0]
    with pytest.raises(EPPError, match=r"starts once"):
        session.start()
    assert session.send(CHECK).code == 1000


def test_every_session_has_its_own_number_and_login(peer_server, peer_client):
    server = peer_server(lambda peer: (peer.log_in(), peer.serve()))
    made = []

    def fresh():
        made.append(Login("client", f"password-{len(made)}"))
        return made[-1]

    sessions = [Session(peer_client(server), fresh) for _ in range(2)]
    for session in sessions:
        session.start()
    assert sessions[0].number != sessions[1].number
    assert sorted(c.seen[0].count(b"password-1") for c in server.connections) == [0, 1]


@pytest.mark.parametrize(
    ("code", "tr_id", "error", "reason"),
    [
        (2200, "", LoginRejected, ExpiryReason.login),
        (2501, "", LoginRejected, ExpiryReason.login),
        (2501, None, LoginRejected, ExpiryReason.login),
        (2502, "", SessionLimit, ExpiryReason.login),
        (2502, None, SessionLimit, ExpiryReason.login),
        (2400, "", EPPError, ExpiryReason.unparsable),
        (1001, "", EPPError, ExpiryReason.unparsable),
        (1000, "OTHER-1", EPPError, ExpiryReason.wrong_tr_id),
        (1000, None, EPPError, ExpiryReason.wrong_tr_id),
    ],
)
def test_w3_a_refused_login_says_what_it_was_and_closes(
    peer_server, peer_client, code, tr_id, error, reason
):
    closed = []

    def script(peer):
        peer.greet()
        peer.answer(code, tr_id, "reason")
        closed.append(peer.wait_for_end())

    hooks = Recorder()
    session = Session(peer_client(peer_server(script)), login, SessionPolicy(), hooks)
    with pytest.raises(error) as caught:
        session.start()
    assert type(caught.value) is error or error is EPPError
    if error is LoginRejected:
        assert (caught.value.code, caught.value.msg) == (code, "reason")
    assert "hunter" not in str(caught.value)
    assert session.ended == reason
    assert hooks.calls[1:] == [("login_failed", type(caught.value))]
    with gevent.Timeout(5):
        while not closed:
            gevent.sleep(0.005)
    with pytest.raises(NotSent):
        session.send(CHECK)


@pytest.mark.parametrize("greeted", [True, False])
def test_connect_timeout_bounds_connect_and_login(peer_server, peer_client, greeted):
    server = peer_server(lambda peer: (greeted and peer.greet(), peer.stall()))
    hooks = Recorder()
    policy = SessionPolicy(connect_timeout=1.0)
    session = Session(peer_client(server), login, policy, hooks)
    with pytest.raises(TimeoutError, match=r"within 1 s"):
        session.start()
    assert session.ended == ExpiryReason.timeout
    assert session.client.socket is None
    assert (("login_failed", TimeoutError) in hooks.calls) is greeted


@pytest.mark.parametrize("wrong", [CHECK, None, b"garbage", Hello()])
def test_what_login_returns_must_be_a_login(peer_server, peer_client, wrong):
    server = peer_server(lambda peer: (peer.log_in(), peer.serve()))
    session = Session(peer_client(server), lambda: wrong)
    with pytest.raises((TypeError, ValueError)):
        session.start()
    assert not server.connections
    assert session.ended == ExpiryReason.error


@pytest.mark.parametrize("moment", ["greeting", "login"])
def test_a_kill_while_starting_closes_the_connection(peer_server, peer_client, moment):
    there, closed = [], []

    def script(peer):
        if moment == "login":
            peer.greet()
            peer.read()
        there.append(peer)
        closed.append(peer.wait_for_end())

    def until(happened):
        with gevent.Timeout(5):
            while not happened:
                gevent.sleep(0.005)

    session = Session(peer_client(peer_server(script)), login)
    starting = gevent.spawn(session.start)
    until(there)
    starting.kill()
    assert session.ended == ExpiryReason.interrupted
    until(closed)


def test_a_client_without_the_three_methods_is_refused():
    with pytest.raises(TypeError, match=r"connect\(\)"):
        Session(object(), login)


def test_an_answer_is_returned_whatever_its_code(opened):
    clock = Clock()
    session = opened(
        lambda peer: (peer.answer(2303), peer.answer(2400), peer.serve()), clock=clock
    )
    clock.time = 110.0
    assert session.send(CHECK).code == 2303
    assert (session.last_exchange_at, session.probed_at) == (110, 110)
    clock.time = 120.0
    assert session.send(CREATE, tr_id="MINE-1").cl_tr_id == "MINE-1"
    assert (session.last_exchange_at, session.probed_at) == (120, 110)
    assert session.ended is None
    assert session.commands == 2


@pytest.mark.parametrize("code", [1500, 2500, 2501, 2502])
def test_g4_an_answer_that_ends_the_session_is_returned_and_ends_it(opened, code):
    session = opened(lambda peer: (peer.answer(code), peer.serve()))
    assert session.send(CREATE).code == code
    assert session.ended == ExpiryReason.server_ended
    assert not session.refused
    with pytest.raises(NotSent, match=r"server_ended"):
        session.send(CHECK)


@pytest.mark.parametrize(
    ("command", "code", "gone"),
    [
        (CHECK, 2002, True),
        (CREATE, 2002, True),
        (CHECK, 2200, True),
        (CREATE, 2200, False),
        (InfoDomain("a.example", auth_info="hunter55"), 2200, False),
        (CHECK, 2201, False),
    ],
)
def test_g5_a_logged_out_session_is_told_from_a_refused_command(
    opened, command, code, gone
):
    session = opened(lambda peer: (peer.answer(code), peer.serve()))
    assert session.send(command).code == code
    assert session.refused is gone
    assert session.ended == (ExpiryReason.session_gone if gone else None)


def test_the_policy_decides_what_means_gone(opened):
    seen = []

    def gone(command, answer):
        seen.append((command, answer.code))
        return answer.code == 2308

    session = opened(
        lambda peer: (peer.answer(2002), peer.answer(2308)), session_gone=gone
    )
    session.send(CHECK)
    assert not session.refused
    session.send(CHECK)
    assert session.refused
    assert seen == [(CHECK, 2002), (CHECK, 2308)]


def test_a_predicate_that_raises_costs_the_session_not_the_answer(opened, caplog):
    session = opened(
        lambda peer: peer.serve(), session_gone=lambda command, answer: 1 / 0
    )
    assert session.send(CREATE).code == 1000
    assert session.ended == ExpiryReason.error
    assert "session_gone raised" in caplog.text


def test_max_commands_ends_a_session_that_can_still_log_out(opened):
    session = opened(lambda peer: peer.serve(), max_commands=2)
    session.hello()
    session.send(CHECK)
    assert session.ended is None
    assert session.send(CHECK).code == 1000
    assert session.ended == ExpiryReason.max_commands
    assert session.ended.planned
    with pytest.raises(NotSent, match=r"max_commands"):
        session.send(CHECK)
    session.logout(5)
    assert session.ended == ExpiryReason.max_commands


@pytest.mark.parametrize("bad", [login(), Logout(), Hello(), "garbage", b""])
def test_a_request_that_is_not_for_send_harms_nothing(opened, bad):
    session = opened(lambda peer: peer.serve())
    with pytest.raises(ValueError, match=r"not for send|the request is"):
        session.send(bad)
    with pytest.raises(TypeError):
        session.send(None)
    assert session.ended is None
    assert session.send(CHECK).code == 1000


def test_hello_and_the_probe_keep_a_session_alive(opened):
    hooks, clock, seen = Recorder(), Clock(), []

    def script(peer):
        seen.append(peer)
        peer.serve()

    def verbs():
        return ["hello" if b"hello" in r else "probe" for r in seen[0].seen[1:]]

    session = opened(
        script,
        hooks=hooks,
        clock=clock,
        probe=CHECK,
        probe_interval=50,
        hello_interval=40,
    )
    clock.time = 145.0
    session.keep_alive()
    assert verbs() == ["hello"]
    clock.time = 150.0
    assert session.probe_due()
    session.keep_alive()  # so soon after the hello, the probe alone says more
    assert verbs() == ["hello", "probe"]
    assert session.probed_at == session.last_exchange_at == 150
    assert not session.probe_due()
    clock.time = 200.0
    session.keep_alive()
    assert verbs() == ["hello", "probe", "hello", "probe"]
    assert [call[0] for call in hooks.calls].count("kept_alive") == 3


def test_a_session_idle_for_too_long_expires_instead_of_being_kept_alive(opened):
    clock, hooks = Clock(), Recorder()
    session = opened(
        lambda peer: peer.serve(), clock=clock, hooks=hooks, idle_timeout=60
    )
    clock.time = 160.0
    session.keep_alive()
    assert session.ended == ExpiryReason.idle_timeout
    assert session.ended.planned
    assert "kept_alive" not in [call[0] for call in hooks.calls]


def test_a_refusal_is_the_callers_answer_if_the_probe_then_succeeds(opened):
    session = opened(lambda peer: (peer.answer(2200), peer.serve()), probe=CHECK)
    assert session.send(PollRequest()).code == 2200
    assert session.ended is None
    assert not session.refused


@pytest.mark.parametrize("probed", [2002, 2500, "garbage", "eof"])
def test_a_refusal_ends_the_session_if_the_probe_then_fails(opened, probed):
    def script(peer):
        peer.answer(2002)
        if probed == "garbage":
            peer.read()
            peer.send(b"garbage")
            peer.serve()
        elif probed != "eof":
            peer.answer(probed)
            peer.serve()

    session = opened(script, probe=CHECK)
    assert session.send(CREATE).code == 2002
    assert session.refused


def test_a_refusal_is_believed_to_be_the_commands_where_the_login_is_recent(opened):
    session = opened(lambda peer: (peer.answer(2002), peer.serve()))
    assert session.send(CREATE, believe_login=True).code == 2002
    assert session.ended is None


def test_a_worn_session_can_still_be_used(opened):
    session = opened(lambda peer: peer.serve(), max_commands=100)
    assert session.worn is None
    session.commands = 99
    session.send(CHECK)
    assert session.worn == ExpiryReason.max_commands


def test_g5_the_probe_finds_the_logout_that_hello_cannot(opened, peer_response):
    def script(peer):
        peer.read()
        peer.greet()
        peer.answer(2002)
        peer.stall()

    hooks = Recorder()
    session = opened(script, hooks=hooks, probe=lambda: CHECK, probe_interval=1)
    session.hello()
    assert session.ended is None
    with pytest.raises(EPPError, match=r"answered by 2002"):
        session.probe()
    assert session.ended == ExpiryReason.session_gone
    assert "kept_alive" not in [call[0] for call in hooks.calls]


def test_a_lost_probe_is_an_epp_error(opened):
    session = opened(lambda peer: peer.read(), probe=CHECK)
    with pytest.raises(EPPError, match=r"probe") as caught:
        session.probe()
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert session.ended == ExpiryReason.eof


def test_a_probe_that_reaches_max_commands_has_not_failed(opened):
    session = opened(lambda peer: peer.serve(), probe=CHECK, max_commands=1)
    assert session.probe().code == 1000
    assert session.ended == ExpiryReason.max_commands


def test_without_a_probe_there_is_nothing_to_probe_with(opened):
    session = opened(lambda peer: peer.serve())
    assert not session.probe_due()
    with pytest.raises(ValueError, match=r"policy\.probe"):
        session.probe()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (2002, ExpiryReason.session_gone),
        (2500, ExpiryReason.server_ended),
        (1000, ExpiryReason.unparsable),
    ],
)
def test_e11_a_response_to_hello_ends_the_session_for_what_it_says(
    opened, peer_response, code, reason
):
    session = opened(lambda peer: (peer.read(), peer.send(peer_response(code, None))))
    with pytest.raises(EPPError, match=str(code)):
        session.hello()
    assert session.ended == reason


def test_a_timed_out_hello_finishes_the_session(opened):
    session = opened(lambda peer: (peer.read(), peer.stall()), command_timeout=0.2)
    with pytest.raises(TimeoutError, match=r"no answer to hello came within 0.2 s"):
        session.hello()
    assert session.ended == ExpiryReason.timeout
    with pytest.raises(NotSent):
        session.hello()


def test_logout_waits_for_1500_and_close_closes(opened):
    seen = []

    def script(peer):
        try:
            peer.serve()
        finally:
            seen.extend(peer.seen)

    session = opened(script)
    session.logout(5)
    assert session.ended == ExpiryReason.closed
    with pytest.raises(NotSent):
        session.send(CHECK)
    session.logout(5)
    session.close()
    session.close()
    with gevent.Timeout(5):
        while not seen:
            gevent.sleep(0.005)
    assert [b"<logout" in request for request in seen] == [False, True]


@pytest.mark.parametrize(
    "script",
    [
        lambda peer: (peer.read(), peer.stall()),
        lambda peer: peer.read(),
        lambda peer: (peer.read(), peer.send(b"garbage"), peer.stall()),
        lambda peer: None,
    ],
)
def test_a_logout_that_fails_is_bounded_and_raises_nothing(opened, script):
    session = opened(script)
    session.logout(0.2)
    assert session.ended is not None
    session.close()


def test_somebody_elses_timeout_ends_a_logout(opened):
    session = opened(lambda peer: (peer.read(), peer.stall()))
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.1):
        session.logout(10)


def test_expire_keeps_the_first_reason_and_what_is_sent_already(opened):
    session = opened(lambda peer: (peer.stopping.wait(0.2), peer.serve()))
    sending = gevent.spawn(session.send, CREATE)
    gevent.sleep(0.05)
    assert session.ended == ExpiryReason.interrupted  # so far
    session.expire(ExpiryReason.max_age)
    session.expire(ExpiryReason.idle_timeout)
    assert sending.get(timeout=5).code == 1000
    assert session.ended == ExpiryReason.max_age
    assert "ended: max_age" in repr(session)


def test_hooks_that_raise_disturb_nothing(opened, caplog):
    class Broken(EPPHooks):
        def greeted(self, session, greeting):
            raise ValueError("broken")

        def logged_in(self, session, answer):
            raise ValueError("broken")

        def kept_alive(self, session):
            raise ValueError("broken")

    session = opened(lambda peer: peer.serve(), hooks=Broken())
    session.keep_alive()
    assert session.ended is None
    assert caplog.text.count("raised") == 3


def test_e13_nothing_that_a_session_logs_or_shows_holds_a_secret(opened, caplog):
    caplog.set_level(logging.DEBUG)
    session = opened(lambda peer: (peer.answer(), peer.read()))
    session.send(CREATE)
    with pytest.raises(EPPError) as caught:
        session.send(CREATE)
    session.logout(1)
    session.close()
    assert "hunter" not in caplog.text + repr(session) + str(caught.value)


def test_poll_and_requests_as_text_can_be_sent(opened):
    session = opened(lambda peer: peer.serve())
    assert session.send(PollRequest()).code == 1000
    assert session.send(PollRequest().xml().decode()).code == 1000
