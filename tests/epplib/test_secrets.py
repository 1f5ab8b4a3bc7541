"""No password, authInfo or key in a log, an error or a repr (E13).

The watch over the whole suite looks on as well, at every logger at every level.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from epplib import commands, models
from epplib.exceptions import EpplibException, ParsingError, TransportError

from geventconnpool_ext.epp import EPPError, EPPHooks, PollRequest
from geventconnpool_ext.epp.epplib import Client, EpplibPool, Transport, client_factory
from geventconnpool_ext.epp.requests import prepare
from geventconnpool_ext.testing import Fault, Registry

from .commands import EXTENSIONS, OBJECTS

PASSWORD, NEW, AUTH, OTHER, WRONG = SECRETS = [
    "Hunter2Password",
    "NewPassword77",
    "DomainSecret1",
    "OtherSecret22",
    "Wr0ngPassword",
]

FAULTS = [
    Fault.drop_before_read,
    Fault.reset_after_execute,
    Fault.close_in_frame,
    Fault.garbage,
    Fault.plain_text,
    Fault.oversized_length,
    Fault.wrong_cl_tr_id,
    Fault.answer_2400,
    Fault.answer_2500,
    Fault.silent_logout,
]


def login():
    return commands.Login("client", PASSWORD, OBJECTS, ext_uris=EXTENSIONS)


def with_secrets():
    """A request of each kind that carries a secret."""
    secret = models.DomainAuthInfo(AUTH)
    yield commands.CreateDomain("new.example", None, auth_info=secret)
    yield commands.InfoDomain("own.example", auth_info=models.DomainAuthInfo(OTHER))
    yield commands.TransferDomain("own.example", models.DomainAuthInfo(OTHER))
    yield commands.UpdateDomain("own.example", auth_info=secret)
    yield commands.InfoContact("own-contact", models.ContactAuthInfo(OTHER))
    yield commands.SendAuthInfoDomain("own.example")


class Seen(EPPHooks):
    """Every text that anybody could come to see."""

    def __init__(self):
        self.texts = []

    def thing(self, *things):
        for thing in things:
            self.texts += [repr(thing), str(thing)]

    def error(self, error):
        while error is not None:
            self.texts += [str(error), repr(error), repr(error.args)]
            self.texts += traceback.format_exception(
                type(error), error, error.__traceback__
            )
            for name, value in vars(error).items():
                # A caller's own request comes back to him as he gave it.
                if name != "command":
                    self.texts.append(repr(value))
            assert not isinstance(error, ParsingError), "it quotes the whole answer"
            error = error.__cause__ or error.__context__

    def greeted(self, session, greeting):
        client = session.client
        self.thing(session, greeting, client, client.transport, vars(client))
        self.thing(vars(client.transport), vars(client.transport._channel))

    def logged_in(self, session, answer):
        self.thing(session, answer)

    def login_failed(self, error):
        self.error(error)

    def connect_failed(self, error):
        self.error(error)

    def ping_failed(self, connection, error):
        self.error(error)

    def assert_clean(self, *more):
        for text in (*self.texts, *more):
            for secret in SECRETS:
                assert secret not in text


@pytest.fixture
def seen(caplog):
    caplog.set_level(1)
    return Seen()


@pytest.fixture
def registry(plan):
    made = Registry({"client": PASSWORD}, faults=plan)
    made.add_domain("own.example", auth_info=AUTH)
    return made


def test_no_secret_is_seen_whatever_fails(
    make_pool, plan, registry, seen, caplog, kind
):
    pool = make_pool(kind=kind, login=login, hooks=seen, command_timeout=1)
    seen.thing(pool, pool.policy)
    for fault in [None, *FAULTS]:
        for request in with_secrets():
            plan.clear()
            if fault is not None:
                plan.next(fault)
            try:
                seen.thing(pool.send(request).msg)
            except EPPError as error:
                seen.error(error)
    seen.thing(pool, pool.stats())
    pool.close()
    seen.assert_clean(caplog.text)
    assert "<ns0:pw>***</ns0:pw>" in caplog.text
    assert {record.name for record in caplog.records} == {"geventconnpool_ext"}


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
def test_no_secret_is_seen_of_a_login(make_pool, seen, caplog, password):
    def change():
        return commands.Login("client", password, OBJECTS, new_pw=NEW)

    pool = make_pool(login=change, hooks=seen)
    for _ in range(2):
        try:
            seen.thing(pool.send(PollRequest()))
        except EPPError as error:
            seen.error(error)
    pool.close()
    seen.assert_clean(caplog.text)


UNREADABLE = (
    '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="1000">'
    '<msg>ok</msg></result><resData><d:infData xmlns:d="urn:ietf:params:xml:ns:'
    'domain-1.0"><d:name>own.example</d:name><d:crDate>no date</d:crDate>'
    "<d:authInfo><d:pw>{}</d:pw></d:authInfo></d:infData></resData>"
    "<trID><clTRID>{}</clTRID><svTRID>S-1</svTRID></trID></response></epp>"
)


def test_what_epplib_cannot_read_is_told_without_its_content(
    peer_server, peer_certificates, seen, caplog
):
    """epplib's own error holds the answer, in its text and for a debugger."""
    answer_class = commands.InfoDomain.response_class

    def script(peer):
        peer.greet()
        tr_id = peer.tr_id_of(peer.read())
        peer.send(UNREADABLE.format(AUTH, tr_id).encode())

    transport = Transport(
        "localhost", peer_server(script).port, ca=peer_certificates.ca_file
    )
    told = r"InfoDomainResult raised"
    with Client(transport) as client, pytest.raises(
        TransportError, match=told
    ) as caught:
        client.send(commands.InfoDomain("own.example"))
    assert isinstance(caught.value, EPPError)
    seen.error(caught.value)
    seen.assert_clean(caplog.text)
    # So that this can fail. Not by pytest.raises: what it catches is watched.
    with contextlib.suppress(EpplibException):
        answer_class.parse(UNREADABLE.format("x", "y").encode())
        pytest.fail("epplib can read it")


