"""A schema: what does not fit it is neither sent nor believed."""

from __future__ import annotations

import logging

import pytest
from epplib import commands, models
from epplib.exceptions import TransportError
from lxml import etree

from geventconnpool_ext import PoolError
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    EPPError,
    ExpiryReason,
    InfoDomain,
    change_password,
)
from geventconnpool_ext.epp.epplib import Client, Transport, client_factory

from ..epp_pool.conftest import PASSWORD
from .commands import check, create, info, login

# It knows login, logout, check and create without extensions, passwords of up to 16
# characters, and the transaction ids of the registry of these tests.
SCHEMA = """
<schema xmlns="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
    xmlns:epp="urn:ietf:params:xml:ns:epp-1.0"
    targetNamespace="urn:ietf:params:xml:ns:epp-1.0">
  <element name="epp"><complexType><choice>
    <element name="greeting" type="epp:anything"/>
    <element name="hello"/>
    <element name="command"><complexType><sequence>
      <choice>
        <element name="login" type="epp:login"/>
        <element name="logout"/>
        <element name="check" type="epp:anything"/>
        <element name="create" type="epp:anything"/>
      </choice>
      <element name="clTRID" type="token"/>
    </sequence></complexType></element>
    <element name="response"><complexType><sequence>
      <element name="result" type="epp:anything"/>
      <element name="resData" type="epp:anything" minOccurs="0"/>
      <element name="trID"><complexType><sequence>
        <element name="clTRID" type="token" minOccurs="0"/>
        <element name="svTRID"><simpleType><restriction base="token">
          <pattern value="TEST-.*"/>
        </restriction></simpleType></element>
      </sequence></complexType></element>
    </sequence></complexType></element>
  </choice></complexType></element>
  <complexType name="login"><sequence>
    <element name="clID" type="token"/>
    <element name="pw"><simpleType><restriction base="token">
      <maxLength value="16"/>
    </restriction></simpleType></element>
    <any maxOccurs="unbounded" processContents="skip"/>
  </sequence></complexType>
  <complexType name="anything" mixed="true">
    <sequence>
      <any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
    </sequence>
    <anyAttribute processContents="skip"/>
  </complexType>
</schema>
"""

AGAINST = r"domain info does not fit the schema: SCHEMAV_\w+ at /"


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.fromstring(SCHEMA))


def test_what_fits_goes_both_ways(make_pool, schema, kind):
    pool = make_pool(kind=kind, schema=schema)
    assert pool.send(check()).res_data[0].name == "own.example"
    assert pool.send(create()).code == 1000


@pytest.mark.parametrize(
    "request_",
    [
        info("own.example", "OtherSecret22"),
        InfoDomain("own.example", auth_info="OtherSecret22"),
        InfoDomain("own.example", auth_info="OtherSecret22").xml(tr_id="ABC-1"),
    ],
    ids=["epplib's", "ours", "bytes"],
)
def test_a_request_against_it_is_refused_without_a_use_of_the_connection(
    make_pool, registry, schema, request_
):
    pool = make_pool(schema=schema)
    assert pool.send(check()).code == 1000
    before = len(registry.record)
    for send in (pool.send, Through(pool)):
        with pytest.raises(ValueError, match=AGAINST) as caught:
            send(request_)
        assert not isinstance(caught.value, PoolError)
        text = str(caught.value) + repr(caught.value.__context__)
        assert "OtherSecret22" not in text
        assert "own.example" not in text
    assert len(registry.record) == before
    assert pool.send(check()).code == 1000
    assert registry.counters().logins == 1


class Through:
    """Sends on a session in a block."""

    def __init__(self, pool):
        self.pool = pool

    def __call__(self, request):
        with self.pool.get() as session:
            session.send(request)


def test_a_client_by_itself_refuses_it_too(peer_server, peer_certificates, schema):
    server = peer_server(lambda peer: (peer.greet(), peer.wait_for_end()))
    transport = Transport("localhost", server.port, ca=peer_certificates.ca_file)
    with Client(transport, schema) as client:
        for bad in (info(), login("tooLongForThisSchema1"), commands.ListDomains()):
            with pytest.raises(ValueError, match="does not fit the schema"):
                client.send(bad)
        assert transport.unread == 0
    assert server.connections[0].seen == []


def test_a_login_against_it_is_never_sent(make_pool, registry, schema):
    pool = make_pool(schema=schema, login=lambda: login("tooLongForThisSchema1"))
    with pytest.raises(PoolError, match="login does not fit the schema") as caught:
        pool.send(check(), timeout=0.3)
    assert isinstance(caught.value.__cause__, ValueError)
    assert [entry.verb for entry in registry.record] == []


def test_a_change_of_password_against_it_is_never_sent(server, registry, schema):
    connect = client_factory(
        "localhost", server.port, ca=server.certificates.ca_file, schema=schema
    )
    with pytest.raises(ValueError, match="login does not fit the schema"):
        change_password(connect, "client", PASSWORD, "tooLongForThisSchema1")
    assert registry.counters().connections == 0
    change_password(connect, "client", PASSWORD, "newSecret1")
    assert registry.accounts["client"].password == "newSecret1"


def test_an_answer_against_it_is_an_error_and_ends_the_session(
    make_pool, registry, monkeypatch, schema
):
    pool = make_pool(schema=schema)
    assert pool.send(check()).code == 1000
    monkeypatch.setattr(registry, "transaction_id", lambda: "UNLIKE-9")
    with pool.get() as session:
        with pytest.raises(TransportError, match="not fit the schema: SCH") as caught:
            session.send(check())
        assert session.ended == ExpiryReason.unparsable
    assert isinstance(caught.value, EPPError)
    assert "UNLIKE-9" not in str(caught.value)


def test_an_answer_to_a_create_against_it_is_ambiguous(
    make_pool, registry, monkeypatch, schema
):
    pool = make_pool(schema=schema)
    assert pool.send(check()).code == 1000
    monkeypatch.setattr(registry, "transaction_id", lambda: "other")
    with pytest.raises(AmbiguousOutcome):
        pool.send(create())
    assert registry.record.effects("new.example") == ["created"]


def test_a_greeting_against_it_is_an_error_that_closes(
    peer_server, peer_certificates, schema, until
):
    closed = []

    def script(peer):
        peer.greet()
        peer.wait_for_end()
        closed.append(True)

    stricter = etree.XMLSchema(
        etree.fromstring(
            SCHEMA.replace(
                'name="greeting" type="epp:anything"', 'name="greeting" type="token"'
            )
        )
    )
    make = client_factory(
        "localhost",
        peer_server(script).port,
        ca=peer_certificates.ca_file,
        schema=stricter,
    )
    client = make()
    with pytest.raises(TransportError, match="does not fit the schema"):
        client.connect()
    assert client.transport.socket is None
    until(lambda: closed)


def test_it_is_not_told_to_the_log(make_pool, schema, caplog):
    caplog.set_level(logging.DEBUG)
    pool = make_pool(schema=schema)
    with pytest.raises(ValueError, match="schema"):
        pool.send(info("own.example", "OtherSecret22"))
    assert "OtherSecret22" not in caplog.text


def test_an_extension_is_looked_at_too(make_pool, schema):
    signed = create("signed.example")
    signed.add_extension(
        commands.CreateDomainDNSSECExtension(
            dsData=[models.DSData(1, 13, 2, "AB" * 32)]
        )
    )
    with pytest.raises(ValueError, match="does not fit the schema"):
        make_pool(schema=schema).send(signed)
