from __future__ import annotations

import pytest

from geventconnpool_ext.testing import Registry
from geventconnpool_ext.testing.requests import parse

from .conversations import (
    NS,
    Desk,
    act,
    command,
    create_domain,
    epp,
    login,
    name,
    secret,
)

CHECK = act("check", "domain", name("a.test"))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00",
        b"no xml",
        b"<epp/>",
        epp(""),
        epp("<hello/><hello/>"),
        epp("<surprise/>"),
        epp("<command/>"),
        b"<?xml version='1.0'?><!DOCTYPE epp SYSTEM 'x'>" + epp("<hello/>"),
        b"<!DOCTYPE epp [<!ENTITY a 'b'>]>" + epp("<hello>&a;</hello>"),
        "<epp/>".encode("utf-16"),
        b"<epp \xff/>",
    ],
)
def test_what_is_no_epp_is_2001_in_any_state(message):
    assert Desk(Registry(), None).send_message(message).code == 2001


def test_an_entity_bomb_is_refused_at_once():
    entities = '<!ENTITY e0 "lol">' + "".join(
        '<!ENTITY e{} "{}">'.format(n, "&e{};".format(n - 1) * 10) for n in range(1, 12)
    )
    bomb = "<!DOCTYPE epp [{}]>".format(entities).encode() + epp("<hello>&e11;</hello>")
    assert parse(bomb).refusal.code == 2001


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<transmogrify/>", 2000),
        ("<check/>", 2001),
        ('<check><x xmlns="urn:other"/></check>', 2307),
        ("<check><domain:info/></check>", 2001),
        (act("renew", "host", "<host:name>a.test</host:name>"), 2101),
        (act("check", "domain", name("a.test"), '<x xmlns="urn:other"/>'), 2103),
        (act("create", "domain", name("a") + secret(), '<x xmlns="urn:other"/>'), 2103),
    ],
)
def test_what_the_registry_does_not_know_has_a_code_of_its_own(desk, content, code):
    assert desk.code(content) == code


def test_a_protocol_extension_is_2101(desk):
    assert desk.send_message(epp("<extension><x/></extension>")).code == 2101


def test_the_cl_tr_id_comes_back_and_the_sv_tr_id_is_never_the_same(desk):
    first, second = desk.send(CHECK, "MINE-&amp;-1"), desk.send(CHECK, "MINE-&amp;-1")
    assert first.text("epp:clTRID") == "MINE-&-1"
    assert first.text("epp:svTRID") != second.text("epp:svTRID")


def test_a_command_may_have_no_cl_tr_id_but_not_an_invalid_one(desk):
    assert desk.send(CHECK, "").texts("epp:clTRID") == []
    for bad in ("ab", "x" * 65):
        answer = desk.send(CHECK, bad)
        assert answer.code == 2001
        assert answer.texts("epp:clTRID") == []


def test_nothing_but_login_and_hello_works_before_a_login(registry):
    desk = Desk(registry, None)
    for content in (CHECK, "<logout/>", '<poll op="req"/>', create_domain("a.test")):
        assert desk.code(content) == 2002
    assert not registry.domains


def test_a_second_login_is_2002(desk):
    assert desk.code(login()) == 2002
    assert desk.code(CHECK) == 1000


def test_services_that_were_not_named_at_login_are_refused(registry):
    desk = Desk(registry, None)
    only_hosts = login().replace("<objURI>{}</objURI>".format(NS["domain"]), "")
    assert desk.code(only_hosts) == 1000
    assert desk.code(CHECK) == 2307


@pytest.mark.parametrize(
    ("damaged", "instead", "code"),
    [
        ("<version>1.0", "<version>2.0", 2100),
        ("<lang>en", "<lang>lv", 2102),
        (NS["host"], "urn:other", 2307),
        (NS["secDNS"], "urn:other", 2103),
        ("<pw>password</pw>", "", 2003),
        ("<clID>client</clID>", "", 2003),
        ("<pw>password</pw>", "<pw>password</pw><newPW>x</newPW>", 2005),
        ("<pw>password</pw>", "<pw>wrong</pw>", 2200),
        ("<clID>client</clID>", "<clID>nobody</clID>", 2200),
    ],
)
def test_a_login_that_asks_for_too_much_or_says_too_little_is_refused(
    registry, damaged, instead, code
):
    desk = Desk(registry, None)
    assert damaged in login()
    assert desk.code(login().replace(damaged, instead)) == code
    assert desk.session.client_id is None
    assert registry.counters().login_failures == 1
    assert desk.code(login()) == 1000


def test_no_refusal_repeats_a_password_or_auth_info(desk, registry):
    wrong = Desk(registry, None).send(login(password="hunter2"))
    assert b"hunter2" not in wrong.message
    body = '<check><x xmlns="urn:other"><pw>hunter2</pw></x></check>'
    assert b"hunter2" not in desk.send(body).message
    nameless = act("create", "domain", secret("hunter2"))
    assert b"hunter2" not in desk.send(nameless).message
    assert "hunter2" not in repr(list(registry.record))
    assert "password" not in repr(list(registry.accounts.values()))


def test_a_new_password_replaces_the_old(registry):
    desk = Desk(registry, None)
    assert desk.code(login(more="<newPW>password9</newPW>")) == 1000
    assert Desk(registry, None).code(login()) == 2200
    assert Desk(registry, None).code(login(password="password9")) == 1000


def test_a_hello_is_told_from_a_command():
    assert parse(epp("<hello/>")).verb == "hello"
    request = parse(command(create_domain("A.Test"), "TR-1"))
    assert (request.verb, request.object_type, request.name, request.cl_tr_id) == (
        "create",
        "domain",
        "a.test",
        "TR-1",
    )
