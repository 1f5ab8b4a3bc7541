"""Risk: ping fails without a word about what is wrong and what to do.

Each test is one trouble with a real server. What ping says must name the step that
failed, what that means and a remedy; and which steps were not tried.
"""

from __future__ import annotations

import gc
import io
import json
import struct
import time
import warnings
from contextlib import suppress

import gevent
import pytest
from gevent import socket

pytest.importorskip("cryptography", reason="certificates of any date are made with it")

from cryptography import x509

from geventconnpool_ext.cli.finding import Finding
from geventconnpool_ext.cli.findings import Findings
from geventconnpool_ext.epp import Client, Login
from geventconnpool_ext.testing import Fault, FaultPlan, Limits, Registry, Server

from .asked import PASSWORD, command, serving, step, words
from .issued import Issued

NOT_TRIED_AFTER = {
    "DNS": "TCP, TLS, certificate, greeting",
    "TCP": "TLS, certificate, greeting",
    "TLS": "certificate, greeting",
    "certificate": "greeting",
    "greeting": "",
}


def failed(finished, name):
    """The words of the step that failed, after checking all that must come with it."""
    assert finished.status == 1, finished
    assert finished.err == ""
    said = step(finished, name)
    assert said.startswith("problem " + name)
    assert " why: " in said
    assert " do: " in said
    rest = NOT_TRIED_AFTER[name]
    assert ("- not tried " + rest in words(finished.out)) == bool(rest)
    assert finished.out.endswith("\n\nSomething is wrong: {}.\n".format(name))
    return said


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Issued("Authority of these tests", authority=True)
    made.file = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.file.write_bytes(made.pem)
    return made


class Own:
    """What ``Server`` wants of certificates."""

    def __init__(self, context):
        self._context = context

    def server_context(self, require_client_certificate):
        return self._context


@pytest.fixture
def showing(authority, tmp_path):
    """``showing(name, ...)``: what ping says of a registry with that certificate."""
    servers = []

    def call(name, *options, ca=authority.file, issuer=authority, **dates):
        issued = Issued(name, issuer=issuer, **dates)
        context = issued.context(tmp_path / "server.pem")
        server = Server(Registry(), certificates=Own(context))
        servers.append(server)
        server.start()
        return command("ping", "localhost", "--port", server.port, "--ca", ca, *options)

    yield call
    for server in servers:
        server.stop()


@pytest.fixture
def registry():
    """``registry(...)``: a registry of the account 'client'; returns its server."""
    servers = []

    def make(plan=None, limits=None, certificates=None, **options):
        made = Registry(
            {"client": PASSWORD}, faults=plan or FaultPlan(), limits=limits or Limits()
        )
        server = Server(made, certificates=certificates, **options)
        servers.append(server)
        server.start()
        return server

    yield make
    for server in servers:
        server.stop()
        server.certificates.close()


def ping(server, *options):
    ca = server.certificates.ca_file
    return command("ping", "localhost", "--port", server.port, "--ca", ca, *options)


# -- the certificate -------------------------------------------------------------------


def test_a_certificate_with_much_time_left_is_well(showing):
    finished = showing("localhost", ends=90)
    assert finished.status == 0
    assert step(finished, "certificate").startswith("ok certificate valid until 20")
    assert "90 days left" in step(finished, "certificate")
    assert finished.out.endswith("\n\nAll is well.\n")


def test_a_certificate_about_to_expire_is_a_warning_with_the_days_and_whom_to_tell(
    showing,
):
    finished = showing("localhost", ends=3)
    assert finished.status == 0
    said = step(finished, "certificate")
    assert said.startswith("warning certificate expires soon: until 20")
    assert "3 days left" in said
    assert "no new session comes about" in said
    assert "do: Tell the registry" in said
    assert finished.out.endswith("\n\nIt works, but look at: certificate.\n")


def test_a_warning_ends_with_1_if_strict_and_is_none_below_warn_days(showing):
    assert showing("localhost", "--strict", ends=3).status == 1
    assert showing("localhost", "--strict", "--warn-days", "3", ends=3).status == 0


