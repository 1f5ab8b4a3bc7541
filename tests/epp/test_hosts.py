"""What can be a host, said at the call and not by gevent's resolver."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp import Client
from geventconnpool_ext.epp.hosts import check_host

LONGEST = "x" * 63


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "epp.example",
        "epp.example.",
        "epp_1.example",
        "b\u00fccher.example",
        LONGEST + ".example",
        "192.0.2.7",
        "::1",
        "2001:db8::1",
        "::ffff:192.0.2.7",
        "fe80::1%eth0",
        # 253 characters, and a dot that does not count.
        "x." * 126 + "x",
        "x." * 126 + "x.",
    ],
)
def test_names_and_addresses_are_hosts(host):
    assert check_host("host", host) == host
    assert Client(host, verify=False).host == host


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("epp.example:700", "a host name or an address, without scheme and port"),
        ("https://epp.example", "without scheme and port"),
        ("https://epp.example:700/", "without scheme and port"),
        ("epp\\example", "without scheme and port"),
        ("[::1]", "without scheme and port"),
        ("[::1]:700", "without scheme and port"),
        ("epp example", "without scheme and port"),
        ("epp.example\n", "without scheme and port"),
        ("epp.example\0", "without scheme and port"),
        ("epp..example", "1 to 63 of them between two dots"),
        (".epp.example", "1 to 63 of them between two dots"),
        (".", "1 to 63 of them between two dots"),
        (LONGEST + "x.example", "1 to 63 of them between two dots"),
        ("epp\udc80.example", "of letters, digits, hyphens and dots"),
        ("x." * 150 + "example", "253 characters at most"),
        ("\u00fc." * 50 + "example", "253 characters at most"),
    ],
)
@pytest.mark.parametrize("argument", ["host", "server_name"])
def test_what_can_be_none_is_refused_before_any_connect(argument, host, wanted):
    given = {"host": "localhost", argument: host}
    with pytest.raises(ValueError, match=wanted) as caught:
        Client(verify=False, **given)
    assert str(caught.value).startswith(argument + " must be ")
    assert str(caught.value).endswith("not {!r}".format(host))


@pytest.mark.parametrize(
    "host",
    [
        "https://client:ownSecret1@epp.example",
        "client:ownSecret1@epp.example",
        "client:ownSecret1",
        "client:ownSecret1:epp.example",
        "client:ownSecret1:700",
        "epp.example:7:0",
        "https:epp:x",
        "fe80::1%",
        ":::",
    ],
)
def test_what_can_be_a_password_is_refused_and_not_shown(host):
    with pytest.raises(ValueError, match=r"not shown here$") as caught:
        Client(host, verify=False)
    assert str(caught.value).startswith("host must be a host name or an address")
    assert host not in str(caught.value)
    assert "ownSecret1" not in str(caught.value)
