"""A registry changes what the page says it may, and the page's remedy is one."""

from __future__ import annotations

import logging
import os
import sys

import gevent
import pytest
from gevent import subprocess

from geventconnpool_ext import Backoff

from . import page

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from geventconnpool_ext.epp import (
    CheckDomain,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)
from geventconnpool_ext.testing import (
    Certificates,
    Limits,
    Registry,
    Server,
)

SECTION = "The registry changed"
PING = page.block(SECTION, "sh")
RESIZE = page.block(SECTION, "python", "resize")
POLICY = page.block(SECTION, "python", "session_gone")
CHECK = CheckDomain("any.example")


@pytest.fixture
def registry():
    """A registry with one account."""
    return Registry({"client": "password"})


@pytest.fixture
def server(registry):
    """That registry, served."""
    with Server(registry) as running:
        yield running


@pytest.fixture
def make_pool(server):
    """Make pools of this server's registry, closed at the end."""
    made = []

    def make(size=1, ca_file=server.certificates.ca_file, **options):
        made.append(
            EPPPool(
                client_factory("localhost", server.port, ca_file=ca_file),
                lambda: Login("client", "password"),
                size,
                reconnect=Backoff(0.02, 0.05),
                **options,
            )
        )
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def run_block(code, server):
    names = {
        "PORT": server.port,
        "CA_FILE": server.certificates.ca_file,
        "PASSWORD": "password",
    }
    exec(compile(code, "docs/contingency.md", "exec"), names)
    return names


def ping(server, ca_file):
    environment = dict(
        os.environ,
        PATH=os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
        PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
        HOST="localhost",
        PORT=str(server.port),
        CA_FILE=ca_file,
    )
    finished = subprocess.run(
        ["sh", "-e", "-c", PING],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        timeout=15,
        check=False,
    )
    return finished.returncode, finished.stdout.decode()


def until(condition, seconds=10):
    with gevent.Timeout(seconds, AssertionError("it never came true")):
        while not condition():
            gevent.sleep(0.01)


def assert_shown(caplog, quoted):
    """The page quotes it, and a log line has it: both up to the first ``...``."""
    assert "`" + quoted in page.TEXT
    parts = quoted.split("...")
    assert any(
        all(part in record.getMessage() for part in parts) for record in caplog.records
    ), caplog.messages


def test_ping_tells_a_new_authority_from_the_old(server):
    status, said = ping(server, server.certificates.ca_file)
    assert status == 0, said
    assert "days left" in said
    other = Certificates()
    try:
        status, said = ping(server, other.ca_file)
    finally:
        other.close()
    assert status == 1, said
    assert "certificate" in said


def test_a_certificate_of_another_authority_shows_in_the_log(make_pool, server, caplog):
    other = Certificates()
    try:
        pool = make_pool(ca_file=other.ca_file)
        until(lambda: pool.stats().connect_errors)
    finally:
        other.close()
    assert_shown(caplog, "connect failed (...): CertificateError: ")
    # The remedy: the right file, and the pool made anew, as a reload does.
    assert make_pool().send(CHECK).code == 1000


def test_fewer_sessions_show_in_the_log_and_resize_ends_it(
    make_pool, registry, server, caplog
):
    registry.limits = Limits(max_sessions=2)
    pool = make_pool(4)
    until(lambda: pool.stats().connect_errors >= 3)
    assert_shown(
        caplog,
        "connect failed (...): SessionLimit: too many sessions at the registry: 2502 ",
    )
    assert pool.stats().open == 2
    assert pool.send(CHECK).code == 1000, "the sessions there work"
    pool.resize(2)
    until(lambda: pool.stats().opening == 0)
    before = pool.stats().connect_errors
    gevent.sleep(0.3)
    assert pool.stats().connect_errors == before
    pool.close()
    run_block(RESIZE, server)
    until(lambda: registry.counters().sessions == 0)


def test_a_shorter_idle_limit_shows_as_eof_and_a_policy_below_it_ends_it(
    make_pool, registry, caplog
):
    caplog.set_level(logging.INFO, "geventconnpool_ext")
    registry.limits = Limits(idle_timeout=0.5)
    pool = make_pool()
    pool.wait()
    gevent.sleep(0.7)
    assert pool.send(CHECK).code == 1000
    assert_shown(caplog, "connection discarded: eof")
    assert_shown(caplog, "is sent again: eof")
    assert pool.stats().discarded["eof"] == 1
    pool.close()
    pool = make_pool(policy=SessionPolicy(idle_timeout=0.3))
    pool.wait()
    gevent.sleep(0.9)
    assert pool.send(CHECK).code == 1000
    assert "eof" not in pool.stats().discarded


def test_the_policy_of_the_page_keeps_below_the_limit_that_it_names(server):
    policy = run_block(POLICY, server)["policy"]
    assert "limit is 300" in POLICY
    assert policy.hello_interval < policy.idle_timeout < 300


def log_out_silently(registry):
    registry.logout_silently()
    for session in registry.sessions.values():
        session.logged_out_code = 2201


def test_another_code_for_not_logged_in_is_the_callers_until_the_policy_knows_it(
    make_pool, registry, server, caplog
):
    caplog.set_level(logging.INFO, "geventconnpool_ext")
    pool = make_pool()
    pool.wait()
    log_out_silently(registry)
    assert [pool.send(CHECK).code for _ in range(3)] == [2201] * 3
    assert "session_gone" not in pool.stats().discarded
    assert caplog.messages == []
    pool.close()
    pool = make_pool(policy=run_block(POLICY, server)["policy"])
    pool.wait()
    log_out_silently(registry)
    assert pool.send(CHECK).code == 1000
    assert pool.stats().discarded == {"session_gone": 1}


def test_with_the_probe_a_true_refusal_costs_no_session(make_pool, registry, server):
    from geventconnpool_ext.epp import DeleteDomain

    registry.add_account("other", "password")
    registry.add_domain("other.example", "other")
    pool = make_pool(policy=run_block(POLICY, server)["policy"])
    assert pool.send(DeleteDomain("other.example")).code == 2201
    assert pool.stats().discarded == {}
    assert registry.counters().logins == 1