def test_an_expired_certificate_is_named_with_its_date_and_this_machine_s(showing):
    said = failed(showing("localhost", begins=-9, ends=-3), "certificate")
    assert "expired on 20" in said
    assert "2 days ago" in said
    assert "machine's clock says {}".format(time.strftime("%Y", time.gmtime())) in said
    assert "Tell the registry" in said
    assert "subject: CN=localhost" in said


def test_a_certificate_not_valid_yet_is_named_with_its_date(showing):
    said = failed(showing("localhost", begins=2), "certificate")
    assert "not valid before 20" in said
    assert "Set that clock" in said


def test_a_self_signed_certificate_is_said_to_be_that(showing):
    said = failed(showing("localhost", issuer=None), "certificate")
    assert "signed by itself" in said
    assert "issuer: itself" in said
    assert "--ca" in said


def test_a_certificate_of_an_unknown_authority_names_who_signed_it(
    showing, authority, tmp_path
):
    other = Issued("Another authority", authority=True)
    path = tmp_path / "other.pem"
    path.write_bytes(other.pem)
    said = failed(showing("localhost", ca=path), "certificate")
    assert "its authority is not among those trusted here" in said
    assert "issuer: CN=Authority of these tests" in said
    assert "--ca" in said


def test_a_certificate_for_another_name_says_for_which_it_is(showing):
    finished = showing("epp.example", names=["epp.example", "::1"])
    said = failed(finished, "certificate")
    assert "not for the name localhost" in said
    assert "for: epp.example, ::1" in said
    assert "--server-name" in said
    assert step(finished, "TLS").startswith("ok TLS TLSv1.")
    assert showing("epp.example", "--server-name", "epp.example").status == 0


def test_names_that_are_no_host_s_are_left_out_of_those_it_is_for(showing):
    names = [
        x509.DNSName("localhost"),
        x509.DirectoryName(Issued("Somebody").name),
        x509.RFC822Name("somebody@registry.example"),
        "127.0.0.1",
    ]
    finished = showing("localhost", names=names)
    assert finished.status == 0, finished
    assert "for: localhost, 127.0.0.1 subject" in step(finished, "certificate")


def test_a_second_look_that_is_given_up_leaves_no_descriptor_behind(
    authority, tmp_path
):
    context = Issued("localhost", issuer=None).context(tmp_path / "server.pem")
    ended = []

    def answer(sock, address):
        if not ended:
            ended.append(None)
            with suppress(OSError):  # ping does not take the certificate
                context.wrap_socket(sock, server_side=True).close()
        elif sock.recv(4096):
            # ping gives up, and closes: there is nothing more to read.
            with gevent.Timeout(5, False):
                ended.append(sock.recv(4096))

    gc.disable()
    try:
        with serving(answer) as port, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", ResourceWarning)
            gc.collect()
            warned.clear()  # what other tests have left
            finished = command(
                *("ping", "localhost", "--port", port, "--ca", authority.file),
                *("--timeout", "0.3"),
            )
            gevent.sleep(0.1)
            gc.collect()
    finally:
        gc.enable()
    assert "signed by itself" in failed(finished, "certificate")
    assert ended == [None, b""]
    assert [str(warning.message) for warning in warned] == []


# -- our certificate -------------------------------------------------------------------


def test_a_registry_that_wants_a_certificate_of_ours_says_so(registry):
    server = registry(require_client_certificate=True)
    finished = ping(server)
    assert finished.status == 1
    said = words(finished.out)
    assert "--cert and --key" in said
    assert "wants one" in said
    files = server.certificates
    own = "--cert", files.client_certificate_file, "--key", files.client_key_file
    assert ping(server, *own).status == 0


def test_our_own_certificate_about_to_expire_is_a_warning(registry, tmp_path):
    own = Issued("client.test", ends=5).write(tmp_path / "own.pem")
    finished = ping(registry(), "--cert", own)
    assert finished.status == 0
    said = step(finished, "yours")
    assert said.startswith("warning yours expires soon")
    assert "5 days left" in said
    assert "Have a new one signed" in said


