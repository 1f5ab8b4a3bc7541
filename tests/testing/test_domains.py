from __future__ import annotations

from datetime import datetime, timezone

import pytest

from geventconnpool_ext.testing import Registry

from .conversations import (
    Desk,
    act,
    create_contact,
    create_domain,
    create_host,
    name,
    secret,
)

NS1 = "<domain:ns><domain:hostObj>ns1.example.net</domain:hostObj></domain:ns>"


def test_a_created_domain_can_be_read_back_whole(desk):
    desk.send(create_contact("Holder"))
    desk.send(create_contact("tech1"))
    desk.send(create_host("ns1.example.net"))
    created = desk.send(
        create_domain(
            "Example.Test",
            '<domain:period unit="y">2</domain:period>'
            + NS1
            + "<domain:registrant>HOLDER</domain:registrant>"
            '<domain:contact type="tech">tech1</domain:contact>',
        )
    )
    assert created.code == 1000
    assert created.text("domain:name") == "example.test"
    desk.send(create_host("ns.example.test", "192.0.2.1"))
    shown = desk.send(act("info", "domain", name("example.test")))
    assert shown.text("domain:exDate") == created.text("domain:exDate")
    assert shown.text("domain:registrant") == "holder"
    assert shown.text("domain:contact") == "tech1"
    assert shown.text("domain:hostObj") == "ns1.example.net"
    assert shown.text("domain:host") == "ns.example.test"
    assert shown.text("domain:pw") == "2fooBAR"
    assert shown.texts("domain:status/@s") == ["ok"]


def test_the_hosts_attribute_chooses_which_hosts_an_info_shows(desk):
    desk.send(create_host("ns1.example.net"))
    desk.send(create_domain("example.test", NS1))
    desk.send(create_host("ns.example.test"))
    seen = {}
    for which in ("all", "del", "sub", "none"):
        asked = '<domain:name hosts="{}">example.test</domain:name>'.format(which)
        shown = desk.send(act("info", "domain", asked))
        seen[which] = len(shown.texts("domain:ns")), len(shown.texts("domain:host"))
    assert seen == {"all": (1, 1), "del": (1, 0), "sub": (0, 1), "none": (0, 0)}
    asked = '<domain:name hosts="some">example.test</domain:name>'
    assert desk.code(act("info", "domain", asked)) == 2004


def test_check_tells_free_from_taken_and_from_no_name_at_all(desk):
    desk.send(create_domain("taken.test"))
    answer = desk.send(
        act("check", "domain", name("TAKEN.test") + name("free.test") + name("-"))
    )
    assert answer.texts("domain:name/@avail") == ["0", "1", "0"]
    assert answer.texts("domain:reason") == ["In use", "Not a name"]
    assert desk.code(act("check", "domain", "")) == 2003


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (name("a.test"), 2003),
        (secret(), 2003),
        (name("under_score.test") + secret(), 2005),
        (name("nodot") + secret(), 2005),
        (name("taken.test") + secret(), 2302),
        (
            name("a.test") + '<domain:period unit="y">11</domain:period>' + secret(),
            2004,
        ),
        (name("a.test") + '<domain:period unit="y">x</domain:period>' + secret(), 2005),
        (name("a.test") + '<domain:period unit="d">1</domain:period>' + secret(), 2005),
        (name("a.test") + NS1 + secret(), 2303),
        (
            name("a.test") + "<domain:ns><domain:hostAttr/></domain:ns>" + secret(),
            2102,
        ),
        (
            name("a.test") + "<domain:registrant>nobody</domain:registrant>" + secret(),
            2303,
        ),
        (
            name("a.test")
            + '<domain:contact type="chef">abc</domain:contact>'
            + secret(),
            2004,
        ),
        (
            name("a.test")
            + '<domain:contact type="tech">nobody</domain:contact>'
            + secret(),
            2303,
        ),
    ],
)
def test_a_create_that_cannot_be_is_refused_and_changes_nothing(desk, content, code):
    desk.send(create_domain("taken.test"))
    assert desk.code(act("create", "domain", content)) == code
    assert list(desk.registry.domains) == ["taken.test"]


def test_names_outside_the_zones_are_refused():
    desk = Desk(Registry(zones=["test"]))
    assert desk.code(create_domain("a.example")) == 2306
    assert desk.code(create_domain("a.b.test")) == 2306
    assert desk.code(create_domain("a.test")) == 1000
    answer = desk.send(act("check", "domain", name("b.example")))
    assert answer.texts("domain:name/@avail") == ["0"]


def test_others_see_less_of_a_domain_unless_they_know_its_auth_info(desk, other):
    desk.send(create_contact("holder"))
    desk.send(create_domain("a.test", "<domain:registrant>holder</domain:registrant>"))
    plain = other.send(act("info", "domain", name("a.test")))
    assert plain.code == 1000
    assert plain.texts("domain:pw") == plain.texts("domain:registrant") == []
    entitled = other.send(act("info", "domain", name("a.test") + secret()))
    assert entitled.texts("domain:pw") == ["2fooBAR"]
    wrong = other.send(act("info", "domain", name("a.test") + secret("guessed")))
    assert wrong.code == 2202
    assert b"guessed" not in wrong.message


