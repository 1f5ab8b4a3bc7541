"""Risk: ping says that all is well when it is not, or leaves its user guessing."""

from __future__ import annotations

import json
import os
import sys

import pytest
from gevent import subprocess

from geventconnpool_ext.testing import Registry, Server

from .issued import Issued
from .processes import MODULE, WHERE, environment, finish, run

DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
SECRET = "correct-horse"


def failure(finished):
    """The one line of a command that has not begun, after checking that it is one."""
    assert finished.status == 2, finished
    assert finished.out == ""
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
    assert finished.out.endswith("\n\nAll is well.\n")
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
    assert found["verdict"] == "ok"
    assert found["failed"] is None
    assert found["not_tried"] == []
    timed = {step["name"] for step in found["steps"] if step["ms"]}
    assert timed == {"DNS", "TCP", "TLS", "greeting", "login", "logout"}


def test_the_password_may_be_in_a_file(ping, tmp_path):
    file = tmp_path / "password"
    file.write_text(SECRET + "\n", encoding="utf-8")
    finished = ping("--user", "client", "--password-file", str(file))
    assert finished.status == 0, finished.err
    assert "login" in finished.out


def test_a_missing_password_says_where_to_put_it(ping):
    line = failure(ping("--user", "client"))
    assert "EPP_PASSWORD" in line
    assert "--password-file" in line


def test_ctrl_d_at_the_prompt_is_a_missing_password():
    pty = pytest.importorskip("pty")
    ours, terminal = pty.openpty()
    try:
        # In a session of its own it has no other terminal to ask.
        process = subprocess.Popen(
            [sys.executable, *MODULE, "ping", "localhost", "--user", "client"],
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
        prompt = process.stderr.read(len("password of client: "))
        assert prompt == b"password of client: "
        os.write(ours, b"\x04")
        finished = finish(process)
    finally:
        os.close(ours)
        os.close(terminal)
    assert finished.err.startswith("\n")
    assert "no password for client" in failure(
        finished._replace(err=finished.err.lstrip("\n"))
    )


def test_an_unreadable_password_file_is_named(ping, tmp_path):
    path = str(tmp_path / "absent")
    line = failure(ping("--user", "client", "--password-file", path))
    assert "--password-file" in line
    assert path in line


def test_a_password_in_the_place_of_its_file_is_not_shown(ping):
    line = failure(ping("--user", "client", "--password-file", SECRET))
    assert "--password-file: cannot read (hidden" in line


def test_a_key_in_the_place_of_its_file_is_not_shown(ping):
    line = failure(ping("--key", "-----BEGIN PRIVATE KEY-----\n" + SECRET))
    assert "--key holds PEM text, not a path: use a file with it" in line


def test_the_password_of_a_key_is_no_matter_without_a_certificate(ping):
    finished = ping(EPP_KEY_PASSWORD="of another program")
    assert finished.status == 0, finished.err


def test_the_password_of_a_key_opens_it(ping, tmp_path):
    own = Issued("client").write(tmp_path / "own.pem", SECRET)
    finished = ping("--cert", own, EPP_KEY_PASSWORD=SECRET)
    assert finished.status == 0, finished.err
    assert "EPP_KEY_PASSWORD must open the key" in failure(ping("--cert", own))


def test_a_password_too_short_for_epp_is_an_error_before_anything_is_sent(ping, server):
    before = server.registry.counters().connections
    line = failure(ping("--user", "client", EPP_PASSWORD="short"))
    assert "at least 6 characters" in line
    assert server.registry.counters().connections == before


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("", "host must not be empty"),
        ("epp..example", "1 to 63 of them between two dots, not 'epp..example'"),
        ("epp.example:700", "without scheme and port, not 'epp.example:700'"),
    ],
)
def test_what_can_be_no_host_is_an_error(ping, host, line):
    assert line in failure(ping(host=host))


def test_a_file_that_is_no_authority_is_an_error_that_names_it(ping, tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text("no certificate", encoding="utf-8")
    line = failure(ping(ca=str(file)))
    assert "--ca" in line
    assert str(file) in line


@pytest.mark.parametrize("name", ["ca_file.pem", "my-client_id", "x/key_file"])
def test_a_file_named_like_an_argument_keeps_its_name(ping, name):
    line = failure(ping(ca=name))
    assert "--ca: cannot read '{}': ".format(name) in line


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


def test_a_greeting_cannot_steer_the_terminal():
    name = "evil\x9b31m\u202eregistry"
    with Server(Registry(server_name=name)) as server:
        port, ca = str(server.port), server.certificates.ca_file
        finished = run("ping", "localhost", "--port", port, "--ca", ca)
    assert finished.status == 0, finished.err
    assert "evil\ufffd31m\ufffdregistry" in finished.out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_it_writes_in_whatever_characters_the_terminal_has(encoding):
    name = "R\u00e9gistre \u6771\u4eac"
    with Server(Registry(server_name=name)) as server:
        finished = run(
            *("ping", "localhost", "--port", str(server.port)),
            *("--ca", server.certificates.ca_file),
            PYTHONIOENCODING=encoding,
        )
    assert finished.status == 0, finished.err
    shown = name.encode(encoding, "backslashreplace").decode(encoding)
    assert shown in finished.out


def test_the_help_tells_the_exit_statuses_within_80_columns():
    finished = run("ping", "--help", COLUMNS="80", NO_COLOR="1")
    assert finished.status == 0
    for status in ("0 if all is well", "1 if a step failed", "2 if an"):
        assert status in " ".join(finished.out.split())
    assert max(map(len, finished.out.splitlines())) <= 80


def test_an_lxml_that_cannot_be_imported_is_told_without_a_traceback(tmp_path):
    (tmp_path / "lxml.py").write_text("raise ImportError('wrong ELF class')")
    path = os.pathsep.join([str(tmp_path), WHERE])
    finished = run("ping", "localhost", PYTHONPATH=path)
    assert finished.status == 1
    (line,) = finished.err.splitlines()
    assert "needs lxml, which cannot be imported (wrong ELF class)" in line


def test_without_cryptography_it_still_tells_what_python_verified(server):
    program = """
import sys
sys.modules["cryptography"] = None
from geventconnpool_ext.cli import main
sys.exit(main())
"""
    arguments = ("ping", "localhost", "--port", str(server.port))
    ca = server.certificates.ca_file
    finished = run(*arguments, "--ca", ca, python=("-c", program))
    assert finished.status == 0, finished.err
    assert "days left" in finished.out
    finished = run(*arguments, python=("-c", program))
    assert finished.status == 1
    assert "its authority is not among" in finished.out
    assert finished.err == ""