# -- on the way ------------------------------------------------------------------------


def test_a_name_without_an_address_is_a_matter_of_dns():
    finished = command("ping", "no-such-host.invalid", "--timeout", "5")
    assert finished.status == 1
    said = step(finished, "DNS")
    assert "no-such-host.invalid" in said
    assert " do: " in said
    assert "not tried TCP, TLS, certificate, greeting" in words(finished.out)


def test_a_closed_port_is_refused_and_named():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        finished = command("ping", "127.0.0.1", "--port", port)
    said = failed(finished, "TCP")
    assert "127.0.0.1, port {}: connection refused".format(port) in said
    assert "--port" in said
    assert "Ask the registry whether it is up" in said
    assert step(finished, "DNS") == "ok DNS 127.0.0.1 is an address"


def test_a_registry_that_stopped_is_refused_too(registry):
    server = registry()
    server.stop()
    assert "connection refused" in failed(ping(server), "TCP")


def test_packets_that_get_lost_are_given_up_after_the_timeout(registry):
    server = registry()
    server.stall_connects()
    began = time.monotonic()
    said = failed(ping(server, "--timeout", "0.3"), "TCP")
    assert time.monotonic() - began < 5
    assert "within 0.3 s" in said
    assert "firewall" in said


def test_a_server_without_tls_is_said_to_speak_none(authority):
    def http(sock, address):
        sock.recv(100)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(http) as port:
        said = failed(
            command("ping", "localhost", "--port", port, "--ca", authority.file), "TLS"
        )
    assert "speaks no TLS" in said
    assert "--port; EPP's port is 700" in said


@pytest.mark.parametrize(
    ("octets", "said_of_it"),
    [
        (b"220 mail.example ESMTP\r\n", "speaks no TLS"),
        (b"\x16\x03\x03\xff\xff", "speaks no TLS"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "found no common TLS: tlsv1 alert"),
        (b"\x15\x03\x03\x00\x02\x02\x70", "no server of the name that was asked for"),
        (b"\x15\x03\x03\x00\x02\x02\x6e", "failed: tlsv1 unsupported"),
        (b"\x16\x03\x03\x00\x04\x02\x00\x00\x00", "failed: length mismatch"),
        (b"", "closed by the other side during the TLS handshake"),
    ],
    ids=["text", "too-long", "version", "name", "extension", "broken", "closed"],
)
def test_a_handshake_that_fails_is_told_by_what_came(authority, octets, said_of_it):
    def answer(sock, address):
        sock.recv(4096)
        sock.sendall(octets)

    with serving(answer) as port:
        said = failed(
            command("ping", "localhost", "--port", port, "--ca", authority.file), "TLS"
        )
    assert said_of_it in said
    assert ("--server-name" in said) == ("name" in said_of_it)
    assert ("speaks no TLS" in said.partition("why:")[0]) == ("no TLS" in said_of_it)


def test_a_server_that_waits_for_plain_text_is_given_up(authority):
    with serving(lambda sock, address: gevent.sleep(60)) as port:
        said = failed(
            command(
                *("ping", "localhost", "--port", port, "--ca", authority.file),
                *("--timeout", "0.3"),
            ),
            "TLS",
        )
    assert "TLS handshake was not done within 0.3 s" in said


@pytest.mark.parametrize(
    ("fault", "step_name", "said_of_it"),
    [
        (Fault.refuse_handshake, "TLS", "found no common TLS"),
        (Fault.stall_greeting, "greeting", "may be another kind, such as HTTPS"),
        (Fault.refuse_greeting, "greeting", "closed by the other side"),
        (Fault.garbage_greeting, "greeting", "what came is no greeting"),
        (Fault.bad_greeting, "greeting", "no greeting"),
        (Fault.plain_text_greeting, "greeting", "what came is no EPP"),
        (Fault.oversized_greeting, "greeting", "what came is no EPP"),
    ],
)
def test_a_server_that_is_no_epp_server_is_said_to_be_none(
    registry, fault, step_name, said_of_it
):
    plan = FaultPlan()
    plan.next(fault)
    said = failed(ping(registry(plan), "--timeout", "1"), step_name)
    assert said_of_it in said


