"""What of a message a log line may show."""

from __future__ import annotations

import logging

import pytest

from geventconnpool_ext.epp import CreateDomain, InfoDomain, Login
from geventconnpool_ext.epp.redaction import Redacted

EPP = '<epp xmlns="urn:ietf:params:xml:ns:epp-1.0">{}</epp>'
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
LOGIN_SEC = "urn:ietf:params:xml:ns:epp:loginSec-1.0"


def shown(inside):
    return str(Redacted(EPP.format(inside).encode()))


@pytest.mark.parametrize(
    "request_",
    [
        Login("client", "hunter22", new_password="hunter33"),
        CreateDomain("new.example", auth_info="hunter44"),
        InfoDomain("own.example", auth_info="hunter55"),
    ],
    ids=["login", "create", "info"],
)
def test_a_request_is_shown_without_its_secrets(request_):
    text = str(Redacted(request_.xml(tr_id="ABC-1")))
    assert "hunter" not in text
    assert "***" in text
    assert "ABC-1" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "inside",
    [
        "<login><clID>me</clID><pw>hunter2</pw><newPW> hunter3 </newPW></login>",
        "<login><pw><![CDATA[hunter2]]></pw></login>",
        "<login><pw>&#104;unter2&amp;hunter3</pw></login>",
        '<l:loginSec xmlns:l="{}"><l:pw>hunter2</l:pw><l:newPW>hunter3</l:newPW>'
        "</l:loginSec>".format(LOGIN_SEC),
        '<d:authInfo xmlns:d="{}"><d:pw>hunter2</d:pw></d:authInfo>'.format(DOMAIN),
        '<d:authInfo xmlns:d="{}"><d:ext><x>hunter2</x>hunter3</d:ext>hunter4'
        "</d:authInfo>".format(DOMAIN),
        '<d:authInfo xmlns:d="{}">hunter2</d:authInfo>'.format(DOMAIN),
        '<authInfo a="hunter2"><pw roid="R-1" b="hunter3">hunter4</pw></authInfo>',
        "<result><value><undef>hunter2</undef></value></result>",
        "<result><extValue><value><pw>hunter2</pw></value></extValue></result>",
        "<!-- hunter2 --><a/><?target hunter3?>",
        '<x:create xmlns:x="urn:x" authInfo="hunter2" x:PW="hunter3"/>',
        '<x:password xmlns:x="urn:x">hunter2</x:password>',
        '<x:set xmlns:x="urn:x"><x:authCode>hunter2</x:authCode></x:set>',
        "<PassWd>hunter2</PassWd><Secret>hunter3</Secret>",
        '<k:item xmlns:k="urn:k" key="authInfo">hunter2<b>hunter3</b>hunter4</k:item>',
        '<kv:item xmlns:kv="urn:kv" key=" AUTHCODE " v="hunter2" value="hunter3"/>',
        '<authInfo a="password" b="hunter2"/><x pw="password" b="c"/>',
        "<result><msg>Invalid authInfo hunter2</msg></result>",
        "<result><msg>The password 'hunter2' is too short</msg></result>",
        "<result><msg>bad authorization code hunter2</msg></result>",
        "<extValue><value/><reason>hunter2 is wrong</reason></extValue>",
        "<command><extension><t xmlns='urn:t'>hunter2</t></extension></command>",
        "<command><extension><a xmlns='u'><b/>hunter2</a></extension></command>",
        '<extension><t:a xmlns:t="urn:t"><t:b>hunter2</t:b></t:a></extension>',
    ],
)
def test_no_form_of_a_secret_is_shown(inside):
    assert "hunter" not in shown(inside)


def test_what_is_no_secret_stays():
    text = shown(
        '<i xmlns="{}"><name>a.example</name>\n  <authInfo><pw roid="SH8013-REP">'
        "hunter2</pw></authInfo>  after\n<exDate>2030</exDate></i>".format(DOMAIN)
    )
    for kept in ("a.example", "SH8013-REP", "***", "after", "2030"):
        assert kept in text


def test_in_an_extension_that_is_not_known_names_and_clTRIDs_stay():
    text = shown(
        '<command><extension><t:fee xmlns:t="urn:t" op="set"><t:name>hidden</t:name>'
        '</t:fee><r:update xmlns:r="urn:ietf:params:xml:ns:rgp-1.0"><r:restore>kept'
        "</r:restore></r:update></extension><clTRID>ABC-1</clTRID></command>"
    )
    assert '<t:fee xmlns:t="urn:t" op="set"><t:name>***</t:name>' in text
    assert ">kept<" in text
    assert "<clTRID>ABC-1<" in text
    text = shown(
        '<extension><t:command xmlns:t="urn:t"><t:name>hidden</t:name>'
        "<t:clTRID>ABC-1</t:clTRID></t:command></extension>"
    )
    assert "hidden" not in text
    assert "ABC-1" in text


def test_what_an_answer_says_of_itself_stays():
    text = shown(
        '<response><result code="2202"><msg>Invalid authorization information</msg>'
        '</result><extension><l:loginSecData xmlns:l="{}"><l:event type="password" '
        'level="warning" exDate="2030-01-01">soon</l:event></l:loginSecData>'
        '<f:fee xmlns:f="urn:fee" key="name">9.00</f:fee></extension>'
        "<trID><clTRID>ABC-1</clTRID><svTRID>S-9</svTRID></trID></response>".format(
            LOGIN_SEC
        )
    )
    assert "***" not in text
    for kept in ("2202", "information", "warning", "2030", "soon", "9.00", "S-9"):
        assert kept in text


def test_an_empty_secret_is_shown_as_empty():
    assert "***" not in shown("<login><pw/></login>")


@pytest.mark.parametrize(
    "octets",
    [
        b"hunter2",
        b"<epp><pw>hunter2</pw>",
        b"",
        b"\x00hunter2",
        b"\xff\xfehunter2",
        b'<!DOCTYPE a [<!ENTITY b "hunter2">]><a>&b;</a>',
    ],
)
def test_what_is_no_xml_is_counted(octets):
    assert str(Redacted(octets)) == "{} octets that are no XML".format(len(octets))


def test_the_message_itself_is_left_as_it_is():
    message = Login("client", "hunter22").xml(tr_id="ABC-1")
    before = bytes(message)
    str(Redacted(message))
    assert message == before


def test_nothing_is_made_of_a_line_that_nobody_reads(caplog):
    class Counted(Redacted):
        made = 0

        def __str__(self):
            Counted.made += 1
            return super().__str__()

    logger = logging.getLogger("redaction.test")
    for level, made in ((logging.INFO, 0), (logging.DEBUG, 1)):
        caplog.set_level(level, logger.name)
        logger.debug("%s", Counted(b"<epp/>"))
        assert min(Counted.made, 1) == made


def test_the_object_shows_nothing():
    assert "hunter" not in repr(Redacted(b"<pw>hunter2</pw>"))
