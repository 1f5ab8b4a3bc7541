"""The ready-made probes: accepted by a policy, and they find a lost login."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp import (
    EPPPool,
    Login,
    SessionPolicy,
    check_domain,
    client_factory,
    poll_request,
)
from geventconnpool_ext.epp.requests import classify

PROBES = [check_domain("own.example"), poll_request()]


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_accepted_by_a_policy(probe):
    assert SessionPolicy(probe=probe).probe_request() is probe


def test_each_is_the_command_its_name_says():
    assert str(classify(check_domain("own.example"))) == "domain check"
    assert str(classify(poll_request())) == "poll req"
    assert check_domain("a.xn--p1ai").names == ("a.xn--p1ai",)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "example",
        ".example",
        "example.",
        "a..example",
        "a b.example",
        "own.example ",
        "own.example\n",
        "-a.example",
        "a-.example",
        "bücher.example",
        "a_b.example",
        "https://own.example",
        "a" * 64 + ".example",
        ".".join(["abc"] * 64),
    ],
)
def test_what_is_no_domain_name_is_refused_at_the_call(name):
    with pytest.raises(ValueError, match=r"^name must be a domain name, such as"):
        check_domain(name)


@pytest.mark.parametrize("name", [None, 7, b"own.example", ["own.example"]])
def test_what_is_no_text_is_refused_at_the_call(name):
    with pytest.raises(TypeError, match=r"^name must be a str, not"):
        check_domain(name)


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_finds_a_session_that_was_logged_out(probe):
    """hello would not: a registry answers it without a login, too."""
    pytest.importorskip("trustme")
    from geventconnpool_ext.testing import Fault, FaultPlan, Registry, Server

    plan = FaultPlan()
    with Server(Registry({"client": "password"}, faults=plan)) as server:
        trusted = server.certificates.ca_file
        pool = EPPPool(
            client_factory("localhost", server.port, ca_file=trusted),
            lambda: Login("client", "password"),
            1,
            policy=SessionPolicy(probe=probe, probe_interval=1e-9, command_timeout=5),
        )
        with pool:
            pool.wait(timeout=5)
            plan.on(classify(probe).verb, fault=Fault.silent_logout)
            pool.check()
            pool.wait(timeout=5)
            assert pool.stats().connects == 2