def test_a_connection_that_is_reset_at_once_is_told(registry):
    plan = FaultPlan()
    plan.next(Fault.refuse_connect)
    finished = ping(registry(plan))
    assert finished.status == 1
    assert "Ask the registry" in words(finished.out)


# -- the login -------------------------------------------------------------------------


@pytest.fixture
def password(monkeypatch):
    """Ping logs in with the right password, or with the one that is set."""
    monkeypatch.setenv("EPP_PASSWORD", PASSWORD)
    return lambda text: monkeypatch.setenv("EPP_PASSWORD", text)


def login_failed(finished):
    assert finished.status == 1
    assert step(finished, "greeting").startswith("ok ")
    assert "- not tried hello, logout" in words(finished.out)
    assert finished.out.endswith("Something is wrong: login.\n")
    return step(finished, "login")


def test_a_wrong_password_is_2200_and_warns_of_a_lock(registry, password):
    password("wrong-horse")
    finished = ping(registry(), "--user", "client")
    said = login_failed(finished)
    assert "refused: 2200" in said
    assert "registries lock accounts" in said
    assert "wrong-horse" not in finished.out


def test_a_locked_account_is_2501(registry, password):
    server = registry(limits=Limits(login_attempts=1, lockout=60))
    password("wrong-horse")
    ping(server, "--user", "client")
    password(PASSWORD)
    said = login_failed(ping(server, "--user", "client"))
    assert "refused: 2501" in said
    assert "the account is locked" in said


def test_too_many_sessions_are_2502_and_count_every_pool(registry, password):
    server = registry(limits=Limits(max_sessions=1))
    first = Client("localhost", server.port, ca_file=server.certificates.ca_file)
    first.connect()
    assert first.send(Login("client", PASSWORD)).code == 1000
    said = login_failed(ping(server, "--user", "client"))
    first.close()
    assert "2502: too many sessions" in said
    assert "size x workers x instances" in said


def test_a_connection_lost_at_the_login_is_told(registry, password):
    plan = FaultPlan()
    plan.on("login", fault=Fault.drop_before_read)
    said = login_failed(ping(registry(plan), "--user", "client"))
    assert "the connection was lost" in said


def test_hellos_and_logout_that_fail_are_steps_that_fail(registry, password):
    plan = FaultPlan()
    plan.on("hello", fault=Fault.response_to_hello)
    finished = ping(registry(plan), "--user", "client")
    assert finished.status == 1
    assert "hello was answered by 2400" in step(finished, "hello")
    assert "- not tried logout" in words(finished.out)
    plan = FaultPlan()
    plan.on("logout", fault=Fault.answer_2400)
    finished = ping(registry(plan), "--user", "client")
    assert finished.status == 1
    assert "2400" in step(finished, "logout")
    assert "not tried" not in finished.out


# -- what the other side says ----------------------------------------------------------

EPP = '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0">{}</epp>'
GREETING = (
    "<greeting><svID>{name}</svID><svDate>{date}</svDate><svcMenu>"
    "<version>{version}</version><lang>en</lang>"
    "<objURI>urn:ietf:params:xml:ns:domain-1.0</objURI></svcMenu>"
    "<dcp><access><all/></access><statement><purpose><prov/></purpose><recipient>"
    "<ours/></recipient><retention><stated/></retention></statement></dcp></greeting>"
)


