"""Answers and greetings are read right, and what is neither is an EPPError."""

from __future__ import annotations

import copy
import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geventconnpool_ext.epp import xml
from geventconnpool_ext.epp.answers import (
    Answer,
    Greeting,
    UnexpectedAnswer,
    parse,
    require_match,
)
from geventconnpool_ext.epp.errors import EPPError
from geventconnpool_ext.epp.requests import RequestKind

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"

FULL = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<epp xmlns="{EPP}" xmlns:domain="{DOMAIN}"><response>
  <result code="2306"><msg lang="fr">  politique
     non </msg>
    <value><domain:name>a.example</domain:name></value>
    <extValue><value><domain:pw>hunter22</domain:pw></value>
      <reason lang="de">zu kurz</reason></extValue>
    <extValue><value/><reason>second</reason></extValue>
  </result>
  <result code="2004"><msg>range</msg></result>
  <msgQ count="5" id="12345"/>
  <resData><domain:infData><domain:name>a.example</domain:name>
    <domain:ns><domain:hostObj>ns1</domain:hostObj><domain:hostObj>ns2</domain:hostObj>
    </domain:ns></domain:infData></resData>
  <extension><rgp:infData xmlns:rgp="urn:ietf:params:xml:ns:rgp-1.0">
    <rgp:rgpStatus s="addPeriod"/></rgp:infData></extension>
  <trID><clTRID> ABC-1 </clTRID><svTRID>S-9</svTRID></trID>
