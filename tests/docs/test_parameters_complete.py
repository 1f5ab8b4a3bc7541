"""docs/parameters.md is about each public name that takes parameters."""

from __future__ import annotations

import re

import pytest

from .parameters_page import MODULES, section
from .public_names import public_names

EPP = "geventconnpool_ext.epp."
EPPLIB = "geventconnpool_ext.epp.epplib."

# It takes what another takes; the section that says so.
ALIKE = {
    "geventconnpool_ext.NullPool": "NullPool",
    EPP + "EPPNullPool": "EPPPool",
    EPP + "client_factory": "Client",
    EPPLIB + "EpplibPool": "EpplibPool",
    EPPLIB + "EpplibNullPool": "EpplibPool",
    EPPLIB + "Transport": "EpplibPool",
    EPPLIB + "client_factory": "EpplibPool",
}

# Left out of the page, and why. A name that is new has to get a table, or stand here.
LEFT_OUT = {
    "an error: the package makes it": [
        "geventconnpool_ext.ConnectFailed",
        "geventconnpool_ext.PoolClosed",
        "geventconnpool_ext.PoolError",
        "geventconnpool_ext.PoolFull",
        "geventconnpool_ext.PoolTimeout",
        EPP + "AmbiguousOutcome",
        EPP + "CertificateError",
        EPP + "ConnectError",
        EPP + "EPPError",
        EPP + "FramingError",
        EPP + "LoginRejected",
        EPP + "NotSent",
        EPP + "SessionLimit",
    ],
    "the package makes it, and a program reads or uses it": [
        "geventconnpool_ext.Lease",
        "geventconnpool_ext.PoolStats",
        EPP + "Answer",
        EPP + "CommandReport",
        EPP + "ExtValue",
        EPP + "Greeting",
        EPP + "Result",
        EPP + "Session",
        EPPLIB + "Client",
    ],
    "an enumeration": [
        "geventconnpool_ext.DiscardReason",
        EPP + "ExpiryReason",
        EPP + "ResultCode",
        EPP + "results.ResultCode",
    ],
    "for a program to override: the package gives the arguments": [
        "geventconnpool_ext.PoolHooks",
        EPP + "EPPHooks",
        "geventconnpool_ext.ConnectionPool._new_connection",
        "geventconnpool_ext.ConnectionPool._keepalive",
        "geventconnpool_ext.NullPool._new_connection",
        "geventconnpool_ext.NullPool._keepalive",
    ],
    "a request, or a function that makes one: it takes what the command is about": [
        EPP + "CheckDomain",
        EPP + "CreateDomain",
        EPP + "DeleteDomain",
        EPP + "Hello",
        EPP + "InfoDomain",
        EPP + "Logout",
        EPP + "PollAck",
        EPP + "PollRequest",
        EPP + "check_domain",
        EPP + "poll_request",
        EPPLIB + "check_domain",
        EPPLIB + "poll_request",
    ],
    "a parameter's default, which the pool calls": [EPP + "results.session_gone"],
    "it takes none": [EPP + "epplib_namespaces.use_ietf_namespaces"],
    "for tests: no part of a program": [
        "geventconnpool_ext.testing." + name
        for name in (
            "Certificates",
            "Counters",
            "Execution",
            "Fault",
            "FaultPlan",
            "Limits",
            "Record",
            "Registry",
            "Server",
            "plugin.epp_pool",
            "plugin.epp_registry",
        )
    ],
}


def test_each_public_name_has_a_table_or_is_named_with_a_reason():
    covered = [
        *("{}.{}".format(module, title) for title, module in MODULES.items()),
        *ALIKE,
        *(name for names in LEFT_OUT.values() for name in names),
    ]
    assert sorted(covered) == sorted(public_names())


@pytest.mark.parametrize(("name", "title"), sorted(ALIKE.items()))
def test_the_section_that_stands_for_a_name_says_so(name, title):
    text = "`{}`\n{}".format(title, section(title))
    assert re.search(r"`{}\b".format(name.rpartition(".")[2]), text)
