"""Requests of every form get their clTRID in the right place, and are classified."""

from __future__ import annotations

import pytest
from lxml import etree

from geventconnpool_ext.epp.commands import (
    CheckDomain,
    CreateDomain,
    DeleteDomain,
    Hello,
    InfoDomain,
    Login,
    Logout,
    PollAck,
    PollRequest,
)
from geventconnpool_ext.epp.requests import (
    PreparedRequest,
    RequestKind,
    classify,
    prepare,
    render,
)

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"


def command(inside, tail=""):
    return f'<epp xmlns="{EPP}"><command>{inside}{tail}</command></epp>'


CHECK = (
    f'<check><d:check xmlns:d="{DOMAIN}"><d:name>a.example</d:name></d:check></check>'
)


def names_in_command(data):
    return [etree.QName(child).localname for child in etree.fromstring(data)[0]]


@pytest.mark.parametrize("form", [str, str.encode])
def test_a_missing_tr_id_is_put_last_in_the_command(form):
    written = render(
        form(command(CHECK, "<extension><x xmlns='urn:x'/></extension>")), "ABC-1"
    )
    assert names_in_command(written) == ["check", "extension", "clTRID"]
    assert etree.fromstring(written)[0][-1].text == "ABC-1"
    assert etree.QName(etree.fromstring(written)[0][-1]).namespace == EPP


@pytest.mark.parametrize(
    "old", ["<clTRID>OLD-1</clTRID>", "<clTRID><!-- x -->OLD</clTRID>"]
)
def test_an_existing_tr_id_is_replaced(old):
    written = render(command(CHECK, old), "NEW-1")
    assert b"OLD" not in written
    assert names_in_command(written) == ["check", "clTRID"]
    assert etree.fromstring(written)[0][1].text == "NEW-1"


def test_a_clTRID_of_the_same_name_elsewhere_is_left_alone():
    foreign = "<extension><x xmlns='urn:x'><clTRID>THEIRS</clTRID></x></extension>"
    assert b"THEIRS" in render(command(CHECK, foreign), "NEW-1")


def test_bytes_that_carry_the_tr_id_already_are_sent_as_they_are():
    written = command(CHECK, "<clTRID>SAME-1</clTRID>").encode()
    assert render(written, "SAME-1") is written


def test_an_object_is_asked_for_its_xml_with_the_tr_id():
    class Mine:
        def xml(self, tr_id=None):
            return command(CHECK, f"<clTRID>{tr_id}</clTRID>")

    assert b">MINE-1<" in render(Mine(), "MINE-1")


def test_an_object_that_ignores_the_tr_id_is_corrected():
    class Stubborn:
        def xml(self, tr_id=None):
            return command(CHECK, "<clTRID>ALWAYS</clTRID>").encode()

    assert b">MINE-1<" in render(Stubborn(), "MINE-1")


def test_the_tr_id_inside_a_protocol_extension_is_replaced():
    request = (
        f'<epp xmlns="{EPP}"><extension><f:cmd xmlns:f="urn:fred"><f:sendAuthInfo/>'
        "<f:clTRID>OLD-1</f:clTRID></f:cmd></extension></epp>"
    )
    prepared = prepare(request, "NEW-1")
    assert b"<f:clTRID>NEW-1<" in prepared.data
    assert prepared.kind.verb == "other"
    with pytest.raises(ValueError, match=r"no clTRID element"):
        prepare(f'<epp xmlns="{EPP}"><extension><x xmlns="urn:x"/></extension></epp>')


def test_a_prepared_request_is_itself_a_request():
    prepared = prepare(CheckDomain("a.example"), "ONE-1")
    assert prepare(prepared, "ONE-1") is prepared
    assert prepared.xml() is prepared.data
    assert b">TWO-2<" in prepared.xml("TWO-2")
    again = prepare(prepared, "TWO-2")
    assert isinstance(again, PreparedRequest)
    assert again.tr_id == "TWO-2"
    assert "a.example" not in repr(prepared)


