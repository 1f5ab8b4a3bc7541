"""The grammar that all other tests lean on has to see what is wrong."""

from __future__ import annotations

import os

import pytest

from .conversations import act, create_domain, name
from .grammar import problems, schema_problems


@pytest.mark.parametrize(
    ("damaged", "instead"),
    [
        ('<result code="1000">', '<result code="9000">'),
        ("<msg>Command completed successfully</msg>", ""),
        ("<svTRID>TEST", "<svID>TEST"),
        ("<domain:roid>D1-TEST</domain:roid>", ""),
        ("<domain:roid>D1-TEST", "<domain:roid>D1"),
        ('s="inactive"', 's="sleepy"'),
        ("<domain:clID>", "<domain:crID>me1</domain:crID><domain:clID>"),
        ("<domain:pw>", "<domain:pw><b/>"),
        ("<trID>", "<trID><extra/>"),
        (":ns:domain-1.0", ":ns:domain-2.0"),
    ],
)
def test_a_damaged_answer_is_noticed(desk, damaged, instead):
    desk.send(create_domain("a.test"))
    message = desk.send(act("info", "domain", name("a.test"))).message.decode("utf-8")
    assert damaged in message
    if damaged.startswith("<svTRID"):
        message = message.replace("</svTRID>", "</svID>")
    message = message.replace(damaged, instead)
    assert problems(message.encode("utf-8"))


@pytest.mark.skipif(
    "EPP_SCHEMAS" not in os.environ,
    reason="EPP_SCHEMAS names no directory with the schemas of RFC 5730-5733, 5910",
)
def test_the_schemas_of_the_rfcs_are_asked_too(desk):
    desk.send(create_domain("a.test"))
    shown = desk.send(act("info", "domain", name("a.test"))).message
    assert not schema_problems(shown)
    assert schema_problems(shown.replace(b'"inactive"', b'"sleepy"'))
