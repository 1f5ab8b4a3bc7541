"""Risk: ping says that all is well when it is not, or leaves its user guessing."""

from __future__ import annotations

import json

from gevent import socket

from geventconnpool_ext.testing import Registry, Server

from .processes import run

DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
SECRET = "correct-horse"


def failure(finished):
    """The one line of a command that failed, after checking that it is one."""
    assert finished.status == 1, finished
    (line,) = finished.err.splitlines()
    assert line.startswith("geventconnpool-ext: error: ")
    assert SECRET not in line
    return line


def test_without_credentials_it_shows_tls_certificate_and_greeting(ping):
    finished = ping()
    assert finished.status == 0, finished.err
    assert "TLSv1." in finished.out
    assert "days left" in finished.out
    assert "Registry to test against" in finished.out
    assert DOMAIN in finished.out
    assert "login" not in finished.out
    assert "\x1b" not in finished.out
    assert max(map(len, finished.out.splitlines())) <= 80


def test_with_credentials_it_logs_in_times_hellos_and_logs_out(ping, server):
    before = server.registry.counters()
    finished = ping("--user", "client", "--hellos", "3", EPP_PASSWORD=SECRET)
    assert finished.status == 0, finished.err
    for step in ("login", "hello", "median", "logout"):
        assert step in finished.out
    after = server.registry.counters()
    assert after.logins - before.logins == 1
    assert after.hellos - before.hellos == 3
    assert after.ended.get("logout", 0) - before.ended.get("logout", 0) == 1


def test_as_json_it_writes_one_object_and_nothing_else(ping):
    finished = ping("--user", "client", "--json", EPP_PASSWORD=SECRET)
    assert finished.status == 0, finished.err
    found = json.loads(finished.out)
    assert found["tls"]["version"].startswith("TLSv1.")
    assert found["certificate"]["days_left"] > 0
    assert "localhost" in found["certificate"]["names"]
    assert found["greeting"]["versions"] == ["1.0"]
    assert DOMAIN in found["greeting"]["services"]
    hello = found["hello_ms"]
    assert hello["count"] == 5
    assert hello["min"] <= hello["median"] <= hello["max"]
    assert found["login_ms"] > 0
    assert found["logout_ms"] > 0


def test_the_password_may_be_in_a_file(ping, tmp_path):
    file = tmp_path / "password"
    file.write_text(SECRET + "\n", encoding="utf-8")
    finished = ping("--user", "client", "--password-file", str(file))
    assert finished.status == 0, finished.err
    assert "login" in finished.out


def test_a_rejected_login_fails_with_the_registry_s_answer(ping):
    finished = ping("--user", "client", EPP_PASSWORD="not-the-word")
    line = failure(finished)
    assert "client" in line
    assert "2200" in line
    assert "not-the-word" not in finished.out + finished.err
    assert DOMAIN in finished.out, "what was found before is shown all the same"


def test_a_missing_password_says_where_to_put_it(ping):
    line = failure(ping("--user", "client"))
    assert "EPP_PASSWORD" in line
    assert "--password-file" in line


def test_an_unreadable_password_file_is_named(ping, tmp_path):
    path = str(tmp_path / "absent")
    line = failure(ping("--user", "client", "--password-file", path))
    assert "--password-file" in line
    assert path in line


def test_an_authority_that_is_not_trusted_is_an_error_that_names_the_option(ping):
    line = failure(ping(ca=None))
    assert "certificate" in line
    assert "--ca" in line


def test_a_certificate_for_another_name_is_an_error_that_names_it(ping):
    line = failure(ping("--server-name", "registry.example"))
    assert "'registry.example'" in line
    assert "--server-name" in line


def test_a_file_that_is_no_authority_is_an_error_that_names_it(ping, tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text("no certificate", encoding="utf-8")
    line = failure(ping(ca=str(file)))
    assert "--ca" in line
    assert str(file) in line


def test_insecure_accepts_any_certificate_and_says_so(ping):
    finished = ping("--insecure", ca=None)
    assert finished.status == 0, finished.err
    assert "not verified" in finished.out
    assert DOMAIN in finished.out


def test_insecure_never_sends_a_password(ping, server):
    before = server.registry.counters().connections
    line = failure(ping("--insecure", "--user", "client", EPP_PASSWORD=SECRET))
    assert "--insecure" in line
    assert server.registry.counters().connections == before


def test_a_refused_connection_is_an_error_that_names_host_and_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        line = failure(run("ping", "127.0.0.1", "--port", str(port)))
    assert "127.0.0.1:{}".format(port) in line
    assert "refused" in line


def test_a_name_that_cannot_be_resolved_is_an_error_that_names_it():
    line = failure(run("ping", "no-such-host.invalid", "--timeout", "3"))
    assert "no-such-host.invalid" in line


def test_a_silent_peer_is_given_up_after_the_timeout():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        port = str(silent.getsockname()[1])
        line = failure(run("ping", "127.0.0.1", "--port", port, "--timeout", "0.3"))
    assert "TLS handshake" in line
    assert "0.3 s" in line


def test_a_greeting_cannot_steer_the_terminal():
    name = "evil\x9b31m\u202eregistry"
    with Server(Registry(server_name=name)) as server:
        port, ca = str(server.port), server.certificates.ca_file
        finished = run("ping", "localhost", "--port", port, "--ca", ca)
    assert finished.status == 0, finished.err
    assert "evil\ufffd31m\ufffdregistry" in finished.out