def test_without_a_tr_id_each_gets_a_new_one():
    first, second = prepare(Logout()), prepare(Logout())
    assert first.tr_id != second.tr_id
    assert first.tr_id.encode() in first.data


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        "",
        "  ",
        b"garbage",
        b"<epp/>",
        "<epp xmlns='urn:other'><command><logout/></command></epp>",
        f"<epp xmlns='{EPP}'/>",
        f"<epp xmlns='{EPP}'><command/></epp>",
        f"<epp xmlns='{EPP}'><command><clTRID>ABC</clTRID></command></epp>",
        f"<epp xmlns='{EPP}'><greeting/></epp>",
        f"<epp xmlns='{EPP}'><response/></epp>",
        f"<epp xmlns='{EPP}'><command xmlns=''><x/></command></epp>",
        f"<epp xmlns='{EPP}'><hello/><hello/></epp>",
        f"<!DOCTYPE epp><epp xmlns='{EPP}'><hello/></epp>",
        b"\xff\xfe",
        "\ud800",
    ],
)
def test_what_is_no_request_is_a_value_error(request_):
    for function in (prepare, classify):
        with pytest.raises(ValueError, match=r"request|not what a client sends"):
            function(request_)


@pytest.mark.parametrize("request_", [None, 7, object(), bytearray(b"<epp/>"), ["x"]])
def test_what_has_no_form_of_a_request_is_a_type_error(request_):
    for function in (prepare, classify):
        with pytest.raises(TypeError, match=r"a request must be bytes, a str"):
            function(request_)


def test_an_object_whose_xml_is_no_text_is_a_type_error():
    class Wrong:
        def xml(self, tr_id=None):
            return 7

    with pytest.raises(TypeError, match=r"Wrong.xml"):
        prepare(Wrong())


def test_a_malformed_request_is_not_quoted_in_the_error():
    with pytest.raises(ValueError, match=r"not well-formed") as caught:
        prepare("<epp><pw>hunter22</pw>")
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("tr_id", ["", "ab", "x" * 65, " abc", "abc ", "a  b", "a\nb"])
def test_an_illegal_tr_id_is_refused(tr_id):
    with pytest.raises(ValueError, match=r"3 to 64"):
        prepare(Logout(), tr_id)
    with pytest.raises(TypeError, match=r"tr_id must be a str"):
        prepare(Logout(), 12345)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (Hello(), RequestKind("hello")),
        (Login("client", "password"), RequestKind("login")),
        (Logout(), RequestKind("logout")),
        (CheckDomain("a.example"), RequestKind("check", None, "domain")),
        (InfoDomain("a.example"), RequestKind("info", None, "domain")),
        (
            InfoDomain("a.example", auth_info="s3cret-x"),
            RequestKind("info", None, "domain", True),
        ),
        (
            CreateDomain("a.example", auth_info="s3cret-x", registrant="r1"),
            RequestKind("create", None, "domain", True),
        ),
        (DeleteDomain("a.example"), RequestKind("delete", None, "domain")),
        (PollRequest(), RequestKind("poll", "req")),
        (PollAck("12"), RequestKind("poll", "ack")),
        (
            command(
                f'<transfer op="query"><d:transfer xmlns:d="{DOMAIN}"/></transfer>'
            ),
            RequestKind("transfer", "query", "domain"),
        ),
        (
            command(
                "<update><h:update xmlns:h='urn:ietf:params:xml:ns:host-1.0'/></update>"
            ),
            RequestKind("update", None, "host"),
        ),
        (
            command(
                "<renew><v:renew xmlns:v='http://www.verisign.com/epp/rcc-1.0'/></renew>"
            ),
            RequestKind("renew", None, "rcc"),
        ),
        (command("<undo/>"), RequestKind("other")),
        (command("<x:check xmlns:x='urn:x-1.0'/>"), RequestKind("other", None, "x")),
    ],
    ids=str,
)
def test_a_request_is_classified(request_, kind):
    assert classify(request_) == kind
    assert classify(kind) is kind
    assert prepare(request_).kind == kind


def test_a_login_names_client_password_and_services():
    login = Login(
        "client-1", "pass-word", new_password="new-pass", ext_uris=["urn:e"], lang="de"
    )
    body = etree.fromstring(login.xml("LOG-1"))[0][0]
    find = {etree.QName(element).localname: element.text for element in body.iter()}
    assert (find["clID"], find["pw"], find["newPW"]) == (
        "client-1",
        "pass-word",
        "new-pass",
    )
    assert (find["version"], find["lang"], find["extURI"]) == ("1.0", "de", "urn:e")
    assert len(body.findall(".//{*}objURI")) == 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("", "password"), "client_id"),
        (("ab", "password"), "client_id"),
        (("x" * 17, "password"), "client_id"),
        (("client", ""), "password"),
        (("client", "short"), "password"),
    ],
)
def test_an_empty_or_too_short_login_names_the_argument(arguments, named):
    with pytest.raises(ValueError, match=named):
        Login(*arguments)


