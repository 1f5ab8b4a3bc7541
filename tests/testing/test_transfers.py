from __future__ import annotations

import pytest

from .conversations import act, create_domain, create_host, name, secret


def move(op, auth_info="", domain="a.test"):
    return act("transfer", "domain", name(domain) + auth_info, op=op)


@pytest.fixture
def requested(desk, other):
    """A domain of 'client' that 'other' asks for."""
    desk.send(create_domain("a.test"))
    answer = other.send(move("request", secret()))
    assert answer.code == 1001
    assert answer.text("domain:trStatus") == "pending"
    return answer


def poll(desk):
    return desk.send('<poll op="req"/>')


def test_an_approved_transfer_changes_sponsor_and_expiry_and_tells_both(
    requested, desk, other
):
    desk.send(create_host("ns.a.test", "192.0.2.1"))
    before = desk.registry.domains["a.test"].expires
    told = poll(desk)
    assert (told.code, told.text("domain:reID")) == (1301, "other")
    assert desk.code(move("approve")) == 1000
    domain = desk.registry.domains["a.test"]
    assert domain.sponsor == "other"
    assert domain.expires.year == before.year + 1
    assert desk.registry.hosts["ns.a.test"].sponsor == "other"
    told = poll(other)
    assert told.text("epp:msgQ/epp:msg") == "Transfer approved."
    assert told.text("domain:trStatus") == "clientApproved"
    assert desk.code(act("delete", "domain", name("a.test"))) == 2201
    shown = other.send(act("info", "domain", name("a.test")))
    assert shown.text("domain:clID") == "other"
    assert shown.texts("domain:trDate")


@pytest.mark.parametrize(
    ("op", "outcome"), [("reject", "clientRejected"), ("cancel", "clientCancelled")]
)
def test_a_transfer_that_is_rejected_or_cancelled_changes_nothing(
    requested, desk, other, op, outcome
):
    by, against = (desk, other) if op == "reject" else (other, desk)
    assert against.code(move(op)) == 2201
    assert by.send(move(op)).text("domain:trStatus") == outcome
    assert desk.registry.domains["a.test"].sponsor == "client"
    assert by.code(move(op)) == 2301


def test_a_pending_transfer_holds_everything_else(requested, desk, other):
    assert other.code(move("request", secret())) == 2300
    assert desk.code(act("delete", "domain", name("a.test"))) == 2304
    assert desk.code(act("update", "domain", name("a.test") + "<domain:chg/>")) == 2304
    shown = desk.send(act("info", "domain", name("a.test")))
    assert "pendingTransfer" in shown.texts("domain:status/@s")
    assert other.code(move("approve")) == 2201


def test_a_request_needs_another_client_and_the_auth_info(desk, other):
    desk.send(create_domain("a.test"))
    assert desk.code(move("request", secret())) == 2106
    assert other.code(move("request")) == 2003
    assert other.code(move("request", secret("guess"))) == 2202
    assert other.code(move("request", secret(), "b.test")) == 2303
    assert other.code(move("steal", secret())) == 2004
    assert other.code(act("transfer", "domain", name("a.test"))) == 2003
    assert desk.registry.domains["a.test"].transfer is None


def test_a_status_can_prohibit_a_transfer(desk, other):
    desk.send(create_domain("a.test"))
    added = '<domain:add><domain:status s="clientTransferProhibited"/></domain:add>'
    desk.send(act("update", "domain", name("a.test") + added))
    assert other.code(move("request", secret())) == 2304


def test_a_query_is_for_those_concerned(desk, other, registry):
    desk.send(create_domain("a.test"))
    assert desk.code(move("query")) == 2301
    assert other.code(move("query")) == 2201
    assert other.code(move("query", secret("guess"))) == 2202
    other.send(move("request", secret()))
    assert other.send(move("query")).text("domain:trStatus") == "pending"
    assert desk.send(move("query")).text("domain:acID") == "client"
    assert desk.code(move("approve")) == 1000
    assert desk.send(move("query")).text("domain:trStatus") == "clientApproved"


def test_the_other_side_is_told_of_the_end(requested, desk, other):
    other.send(move("cancel"))
    queued = desk.registry.repository.queue("client").values()
    assert [message.text for message in queued] == [
        "Transfer requested.",
        "Transfer cancelled.",
    ]
