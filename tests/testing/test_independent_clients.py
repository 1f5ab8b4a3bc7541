"""Clients that others wrote, unmodified, can use the registry.

They use blocking sockets, so each runs in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import gevent
import pytest
from gevent import subprocess as cooperative

PYEPP = """
import sys
from pyepp.epp import EppCommunicator
from pyepp.contact import Contact, ContactData, PostalInfoData, AddressData
from pyepp.domain import Domain, DomainData

epp = EppCommunicator("localhost", sys.argv[1])
assert b"<greeting>" in epp.connect()
assert epp.login("client", "password").code == 1000
assert b"<greeting>" in epp.hello()
made = Contact(epp).create(ContactData(
    id="holder", email="jo@example.test", password="2fooBAR",
    postal_info=PostalInfoData(
        name="Jo",
        address=AddressData(street_1="Iela 1", city="Riga", country_code="LV"),
    ),
))
assert made.code == 1000, made
domain = Domain(epp)
checked = domain.check(["pyepp.test"])
assert checked.result_data["pyepp.test"]["avail"] is True, checked
created = domain.create(
    DomainData("pyepp.test", period=1, registrant="holder", password="2fooBAR")
)
assert created.code == 1000, created
assert domain.check(["pyepp.test"]).result_data["pyepp.test"]["avail"] is False
read = domain.info("pyepp.test")
assert read.result_data.registrant == "holder", read
assert read.result_data.sponsoring_client_id == "client"
assert epp.logout().code == 1500
"""

EPPTOOLS = """
import sys
from epptools import Client, Config

client = Client(Config(
    host="localhost", port=int(sys.argv[1]), ca_file=sys.argv[2],
    clid="client", password="password",
))
client.connect()
client.login()
client.hello()
assert client.domain.check(["epptools.test"]).availability() == {"epptools.test": True}
client.domain.create("epptools.test", years=1, auth_info="2fooBAR")
assert client.domain.check(["epptools.test"]).availability() == {"epptools.test": False}
read = client.domain.info("epptools.test")
assert read.code() == 1000
client.logout()
client.disconnect()
"""


def run(server, program):
    """Run *program* in a process, while this one goes on serving."""
    process = cooperative.Popen(
        [sys.executable, "-c", program, str(server.port), server.certificates.ca_file],
        env=dict(os.environ, SSL_CERT_FILE=server.certificates.ca_file),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with gevent.Timeout(15, AssertionError("it did not end")):
        output, _ = process.communicate()
    assert process.returncode == 0, output.decode("utf-8")


def judge(registry, domain):
    """The registry saw one whole session, and the domain created once."""
    assert registry.record.effects(domain) == ["created"]
    assert [entry.verb for entry in registry.record.executed(domain)].count("info") == 1
    counters = registry.counters()
    assert (counters.connections, counters.logins, counters.hellos) == (1, 1, 1)
    assert counters.ended == {"logout": 1}
    assert [entry.code for entry in registry.record if entry.code >= 2000] == []


@pytest.mark.skipif(sys.version_info < (3, 10), reason="pyepp needs Python 3.10")
def test_pyepp_can_work_here(server, registry):
    pytest.importorskip("pyepp")
    run(server, PYEPP)
    judge(registry, "pyepp.test")


def test_epptools_can_work_here(server, registry):
    pytest.importorskip("epptools")
    run(server, EPPTOOLS)
    judge(registry, "epptools.test")
