"""epplib's commands through a pool, answered in epplib's own classes."""

from __future__ import annotations

import datetime

import pytest
from epplib import commands, models, responses
from epplib.commands import command_extensions as extensions
from epplib.responses.extensions import DNSSECExtension

from geventconnpool_ext.epp import (
    CheckDomain,
    InfoDomain,
    PollAck,
    PollRequest,
    Session,
)
from geventconnpool_ext.epp.epplib import Client, Transport, poll_request
from geventconnpool_ext.epp.requests import prepare

from .commands import check, create, info, login
from .every_command import (
    CONTACT_AUTH,
    DOMAIN_AUTH,
    DS_DATA,
    EXPIRES,
    POSTAL,
)


@pytest.fixture
def send(make_pool, kind):
    """Sends a command and sees that it succeeds, with an answer of that class."""
    pool = make_pool(kind=kind)

    def through(command, answer_class, code=1000):
        answer = pool.send(command)
        assert type(answer) is answer_class
        assert answer.code == code, answer.msg
        return answer

    return through


def test_a_domains_life(send, registry):
    answer = send(check("new.example", "own.example"), responses.CheckDomainResult)
    assert [(item.name, item.avail) for item in answer.res_data] == [
        ("new.example", True),
        ("own.example", False),
    ]
    answer = send(create(), responses.CreateDomainResult)
    assert answer.res_data[0].name == "new.example"
    answer = send(info("new.example"), responses.InfoDomainResult)
    assert answer.res_data[0].cl_id == "client"
    expires = answer.res_data[0].ex_date
    renew = commands.RenewDomain(
        "new.example", expires, models.Period(1, models.Unit.YEAR)
    )
    answer = send(renew, responses.RenewDomainResult)
    assert answer.res_data[0].ex_date > expires
    update = commands.UpdateDomain("new.example", auth_info=DOMAIN_AUTH)
    send(update, responses.Result)
    send(commands.DeleteDomain("new.example"), responses.Result)
    effects = [effect.split()[0] for effect in registry.record.effects("new.example")]
    assert effects == ["created", "renewed", "updated", "deleted"]


def test_a_contacts_life(send):
    make = commands.CreateContact(
        "abc-1", POSTAL, "a@own.example", voice="+1.5551234", auth_info=CONTACT_AUTH
    )
    answer = send(commands.CheckContact(["abc-1"]), responses.CheckContactResult)
    assert answer.res_data[0].avail is True
    answer = send(make, responses.CreateContactResult)
    assert answer.res_data[0].id == "abc-1"
    answer = send(commands.InfoContact("abc-1"), responses.InfoContactResult)
    assert answer.res_data[0].email == "a@own.example"
    send(commands.UpdateContact("abc-1", email="b@own.example"), responses.Result)
    answer = send(commands.InfoContact("abc-1"), responses.InfoContactResult)
    assert answer.res_data[0].email == "b@own.example"
    send(commands.DeleteContact("abc-1"), responses.Result)


def test_a_hosts_life(send):
    name = "ns1.own.example"
    answer = send(commands.CheckHost([name]), responses.CheckHostResult)
    assert answer.res_data[0].avail is True
    address = models.Ip("192.0.2.1", "v4")
    answer = send(commands.CreateHost(name, [address]), responses.CreateHostResult)
    assert answer.res_data[0].name == name
    delegate = commands.UpdateDomain("own.example", add=[models.HostObjSet([name])])
    send(delegate, responses.Result)
    other = models.Ip("192.0.2.2", "v4")
    send(commands.UpdateHost(name, add=[other], rem=[address]), responses.Result)
    answer = send(commands.InfoHost(name), responses.InfoHostResult)
    assert [item.addr for item in answer.res_data[0].addrs] == ["192.0.2.2"]
    send(commands.DeleteHost(name), responses.Result, 2305)


def test_dnssec_at_create_and_update(send, registry):
    signed = create("signed.example")
    signed.add_extension(extensions.CreateDomainDNSSECExtension(dsData=[DS_DATA]))
    send(signed, responses.CreateDomainResult)
    answer = send(info("signed.example"), responses.InfoDomainResult)
    (found,) = answer.extensions
    assert isinstance(found, DNSSECExtension)
    assert [item.digest for item in found.dsData] == [DS_DATA.digest]
    remove = commands.UpdateDomain("signed.example")
    remove.add_extension(extensions.UpdateDomainDNSSECExtension(remAllDsKeyData=True))
    send(remove, responses.Result)
    answer = send(info("signed.example"), responses.InfoDomainResult)
    assert answer.extensions == []