def test_keys_and_passwords_of_keys_are_in_no_error_and_no_repr(
    certificates, seen, caplog
):
    key = Path(certificates.client_key_file).read_bytes()
    certificate = Path(certificates.client_certificate_file).read_bytes()
    lines = [line.decode() for line in key.splitlines()[1:-1]]
    right = {"cert": certificate, "key": key}
    for options in (
        {"key": key},
        {"cert": key},
        {"cert": certificate},
        {"cert": certificate, "key": key[:200]},
        {"cert": certificate, "key": key.decode()},
        {"cert": certificate.decode() + key.decode()},
        {"cert": certificate, "key": bytearray(key)[:200]},
        {"cert": certificate, "key": [key]},
        {"ca": key},
        {**right, "password": PASSWORD.encode()},
        {**right, "port": key},
        {**right, "server_name": key},
    ):
        for make in (Transport, client_factory):
            with pytest.raises((TypeError, ValueError)) as caught:
                make("localhost", **options)
            seen.error(caught.value)
        with pytest.raises((TypeError, ValueError)) as caught:
            EpplibPool("localhost", login, 1, **options)
        seen.error(caught.value)
    transport = Transport("localhost", **right)
    seen.thing(transport, vars(transport), vars(transport._channel), Client(transport))
    seen.assert_clean(caplog.text)
    for text in seen.texts:
        assert not any(line in text for line in lines), text


def test_a_malformed_request_is_refused_without_its_content(
    make_pool, registry, seen, caplog
):
    good = prepare(next(with_secrets()), "MINE-1").data
    pool = make_pool(login=login)
    transport = Transport("localhost", verify=False)
    for bad in (good[:-9], good + good, good.replace(b"epp-1.0", b"epp-9"), {AUTH: 1}):
        with pytest.raises((TypeError, ValueError)) as caught:
            pool.send(bad)
        seen.error(caught.value)
        with pytest.raises((TypeError, ValueError)) as caught:
            transport.send(bad)
        seen.error(caught.value)
    seen.assert_clean(caplog.text)
    assert registry.record.executed(verb="create") == []


PROGRAM = """
import logging, sys
from geventconnpool_ext.epp.epplib_namespaces import use_ietf_namespaces
use_ietf_namespaces()
import epplib.client
from epplib.commands import Login
from epplib.transport import SocketTransport
from geventconnpool_ext.epp.epplib import Client, Transport

logging.basicConfig(level=1)
if sys.argv[2] == "epplib":
    client = epplib.client.Client(
        SocketTransport("localhost", int(sys.argv[1]), verify=False))
else:
    client = Client(Transport("localhost", int(sys.argv[1]), verify=False))
with client:
    client.send(Login("client", "hunter22", [], new_pw="hunter33"))
"""


@pytest.mark.parametrize("which", ["epplib", "ours"])
def test_the_log_of_a_program_at_debug(peer_server, which):
    """A process of its own, since epplib's does show it."""
    server = peer_server(lambda peer: (peer.greet(), peer.serve()))
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(server.port), which],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert finished.returncode == 0, finished.stderr
    assert "clID" in finished.stderr
    assert ("hunter" in finished.stderr) == (which == "epplib")