@pytest.mark.parametrize("verb", ["info", "update", "delete", "renew"])
def test_a_domain_that_is_not_there_is_2303(desk, verb):
    more = "<domain:chg/>" if verb == "update" else ""
    assert desk.code(act(verb, "domain", name("a.test") + more)) == 2303


@pytest.mark.parametrize("verb", ["update", "delete", "renew"])
def test_only_the_sponsor_may_change_a_domain(desk, other, verb):
    desk.send(create_domain("a.test"))
    more = "<domain:chg/>" if verb == "update" else ""
    assert other.code(act(verb, "domain", name("a.test") + more)) == 2201
    assert desk.registry.record.effects("a.test") == ["created"]


def renewal(value, expires, years=1):
    return act(
        "renew",
        "domain",
        name(value)
        + "<domain:curExpDate>{}</domain:curExpDate>".format(expires)
        + '<domain:period unit="y">{}</domain:period>'.format(years),
    )


def test_a_renew_sent_twice_is_refused_because_the_date_has_moved():
    registry = Registry(now=lambda: datetime(2024, 2, 29, 12, tzinfo=timezone.utc))
    desk = Desk(registry)
    desk.send(create_domain("a.test"))
    first = desk.send(renewal("a.test", "2025-02-28"))
    assert first.code == 1000
    assert first.text("domain:exDate").startswith("2026-02-28T12:00:00")
    assert desk.code(renewal("a.test", "2025-02-28")) == 2306
    assert desk.code(renewal("a.test", "yesterday")) == 2005
    assert desk.code(act("renew", "domain", name("a.test"))) == 2003
    assert registry.record.effects("a.test") == ["created", "renewed to 2026-02-28"]


def test_no_domain_is_renewed_beyond_ten_years():
    registry = Registry(now=lambda: datetime(2026, 1, 1, tzinfo=timezone.utc))
    desk = Desk(registry)
    desk.send(create_domain("a.test"))
    assert desk.code(renewal("a.test", "2027-01-01", 10)) == 2105
    assert desk.code(renewal("a.test", "2027-01-01", 9)) == 1000


def status(which, *statuses):
    shown = "".join('<domain:status s="{}"/>'.format(s) for s in statuses)
    return act(
        "update",
        "domain",
        "{0}<domain:{1}>{2}</domain:{1}>".format(name("a.test"), which, shown),
    )


@pytest.mark.parametrize(
    ("held", "forbidden"),
    [
        ("clientDeleteProhibited", act("delete", "domain", name("a.test"))),
        ("clientRenewProhibited", renewal("a.test", "2027-01-01")),
        ("clientUpdateProhibited", status("add", "clientHold")),
    ],
)
def test_a_client_status_forbids_until_it_is_removed(held, forbidden):
    registry = Registry(now=lambda: datetime(2026, 1, 1, tzinfo=timezone.utc))
    desk = Desk(registry)
    desk.send(create_domain("a.test"))
    assert desk.code(status("add", held)) == 1000
    assert desk.code(forbidden) == 2304
    shown = desk.send(act("info", "domain", name("a.test")))
    assert held in shown.texts("domain:status/@s")
    assert desk.code(status("rem", held)) == 1000
    assert desk.code(forbidden) == 1000


def test_statuses_that_are_not_for_clients_or_not_as_said_are_refused(desk):
    desk.send(create_domain("a.test"))
    assert desk.code(status("add", "serverHold")) == 2306
    assert desk.code(status("add", "ok")) == 2306
    assert desk.code(status("add", "clientNonsense")) == 2004
    assert desk.code(status("rem", "clientHold")) == 2306
    assert desk.code(status("add", "clientHold", "clientHold")) == 2306
    assert desk.registry.domains["a.test"].statuses == {}


def test_an_update_moves_hosts_contacts_registrant_and_auth_info(desk):
    for host in ("ns1.example.net", "ns2.example.net"):
        desk.send(create_host(host))
    for contact in ("one", "two"):
        desk.send(create_contact(contact))
    desk.send(create_domain("a.test", NS1))
    update = act(
        "update",
        "domain",
        name("a.test")
        + "<domain:add><domain:ns><domain:hostObj>ns2.example.net</domain:hostObj>"
        '</domain:ns><domain:contact type="admin">one</domain:contact></domain:add>'
        "<domain:rem>"
        + NS1
        + "</domain:rem><domain:chg><domain:registrant>two</domain:registrant>"
        + secret("changed")
        + "</domain:chg>",
    )
    assert desk.code(update) == 1000
    shown = desk.send(act("info", "domain", name("a.test")))
    assert shown.text("domain:hostObj") == "ns2.example.net"
    assert shown.text("domain:contact") == "one"
    assert shown.text("domain:registrant") == "two"
    assert shown.text("domain:pw") == "changed"
    assert shown.text("domain:upID") == "client"
    assert desk.code(update) == 2303
    hosts = desk.registry.hosts
    assert not hosts["ns1.example.net"].links
    assert hosts["ns2.example.net"].links == {"a.test"}