def test_a_transfer(send, registry):
    registry.add_domain("theirs.example", "other", auth_info="foreignSecret1")
    secret = models.DomainAuthInfo("foreignSecret1")
    send(commands.TransferDomain("theirs.example", secret), responses.Result, 1001)


def test_what_the_registry_does_not_know_is_its_to_refuse(send):
    send(commands.CheckNsset(["abc"]), responses.CheckNssetResult, 2307)


@pytest.mark.parametrize(
    ("command", "answer_class"),
    [
        (commands.CreditInfoRequest(), responses.CreditInfoResult),
        (commands.ListDomains(), responses.ListResult),
        (commands.SendAuthInfoDomain("own.example"), responses.Result),
    ],
)
def test_one_registrys_own_commands_are_matched_to_their_answers(
    connected, command, answer_class
):
    client = connected(lambda peer: peer.serve(2101))
    answer = client.send(command, tr_id="ABC-1")
    assert type(answer) is answer_class
    assert (answer.code, answer.cl_tr_id) == (2101, "ABC-1")


def test_a_refusal_is_of_the_commands_class_too(send):
    answer = send(info("nothing.example"), responses.InfoDomainResult, 2303)
    assert not answer.res_data
    renew = commands.RenewDomain("own.example", EXPIRES + datetime.timedelta(1))
    send(renew, responses.RenewDomainResult, 2306)


def test_messages_that_wait(send, registry):
    """epplib has no poll command; any request does."""
    send(poll_request(), responses.Result, 1300)
    message = registry.enqueue("client", "a message")
    answer = send(PollRequest(), responses.Result, 1301)
    assert (answer.msg_q.id, answer.msg_q.count) == (message, 1)
    send(PollAck(message), responses.Result)
    send(PollRequest(), responses.Result, 1300)


def test_other_requests_have_an_answer_without_data(send):
    for request in (
        CheckDomain("own.example"),
        InfoDomain("own.example").xml(tr_id="ABC-1"),
        InfoDomain("own.example").xml(tr_id="ABC-1").decode(),
    ):
        assert send(request, responses.Result).res_data is None


def test_a_prepared_request_has_the_answer_of_what_it_was_made_of(send):
    answer = send(prepare(check(), "ABC-1"), responses.CheckDomainResult)
    assert answer.cl_tr_id != "ABC-1"


def test_a_session_and_a_client_give_the_same_classes(make_pool):
    pool = make_pool()
    with pool.get() as session:
        assert type(session.send(check())) is responses.CheckDomainResult
        assert type(session.send(prepare(check()))) is responses.CheckDomainResult
        assert isinstance(session.greeting, responses.Greeting)
        assert isinstance(session.hello(), responses.Greeting)
        assert session.login_answer.code == 1000
        client = session.client
        assert type(client.send(check(), tr_id="ABC-1")) is responses.CheckDomainResult
        prepared = prepare(check(), "ABC-2")
        answer = client.send(prepared, tr_id="ABC-3")
        assert type(answer) is responses.CheckDomainResult
        assert answer.cl_tr_id == "ABC-3"


@pytest.mark.parametrize(
    ("written", "code"), [("\n  {}\n ", 1000), ("{}", 1000), ("", 2001)]
)
def test_a_cl_tr_id_is_a_token_to_a_session_too(
    peer_server, peer_certificates, peer_response, written, code
):
    """Spaces around it are none of it, and an empty one is none at all."""

    def script(peer):
        peer.log_in()
        tr_id = peer.tr_id_of(peer.read())
        peer.send(peer_response(code, written.format(tr_id)))

    transport = Transport(
        "localhost", peer_server(script).port, ca=peer_certificates.ca_file
    )
    session = Session(Client(transport), login)
    session.start()
    answer = session.send(check(), tr_id="ABC-1")
    assert (answer.code, answer.cl_tr_id) == (code, "ABC-1" if written else None)
    session.close()