@pytest.fixture
def saying(authority, tmp_path):
    """A registry that greets so, and answers a login with 2200 and this message."""
    context = Issued("localhost", issuer=authority).context(tmp_path / "server.pem")

    def call(*options, name="Test", date=None, version="1.0", msg="no"):
        date = date or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

        def handle(sock, address):
            greeting = GREETING.format(name=name, date=date, version=version)
            send(sock, EPP.format(greeting))
            received = sock.recv(10000)
            if b"<clTRID>" in received:
                tr_id = received.partition(b"<clTRID>")[2].partition(b"<")[0].decode()
                send(
                    sock,
                    EPP.format(
                        '<response><result code="2200"><msg>{}</msg></result><trID>'
                        "<clTRID>{}</clTRID><svTRID>1</svTRID></trID></response>"
                    ).format(msg, tr_id),
                )

        with serving(handle, context) as port:
            return command(
                *("ping", "localhost", "--port", port, "--ca", authority.file), *options
            )

    return call


def send(sock, text):
    message = text.encode("utf-8")
    sock.sendall(struct.pack("!I", len(message) + 4) + message)


def test_a_clock_that_differs_is_a_warning_with_the_seconds(saying):
    now = time.time()
    date = time.strftime("%Y-%m-%dT%H:%M:%S.0Z", time.gmtime(now + 600))
    said = step(saying(date=date), "greeting")
    assert said.startswith("warning greeting")
    assert "s after ours" in said
    assert "this machine's clock first" in said
    # The same moment, told in another zone.
    date = time.strftime("%Y-%m-%dT%H:%M:%S+01:00", time.gmtime(now + 3600))
    assert step(saying(date=date), "greeting").startswith("ok greeting")
    assert step(saying(date="yesterday"), "greeting").startswith("ok greeting")


def test_a_registry_that_does_not_speak_epp_1_0_is_a_warning(saying):
    said = step(saying(version="2.0"), "greeting")
    assert said.startswith("warning greeting")
    assert "does not offer EPP 1.0" in said


def test_a_password_that_the_registry_repeats_is_hidden(saying, password):
    echo = "no {} here".format(PASSWORD)
    finished = saying("--user", "client", msg=echo)
    assert "2200 no (hidden) here" in step(finished, "login")
    finished = saying("--user", "client", "--json", msg=echo)
    assert "2200 no (hidden) here" in finished.out


def test_a_password_is_hidden_in_whatever_spaces_it_is_repeated(saying, password):
    spaced = "wrong   horse\there"
    password(spaced)
    for echo in (spaced, "wrong horse here"):
        for options in ((), ("--json",)):
            finished = saying("--user", "client", *options, msg=echo)
            assert "2200 (hidden)" in finished.out
            assert "horse" not in finished.out


@pytest.mark.parametrize("field", ["what", "why", "action"])
def test_a_password_is_hidden_in_each_field_of_a_finding(field):
    out = io.StringIO()
    findings = Findings(["login"], out, None, PASSWORD)
    findings.add(Finding("login", "ok", "")._replace(**{field: "is " + PASSWORD}))
    assert findings.finish(strict=False) == 0
    assert json.loads(out.getvalue())["steps"][0][field] == "is (hidden)"


def test_a_password_of_spaces_alone_hides_no_other_text():
    out = io.StringIO()
    findings = Findings(["login"], out, None, " " * 6)
    findings.add(Finding("login", "ok", "accepted"))
    findings.finish(strict=False)
    assert json.loads(out.getvalue())["steps"][0]["what"] == "accepted"


def test_long_and_foreign_names_stay_within_80_columns(saying):
    name = " ".join(["Registry-of-the-far-far-away"] * 9)
    assert "far-away" in saying(name=name).out


# -- for programs ----------------------------------------------------------------------


def test_a_failure_as_json_is_one_object_with_the_step_and_what_was_not_tried():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        finished = command("ping", "127.0.0.1", "--port", port, "--json")
    assert finished.status == 1
    found = json.loads(finished.out)
    assert found["verdict"] == "problem"
    assert found["failed"] == "TCP"
    assert found["not_tried"] == ["TLS", "certificate", "greeting"]
    assert [entry["name"] for entry in found["steps"]] == ["DNS", "TCP"]
    assert found["steps"][1]["level"] == "problem"
    assert found["steps"][1]["action"]
    assert found["steps"][1]["ms"] > 0
