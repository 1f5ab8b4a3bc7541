"""Risk: the registry alone is not the one that was asked for, or can't be stopped."""

from __future__ import annotations

import signal

import pytest
from gevent import socket

from geventconnpool_ext.epp import CheckDomain, Client, EPPError, Login, Logout

from .processes import finish, run, start


class Serving:
    """A process that serves, once it has said so."""

    def __init__(self, *arguments, **variables):
        self.process = start("serve", "--port", "0", *arguments, **variables)
        self.said = {}
        for line in self.process.stdout:
            name, _, value = line.decode("utf-8").strip().rpartition(" ")
            self.said[name] = value
            if name == "listening on":
                break
        else:
            raise AssertionError(finish(self.process).err)
        self.port = int(value.rpartition(":")[2])

    def client(self, **options):
        options.setdefault("ca_file", self.said["CA certificate:"])
        client = Client("localhost", self.port, **options)
        client.connect()
        return client

    def login(self, name, password):
        client = self.client()
        code = client.send(Login(name, password)).code
        return client, code

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return finish(self.process)


@pytest.fixture
def serving():
    """A function that starts one; what still runs in the end is killed."""
    started = []

    def begin(*arguments, **variables):
        started.append(Serving(*arguments, **variables))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        one.process.stdout.close()
        one.process.stderr.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_a_signal_stops_it_cleanly(serving, how):
    registry = serving()
    client, code = registry.login("client", "password")
    assert code == 1000
    finished = registry.stop(how)
    assert finished.status == 0
    assert finished.err == ""
    assert "1 logins" in finished.out
    # Its last word was a close_notify, not a reset.
    assert client.socket.recv(1) == b""
    client.close()


def test_the_authority_s_certificate_is_written_where_it_was_asked_for(
    serving, tmp_path
):
    file = tmp_path / "authority.pem"
    registry = serving("--ca-out", str(file))
    assert registry.said["CA certificate:"] == str(file)
    client = registry.client(ca_file=str(file))
    client.close()
    registry.stop()
    assert file.exists(), "what was asked for outlives the process"


def test_accounts_come_from_options_the_environment_and_a_file(serving, tmp_path):
    file = tmp_path / "users"
    file.write_text("third:secret:3\n\n", encoding="utf-8")
    registry = serving(
        "--user",
        "first:secret1",
        "--user",
        "second",
        "--users-file",
        str(file),
        EPP_PASSWORD="secret2",
    )
    for name, password, code in (
        ("first", "secret1", 1000),
        ("second", "secret2", 1000),
        ("third", "secret:3", 1000),
        ("client", "password", 2200),
    ):
        client, answered = registry.login(name, password)
        client.close()
        assert (name, answered) == (name, code)


def test_the_limits_are_those_of_the_options(serving):
    registry = serving(
        "--max-sessions", "1", "--max-commands", "2", "--login-attempts", "1"
    )
    first, code = registry.login("client", "password")
    assert code == 1000
    second, code = registry.login("client", "password")
    assert code == 2502
    for _ in range(2):
        assert first.send(CheckDomain("a.example")).code == 1000
    assert first.socket.recv(1) == b"", "the third command is one too many"
    third, code = registry.login("client", "wrong-password")
    assert code == 2501, "the first wrong password locks the account"
    for client in (first, second, third):
        client.close()


def test_a_client_certificate_can_be_required(serving):
    registry = serving("--require-client-certificate")
    client = registry.client(
        cert_file=registry.said["client certificate:"],
        key_file=registry.said["client key:"],
    )
    assert client.send(Login("client", "password")).code == 1000
    assert client.send(Logout()).code == 1500
    client.close()
    with pytest.raises((EPPError, OSError)):
        registry.client()


def test_a_port_that_is_taken_is_an_error_that_names_it():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = str(taken.getsockname()[1])
        finished = run("serve", "--port", port)
    assert finished.status == 1
    assert "cannot listen on 127.0.0.1:" + port in finished.err
    assert "Traceback" not in finished.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--user", "ab:secret1"], "3 to 16 characters"),
        (["--user", "client:short"], "password of 6 to 16 characters"),
        (["--user", "client"], "EPP_PASSWORD"),
        (["--users-file", "absent"], "cannot read 'absent'"),
        (["--ca-out", "absent/authority.pem"], "cannot write 'absent/authority.pem'"),
    ],
)
def test_what_it_cannot_use_is_an_error_before_it_serves(arguments, says):
    finished = run("serve", "--port", "0", *arguments)
    assert finished.status == 1
    assert finished.out == ""
    assert arguments[0] in finished.err
    assert says in finished.err
    assert "short" not in finished.err
