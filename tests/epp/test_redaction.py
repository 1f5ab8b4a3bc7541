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
