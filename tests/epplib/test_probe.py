"""A session that was logged out while idle never reaches a caller, given a probe."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext.epp import probes
from geventconnpool_ext.epp.epplib import check_domain, poll_request

from .commands import check, create, info

PROBES = {
    "check_domain": lambda: check_domain("probe.example"),
    "poll_request": poll_request,
    "a command of epplib": lambda: info("own.example"),
    "the native one": lambda: probes.check_domain("probe.example"),
}
VERBS = {"check_domain": "check", "poll_request": "poll", "the native one": "check"}


@pytest.fixture(params=PROBES)
def probe(request):
    return request.param


@pytest.mark.parametrize("code", [2002, 2200])
@pytest.mark.parametrize("form", ["request", "function"])
def test_a_logged_out_session_never_reaches_a_caller(
    filled, registry, server, probe, code, form
):
    """On checkout; hello is far too rare to help, and would not."""
    made = PROBES[probe]
    pool = filled(
        3,
        hello_interval=100,
        probe=made if form == "function" else made(),
        probe_interval=0.1,
    )
    server.logout_silently(code=code)
    gevent.sleep(0.15)
    for number in range(4):
        with pool.get() as session:
            assert session.send(create("d{}.example".format(number))).code == 1000
    refused = {entry.verb for entry in registry.record if entry.code == code}
    assert refused == {VERBS.get(probe, "info")}


def test_it_is_found_without_a_caller(filled, registry, server, until, probe):
    pool = filled(2, hello_interval=0.1, probe=PROBES[probe]())
    server.logout_silently()
    until(lambda: registry.counters().logins == 4)
    until(lambda: pool.stats().idle == 2)
    assert pool.stats().gets == 0


def test_a_healthy_session_is_kept_by_it(filled, registry, probe):
    pool = filled(1, hello_interval=0.1, probe=PROBES[probe](), probe_interval=0.1)
    gevent.sleep(0.4)
    assert pool.send(check()).code == 1000
    assert registry.counters().logins == 1


def test_a_message_that_waits_is_no_reason_to_end_a_session(filled, registry):
    registry.enqueue("client", "a message")
    pool = filled(1, hello_interval=0.1, probe=poll_request(), probe_interval=0.1)
    gevent.sleep(0.4)
    assert pool.send(poll_request()).msg_q.count == 1
    assert registry.counters().logins == 1


def test_the_probe_goes_first_to_the_refused_session(filled, registry, server, probe):
    pool = filled(1, probe=PROBES[probe]())
    server.logout_silently()
    assert pool.send(create()).code == 1000
    told = [(e.verb, e.code) for e in registry.record if e.verb != "login"]
    assert told == [
        ("create", 2002),
        (VERBS.get(probe, "info"), 2002),
        ("create", 1000),
    ]


@pytest.mark.parametrize("name", ["", "example", "a..example", "a example.com"])
def test_check_domain_refuses_what_is_no_name(name):
    with pytest.raises(ValueError, match="name must be a domain name"):
        check_domain(name)
    with pytest.raises(TypeError, match="name must be a str"):
        check_domain(None)
