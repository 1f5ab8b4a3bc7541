from __future__ import annotations

import pytest

from .conversations import act, create_contact, create_domain, name, secret


def contact_id(value):
    return "<contact:id>{}</contact:id>".format(value)


def test_a_created_contact_can_be_read_back(desk):
    more = (
        '<contact:voice x="12">+371.5551234</contact:voice>'
        "<contact:fax>+371.5551235</contact:fax>"
    )
    created = desk.send(create_contact("Holder", more))
    assert created.code == 1000
    shown = desk.send(act("info", "contact", contact_id("holder")))
    assert shown.text("contact:name") == "Jo & Co"
    assert shown.text("contact:voice") == "+371.5551234"
    assert shown.text("contact:voice/@x") == "12"
    assert shown.text("contact:pw") == "2fooBAR"
    assert shown.texts("contact:status/@s") == ["ok"]
    assert desk.code(create_contact("HOLDER")) == 2302


def test_check_tells_which_ids_are_free(desk):
    desk.send(create_contact("holder"))
    answer = desk.send(
        act("check", "contact", contact_id("holder") + contact_id("fresh"))
    )
    assert answer.texts("contact:id/@avail") == ["0", "1"]
    assert desk.code(act("check", "contact", contact_id("x"))) == 2005
    assert desk.code(act("check", "contact", "")) == 2003


def test_only_the_sponsor_or_who_knows_the_auth_info_sees_a_contact(desk, other):
    desk.send(create_contact("holder"))
    info = contact_id("holder")
    assert other.code(act("info", "contact", info)) == 2201
    right, wrong = secret(object_type="contact"), secret("guess", "contact")
    assert other.code(act("info", "contact", info + right)) == 1000
    assert other.code(act("info", "contact", info + wrong)) == 2202


@pytest.mark.parametrize(
    ("damaged", "instead", "code"),
    [
        ("<contact:id>abc</contact:id>", "", 2003),
        ("<contact:id>abc", "<contact:id>a", 2005),
        ("<contact:name>Jo &amp; Co</contact:name>", "", 2003),
        ("<contact:city>Riga</contact:city>", "", 2003),
        (">LV<", ">LVA<", 2005),
        ('type="int"', 'type="home"', 2004),
        ("<contact:email>jo@example.test</contact:email>", "", 2003),
        (secret(object_type="contact"), "", 2003),
        ("<contact:email>", "<contact:voice>12</contact:voice><contact:email>", 2005),
        (
            "<contact:city>",
            "<contact:street>a</contact:street>" * 4 + "<contact:city>",
            2001,
        ),
    ],
)
def test_a_contact_that_lacks_something_is_refused(desk, damaged, instead, code):
    content = create_contact("abc")
    assert damaged in content
    assert desk.code(content.replace(damaged, instead)) == code
    assert not desk.registry.contacts


def test_an_update_changes_what_it_names_and_nothing_else(desk):
    desk.send(create_contact("holder", "<contact:voice>+1.1</contact:voice>"))
    change = (
        '<contact:postalInfo type="int"><contact:org>Firm</contact:org>'
        "</contact:postalInfo><contact:email>new@example.test</contact:email>"
        '<contact:disclose flag="0"><contact:name type="int"/><contact:voice/>'
        "</contact:disclose>"
    )
    content = (
        contact_id("holder")
        + '<contact:add><contact:status s="clientDeleteProhibited"/></contact:add>'
        + "<contact:chg>{}</contact:chg>".format(change)
    )
    assert desk.code(act("update", "contact", content)) == 1000
    shown = desk.send(act("info", "contact", contact_id("holder")))
    assert shown.text("contact:postalInfo/contact:name") == "Jo & Co"
    assert shown.text("contact:org") == "Firm"
    assert shown.text("contact:city") == "Riga"
    assert shown.text("contact:email") == "new@example.test"
    assert shown.texts("contact:voice")[0] == "+1.1"
    assert shown.text("contact:disclose/@flag") == "0"
    assert desk.code(act("delete", "contact", contact_id("holder"))) == 2304


def test_a_contact_that_a_domain_uses_is_linked_and_cannot_be_deleted(desk):
    desk.send(create_contact("holder"))
    desk.send(create_domain("a.test", "<domain:registrant>holder</domain:registrant>"))
    shown = desk.send(act("info", "contact", contact_id("holder")))
    assert shown.texts("contact:status/@s") == ["ok", "linked"]
    assert desk.code(act("delete", "contact", contact_id("holder"))) == 2305
    desk.send(act("delete", "domain", name("a.test")))
    assert desk.code(act("delete", "contact", contact_id("holder"))) == 1000
    assert desk.code(act("info", "contact", contact_id("holder"))) == 2303


def test_only_the_sponsor_may_change_a_contact(desk, other):
    desk.send(create_contact("holder"))
    change = contact_id("holder") + "<contact:chg/>"
    assert other.code(act("update", "contact", change)) == 2201
    assert other.code(act("delete", "contact", contact_id("holder"))) == 2201
    assert desk.code(act("update", "contact", contact_id("holder"))) == 2003


def test_what_this_registry_does_not_offer_is_2101(desk):
    desk.send(create_contact("holder"))
    transfer = act("transfer", "contact", contact_id("holder"), op="request")
    assert desk.code(transfer) == 2101


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ('<contact:postalInfo type="loc"/>', 2003),
        ("<contact:authInfo/>", 2003),
        ('<contact:disclose flag="maybe"/>', 2004),
        ('<contact:disclose flag="1"><contact:shoe/></contact:disclose>', 2001),
        (secret("changed", "contact"), 1000),
    ],
)
def test_an_update_that_makes_no_sense_changes_nothing(desk, change, code):
    desk.send(create_contact("holder"))
    before = desk.send(act("info", "contact", contact_id("holder"))).message
    content = contact_id("holder") + "<contact:chg>{}</contact:chg>".format(change)
    assert desk.code(act("update", "contact", content)) == code
    after = desk.send(act("info", "contact", contact_id("holder"))).message
    if code == 1000:
        assert b"changed" in after
    else:
        assert b"upDate" not in before + after