def test_an_update_without_a_change_is_refused(desk):
    desk.send(create_domain("a.test"))
    assert desk.code(act("update", "domain", name("a.test"))) == 2003


def test_a_domain_with_hosts_below_it_cannot_be_deleted(desk):
    desk.send(create_domain("a.test"))
    desk.send(create_host("ns.a.test", "192.0.2.1"))
    assert desk.code(act("delete", "domain", name("a.test"))) == 2305
    desk.send(act("delete", "host", "<host:name>ns.a.test</host:name>"))
    assert desk.code(act("delete", "domain", name("a.test"))) == 1000
    assert desk.code(create_domain("a.test")) == 1000


def test_a_deleted_domain_no_longer_holds_its_contacts_and_hosts(desk):
    desk.send(create_contact("holder"))
    desk.send(create_host("ns1.example.net"))
    desk.send(
        create_domain("a.test", NS1 + "<domain:registrant>holder</domain:registrant>")
    )
    desk.send(act("delete", "domain", name("a.test")))
    assert not desk.registry.contacts["holder"].links
    assert not desk.registry.hosts["ns1.example.net"].links


DS = (
    "<secDNS:dsData><secDNS:keyTag>{}</secDNS:keyTag><secDNS:alg>8</secDNS:alg>"
    "<secDNS:digestType>2</secDNS:digestType><secDNS:digest>49FD</secDNS:digest>"
    "</secDNS:dsData>"
)


def test_ds_data_is_kept_and_can_be_replaced(desk):
    created = act(
        "create",
        "domain",
        name("a.test") + secret(),
        "<secDNS:create>{}</secDNS:create>".format(DS.format(1)),
    )
    assert desk.code(created) == 1000
    change = (
        "<secDNS:update><secDNS:rem>{}</secDNS:rem>"
        "<secDNS:add>{}</secDNS:add></secDNS:update>"
    )
    update = act(
        "update", "domain", name("a.test"), change.format(DS.format(1), DS.format(2))
    )
    assert desk.code(update) == 1000
    shown = desk.send(act("info", "domain", name("a.test")))
    assert shown.texts("secDNS:keyTag") == ["2"]
    assert desk.code(update) == 2303
    everything = (
        "<secDNS:update><secDNS:rem><secDNS:all>true</secDNS:all></secDNS:rem>"
        "</secDNS:update>"
    )
    assert desk.code(act("update", "domain", name("a.test"), everything)) == 1000
    assert desk.registry.domains["a.test"].secure_data == []


def test_secdns_data_that_makes_no_sense_is_refused(desk):
    strange = "<secDNS:create><secDNS:riddle/></secDNS:create>"
    created = act("create", "domain", name("a.test") + secret(), strange)
    assert desk.code(created) == 2001
    wrong_verb = "<secDNS:update/>"
    created = act("create", "domain", name("a.test") + secret(), wrong_verb)
    assert desk.code(created) == 2103
    assert not desk.registry.domains


def test_a_host_that_was_there_first_belongs_to_the_domain_created_later(desk):
    desk.send(create_host("ns.a.test"))
    desk.send(create_domain("a.test"))
    shown = desk.send(act("info", "domain", name("a.test")))
    assert shown.texts("domain:host") == ["ns.a.test"]


HOST_TWICE = "<domain:hostObj>ns1.example.net</domain:hostObj>" * 2
TECH = '<domain:contact type="tech">tech1</domain:contact>'


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("<domain:add>" + NS1 + "</domain:add>", 2306),
        ("<domain:add>" + TECH + "</domain:add>", 2306),
        ("<domain:add><domain:ns>" + HOST_TWICE + "</domain:ns></domain:add>", 2306),
        ("<domain:rem>" + TECH.replace("tech1", "one") + "</domain:rem>", 2303),
        ("<domain:rem>" + TECH + "</domain:rem>", 1000),
        ("<domain:chg><domain:registrant>one</domain:registrant></domain:chg>", 2303),
    ],
)
def test_an_update_that_does_not_fit_the_domain_is_refused(desk, change, code):
    desk.send(create_contact("tech1"))
    desk.send(create_host("ns1.example.net"))
    desk.send(create_domain("a.test", NS1 + TECH))
    assert desk.code(act("update", "domain", name("a.test") + change)) == code
    assert bool(desk.registry.contacts["tech1"].links) == (code != 1000)


def test_a_domain_to_be_created_names_each_host_once(desk):
    desk.send(create_host("ns1.example.net"))
    content = "<domain:ns>" + HOST_TWICE + "</domain:ns>"
    assert desk.code(create_domain("a.test", content)) == 2306