def test_wrong_arguments_of_ready_requests_are_named():
    with pytest.raises(ValueError, match=r"new_password"):
        Login("client", "password", new_password="")
    with pytest.raises(ValueError, match=r"obj_uris"):
        Login("client", "password", obj_uris=())
    with pytest.raises(TypeError, match=r"obj_uris"):
        Login("client", "password", obj_uris="urn:x")
    with pytest.raises(TypeError, match=r"ext_uris must be .*, not int"):
        Login("client", "password", ext_uris=5)
    with pytest.raises(TypeError, match=r"client_id"):
        Login(None, "password")
    with pytest.raises(ValueError, match=r"names"):
        CheckDomain()
    with pytest.raises(ValueError, match=r"message_id"):
        PollAck("")
    with pytest.raises(ValueError, match=r"period"):
        CreateDomain("a.example", auth_info="s3cret", period=0)
    with pytest.raises(TypeError, match=r"period"):
        CreateDomain("a.example", auth_info="s3cret", period=1.5)


INEXPRESSIBLE = ["\x00", "\x01", "\x0b", "\x1f", "\ud800", "\udcff", "\ufffe", "\uffff"]


@pytest.mark.parametrize("character", INEXPRESSIBLE, ids=ascii)
@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("password", lambda text: Login("client", text)),
        ("new_password", lambda text: Login("client", "password", new_password=text)),
        ("client_id", lambda text: Login(text, "password")),
        ("lang", lambda text: Login("client", "password", lang=text)),
        ("version", lambda text: Login("client", "password", version=text)),
        ("obj_uris", lambda text: Login("client", "password", obj_uris=[text])),
        ("ext_uris", lambda text: Login("client", "password", ext_uris=[text])),
        ("auth_info", lambda text: CreateDomain("a.example", auth_info=text)),
        ("auth_info", lambda text: InfoDomain("a.example", auth_info=text)),
        (
            "registrant",
            lambda text: CreateDomain("a.example", auth_info="s3", registrant=text),
        ),
        ("names", CheckDomain),
        ("name", DeleteDomain),
        ("message_id", PollAck),
    ],
)
def test_what_xml_cannot_express_is_refused_and_not_shown(argument, make, character):
    text = "hunter22" + character
    with pytest.raises(ValueError, match=f"^{argument} holds a character") as caught:
        make(text)
    assert not isinstance(caught.value, UnicodeError)
    assert caught.value.args == (str(caught.value),)
    assert "hunter22" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_what_xml_can_express_is_taken():
    text = "a\t\n\r ~\x7f\x85\xa0\ud7ff\ue000\ufffd\U00010000\U0010ffffz"
    data = CreateDomain("a.example", auth_info=text).xml("ABC-1")
    assert etree.fromstring(data).findtext(".//{*}pw") == text


def test_a_foreign_objects_unicode_error_is_not_passed_on():
    class Foreign:
        def xml(self, tr_id=None):
            return "hunter22\udcff".encode()

    for function in (prepare, classify):
        with pytest.raises(ValueError, match=r"Foreign.xml\(.* UnicodeEnc") as caught:
            function(Foreign())
        assert type(caught.value) is ValueError
        assert "hunter22" not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


def test_no_repr_shows_a_secret():
    shown = repr(Login("client", "hunter22", new_password="hunter33"))
    shown += repr(CreateDomain("a.example", auth_info="hunter44"))
    shown += repr(InfoDomain("a.example", auth_info="hunter55"))
    assert "hunter" not in shown
    assert "a.example" in shown
    assert "Login('client')" in shown
    assert repr(Hello()) == "Hello()"


READY_MADE = [
    Hello(),
    Login("client", "password", new_password="password2", ext_uris=["urn:x"]),
    Logout(),
    PollRequest(),
    PollAck("17"),
    CheckDomain("a.example", "b.example"),
    InfoDomain("a.example"),
    InfoDomain("a.example", auth_info="infoSecret1"),
    CreateDomain("a.example", auth_info="createSecret1"),
    DeleteDomain("a.example"),
]


@pytest.mark.parametrize("request_", READY_MADE, ids=lambda made: type(made).__name__)
def test_a_ready_made_request_says_of_itself_what_its_xml_says(request_):
    prepared = prepare(request_, "MINE-0001")
    read = prepare(prepared.data, "MINE-0001")
    assert (prepared.data, prepared.kind) == (read.data, read.kind)
    assert prepared.request is request_


def test_a_subclass_of_a_ready_made_request_is_read():
    class Deleting(CheckDomain):
        def xml(self, tr_id=None):
            return DeleteDomain(*self.names).xml(tr_id)

    assert classify(Deleting("a.example")).verb == "delete"
    assert prepare(Deleting("a.example")).kind.verb == "delete"
