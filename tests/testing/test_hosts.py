from __future__ import annotations

import pytest

from .conversations import act, create_domain, create_host, host_name, name


def test_a_created_host_can_be_read_back(desk):
    created = desk.send(create_host("NS1.example.net", "192.0.2.1", "2001:db8::1"))
    assert created.code == 1000
    shown = desk.send(act("info", "host", host_name("ns1.example.net")))
    assert shown.texts("host:addr") == ["192.0.2.1", "2001:db8::1"]
    assert shown.texts("host:addr/@ip") == ["v4", "v6"]
    assert shown.texts("host:status/@s") == ["ok"]
    assert desk.code(create_host("ns1.example.net")) == 2302


def test_check_tells_which_names_are_free(desk):
    desk.send(create_host("ns1.example.net"))
    asked = host_name("ns1.example.net") + host_name("ns2.example.net") + host_name("-")
    answer = desk.send(act("check", "host", asked))
    assert answer.texts("host:name/@avail") == ["0", "1", "0"]
    assert desk.code(act("check", "host", "")) == 2003


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", 2003),
        (host_name("no_host.test"), 2005),
        (host_name("a.test") + '<host:addr ip="v6">192.0.2.1</host:addr>', 2005),
        (host_name("a.test") + "<host:addr>999.0.2.1</host:addr>", 2005),
        (host_name("a.test") + "<host:addr>192.0.2.1</host:addr>" * 2, 2306),
    ],
)
def test_a_host_that_cannot_be_is_refused(desk, content, code):
    assert desk.code(act("create", "host", content)) == code
    assert not desk.registry.hosts


def test_hosts_below_a_domain_are_for_its_sponsor(desk, other):
    desk.send(create_domain("a.test"))
    assert other.code(create_host("ns.a.test", "192.0.2.1")) == 2201
    assert desk.code(create_host("ns.a.test", "192.0.2.1")) == 1000
    assert other.code(act("delete", "host", host_name("ns.a.test"))) == 2201
    assert other.code(create_host("ns.b.test")) == 1000


def test_a_host_that_a_domain_delegates_to_is_linked_and_cannot_be_deleted(desk):
    desk.send(create_host("ns.b.test"))
    delegation = "<domain:ns><domain:hostObj>ns.b.test</domain:hostObj></domain:ns>"
    desk.send(create_domain("a.test", delegation))
    shown = desk.send(act("info", "host", host_name("ns.b.test")))
    assert shown.texts("host:status/@s") == ["ok", "linked"]
    assert desk.code(act("delete", "host", host_name("ns.b.test"))) == 2305


def test_a_renamed_host_is_followed_by_the_domains_that_use_it(desk):
    desk.send(create_host("ns.b.test"))
    delegation = "<domain:ns><domain:hostObj>ns.b.test</domain:hostObj></domain:ns>"
    desk.send(create_domain("a.test", delegation))
    change = "<host:chg>{}</host:chg>"
    renamed = host_name("ns.b.test") + change.format(host_name("ns.a.test"))
    assert desk.code(act("update", "host", renamed)) == 1000
    shown = desk.send(act("info", "domain", name("a.test")))
    assert shown.text("domain:hostObj") == "ns.a.test"
    assert shown.text("domain:host") == "ns.a.test"
    desk.send(create_host("ns.c.test"))
    taken = host_name("ns.c.test") + change.format(host_name("ns.a.test"))
    assert desk.code(act("update", "host", taken)) == 2302


def test_addresses_are_added_and_removed(desk):
    desk.send(create_host("ns.b.test", "192.0.2.1"))
    change = (
        host_name("ns.b.test")
        + "<host:add><host:addr>192.0.2.2</host:addr></host:add>"
        + "<host:rem><host:addr>192.0.2.1</host:addr></host:rem>"
    )
    assert desk.code(act("update", "host", change)) == 1000
    shown = desk.send(act("info", "host", host_name("ns.b.test")))
    assert shown.texts("host:addr") == ["192.0.2.2"]
    assert desk.code(act("update", "host", change)) == 2303
    assert desk.code(act("update", "host", host_name("ns.b.test"))) == 2003