</response></epp>""".encode()


def test_an_answer_keeps_every_result_value_and_id():
    answer = parse(FULL)
    assert isinstance(answer, Answer)
    assert (answer.code, answer.msg) == (2306, "politique non")
    assert (answer.cl_tr_id, answer.sv_tr_id) == ("ABC-1", "S-9")
    assert answer.xml == FULL
    assert not answer.success
    first, second = answer.results
    assert (second.code, second.msg, second.lang) == (2004, "range", "en")
    assert first.lang == "fr"
    assert len(first.values) == 1
    assert "a.example" in first.values[0]
    assert [(e.reason, e.lang) for e in first.ext_values] == [
        ("zu kurz", "de"),
        ("second", "en"),
    ]
    assert "hunter22" in first.ext_values[0].value
    assert (answer.message_count, answer.message_id) == (5, "12345")


def with_values(values, declarations=""):
    return (
        f'<epp xmlns="{EPP}"{declarations}><response><result code="2001">'
        f"{values}</result></response></epp>"
    ).encode()


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("", ""),
        (" a &amp; b\n", "a &amp; b"),
        ("a<b/>c", "a<b/>c"),
        ('<d:b x="1&gt;2">c</d:b> d ', '<d:b x="1&gt;2">c</d:b> d'),
        ("<value>a</value><value/>", "<value>a</value><value/>"),
        ("<b/><!-- c --><?d?>e", "<b/>e"),
        ("<![CDATA[<b>]]>", "&lt;b&gt;"),
        ('<b xmlns:e="urn:u"><e:c/></b>', '<b xmlns:e="urn:u"><e:c/></b>'),
        (
            "\x7f\x85\ud7ff\ue000\ufffd\U0010ffff",
            "\x7f\x85\ud7ff\ue000\ufffd\U0010ffff",
        ),
    ],
)
def test_a_value_is_what_stands_inside_as_xml(inside, text):
    values = f"<value>{inside}</value>" * 2
    values += f"<extValue><value>{inside}</value><reason>r</reason></extValue>"
    answer = parse(with_values(values, f' xmlns:d="{DOMAIN}"'))
    (result,) = answer.results
    # lxml writes some characters as references.
    shown = [
        xml.parse(f"<a xmlns:d='u'>{t}</a>".encode()) for t in (text, *result.values)
    ]
    assert len(result.values) == 2
    assert len({xml.serialize(root) for root in shown}) == 1
    assert result.values[0] == result.values[1] == result.ext_values[0].value


def test_reading_the_values_leaves_the_answer_as_it_came():
    for data in (FULL, with_values("<value> a<b/>c </value><value/><value>d</value>")):
        kept = xml.serialize(parse(data).element.getroottree().getroot())
        assert kept == xml.serialize(xml.parse(data))


def bomb(kib, unit):
    """Half of it namespaces, half of it *unit* over and over."""
    half = kib * 512
    count = half // len(' xmlns:n0000="u0000"')
    declarations = "".join(f' xmlns:n{i:04}="u{i:04}"' for i in range(count))
    inside = unit * (half // len(unit))
    if "value" not in unit:
        inside = f"<value>{inside}</value>"
    return with_values(inside, declarations)


@pytest.mark.parametrize(
    "unit",
    ["<a/>", "<value><a/></value>", "<extValue><value><a/></value></extValue>"],
    ids=["children", "values", "ext_values"],
)
def test_a_small_answer_cannot_make_much_of_its_namespaces(unit):
    """Written anew for each element, 32 KiB would take 10 s of the event loop."""
    took = {}
    for kib in (4, 32):
        data = bomb(kib, unit)
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            (result,) = parse(data).results
            runs.append(time.perf_counter() - start)
        took[kib] = min(runs)
        texts = [*result.values, *(ext.value for ext in result.ext_values)]
        assert 0 < sum(map(len, texts)) < len(data)
    # Linear is 8, quadratic 64.
    assert took[32] < 24 * took[4]


def test_elements_of_an_answer_can_be_found():
    answer = parse(FULL)
    assert answer.find_text("domain:infData/domain:name") == "a.example"
    assert len(answer.find_all("domain:infData/domain:ns/domain:hostObj")) == 2
    assert answer.find("rgp:infData/rgp:rgpStatus").get("s") == "addPeriod"
    assert answer.find(f"{{{DOMAIN}}}nothing") is None
    assert answer.find_text("domain:nothing") is None
    assert answer.element.tag == f"{{{EPP}}}response"


def test_no_repr_shows_more_than_codes_texts_and_ids():
    answer = parse(FULL)
    shown = repr(answer) + repr(answer.results) + repr(answer.results[0].ext_values)
    assert "2306" in shown
    assert "ABC-1" in shown
    assert "hunter22" not in shown
    assert "a.example" not in shown


def test_an_answer_can_be_pickled_and_copied():
    answer = parse(FULL)
    for again in (pickle.loads(pickle.dumps(answer)), copy.copy(answer)):
        assert again.xml == answer.xml
        assert again.code == 2306


def test_a_short_answer_has_none_where_nothing_was_sent():
    answer = parse(
        f'<epp xmlns="{EPP}"><response><result code="1000"/></response></epp>'.encode()
    )
    assert (answer.msg, answer.cl_tr_id, answer.sv_tr_id) == ("", None, None)
    assert (answer.message_count, answer.message_id) == (0, None)
    assert answer.success


def test_a_greeting_is_read(peer_greeting):
    greeting = parse(peer_greeting)
    assert isinstance(greeting, Greeting)
    assert greeting.server_id == "Scripted peer"
    assert greeting.server_date.startswith("2026")
    assert greeting.versions == ("1.0",)
    assert greeting.languages == ("en",)
    assert greeting.obj_uris == (DOMAIN,)
    assert greeting.ext_uris == ("urn:ietf:params:xml:ns:rgp-1.0",)
    assert greeting.xml == peer_greeting
    assert "Scripted peer" in repr(greeting)


def wrapped(inside, namespace=EPP):
    return f'<epp xmlns="{namespace}">{inside}</epp>'.encode()


BAD = [
    b"",
    b"\x00" * 20,
    b"\xff\xfe",
    b"HTTP/1.1 200 OK",
    b"<html/>",
    wrapped(""),
    wrapped("<response/>"),
    wrapped("<response><result/></response>"),
    wrapped('<response><result code=""/></response>'),
    wrapped('<response><result code="999"/></response>'),
    wrapped('<response><result code="0999"/></response>'),
    wrapped('<response><result code="3000"/></response>'),
    wrapped('<response><result code="10000"/></response>'),
    wrapped('<response><result code="1000\n"/></response>'.replace("\n", "&#10;")),
    wrapped('<response><result code="\u0661000"/></response>'),
    wrapped('<response><result code="abcd"/></response>'),
    wrapped('<response><result code="1000"/></response><greeting/>'),
    wrapped('<response><result code="1000"/></response>', "urn:other"),
    wrapped('<response xmlns="urn:other"><result code="1000"/></response>'),
    wrapped('<response><result xmlns="urn:other" code="1000"/></response>'),
    wrapped("<command><logout/></command>"),
    wrapped("<hello/>"),
    wrapped("text"),
    b"<!DOCTYPE epp>" + wrapped('<response><result code="1000"/></response>'),
]


@pytest.mark.parametrize("data", BAD)
def test_what_is_neither_answer_nor_greeting_is_an_epp_error(data):
    with pytest.raises(EPPError):
        parse(data)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_arbitrary_octets_raise_nothing_but_epp_error(data):
    try:
        parse(data)
    except EPPError:
        pass


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_answer_raises_nothing_but_epp_error(data):
    damaged = bytearray(FULL)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(damaged) - 1))
        damaged[position : position + data.draw(st.integers(0, 9))] = data.draw(
            st.binary(max_size=4)
        )
    try:
        answer = parse(bytes(damaged))
    except EPPError:
        return
    assert repr(answer)
    if isinstance(answer, Answer):
        assert 1000 <= answer.code <= 2999
        assert answer.message_count >= 0


def test_only_the_answer_with_our_tr_id_matches(peer_response):
    kind = RequestKind("create", None, "domain")
    require_match(parse(peer_response(1000, "ABC-1")), "ABC-1", kind)
    for tr_id in ("ABC-2", "abc-1", None):
        with pytest.raises(UnexpectedAnswer) as caught:
            require_match(parse(peer_response(1000, tr_id)), "ABC-1", kind)
        assert caught.value.code == 1000


@pytest.mark.parametrize(
    ("code", "verb", "accepted"),
    [
        (2000, "create", True),
        (2001, "create", True),
        (2002, "create", False),
        (2500, "create", False),
        (2501, "login", True),
        (2502, "login", True),
        (2200, "login", True),
        (2400, "login", True),
        (1000, "login", False),
        (1001, "login", False),
    ],
)
def test_an_answer_without_a_tr_id_is_taken_only_where_ours_was_not_read(
    peer_response, code, verb, accepted
):
    answer = parse(peer_response(code, None))
    if accepted:
        require_match(answer, "ABC-1", RequestKind(verb))
    else:
        with pytest.raises(UnexpectedAnswer):
            require_match(answer, "ABC-1", RequestKind(verb))
