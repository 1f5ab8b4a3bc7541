"""change_password and peers, or clients, that do what no registry should."""

from __future__ import annotations

import re

import gevent
import pytest

from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    Client,
    EPPError,
    NotSent,
    change_password,
)

from .conftest import GREETING, unit


def test_a_login_that_was_not_sent_is_asked_about_no_further(
    peer_server, peer_certificates
):
    peers = []

    def too_much(peer):
        peers.append(peer)
        # In one record, so that it is there before the login is sent.
        peer.write(unit(GREETING) + b"more")
        with pytest.raises(ConnectionError):
            peer.read()

    server = peer_server(too_much)

    def connect():
        return Client("localhost", server.port, ca_file=peer_certificates.ca_file)

    with pytest.raises(NotSent):
        change_password(connect, "client", "password", "newSecret1", timeout=5)
    assert len(peers) == 1
    assert peers[0].seen == []


class Account:
    """An account with a password, and clients of another library for it."""

    def __init__(self, change):
        self.password = "oldSecret1"
        self.logins = 0
        self._change = change

    def login(self, request):
        """The code that answers a login."""
        self.logins += 1
        password, new = (
            found and found.group(1).decode()
            for found in (
                re.search(rb"<pw>(.*)</pw>", request),
                re.search(rb"<newPW>(.*)</newPW>", request),
            )
        )
        if new:
            return self._change(self, new)
        return 1000 if password == self.password else 2200

    def client(self):
        return ForeignClient(self)


class Answer:
    msg = "text"

    def __init__(self, code, cl_tr_id):
        self.code = code
        self.cl_tr_id = cl_tr_id


class ForeignClient:
    def __init__(self, account):
        self.account = account

    def connect(self):
        pass

    def close(self):
        pass

    def send(self, request, tr_id):
        data = request.xml(tr_id=tr_id)
        code = 1500 if b"<logout" in data else self.account.login(data)
        return Answer(code, tr_id)


def change(account, **options):
    change_password(account.client, "client", "oldSecret1", "newSecret1", **options)


@pytest.mark.parametrize("code", [1001, 1300, 1500])
def test_an_acceptance_that_is_no_1000_is_asked_about(code):
    def executed(account, new):
        account.password = new
        return code

    account = Account(executed)
    change(account)
    assert account.logins == 2

    account = Account(lambda account, new: code)
    with pytest.raises(EPPError, match="when asked, the old password held") as caught:
        change(account)
    assert "answered by {}".format(code) in str(caught.value.__cause__)
    assert account.logins == 3


@pytest.mark.parametrize("code", [2306, 2400, 2500])
def test_a_refusal_is_asked_about_no_further(code):
    account = Account(lambda account, new: code)
    with pytest.raises(EPPError, match=str(code)) as caught:
        change(account)
    assert caught.value.__cause__ is None
    assert account.logins == 1


def test_a_registry_that_is_only_slow_is_not_said_to_have_refused():
    executed = []

    def late(account, new):
        def execute():
            account.password = new
            executed.append(new)

        gevent.spawn_later(0.3, execute)
        gevent.sleep(10)

    account = Account(late)
    with pytest.raises(EPPError, match="may execute the change later") as caught:
        change(account, timeout=0.1)
    assert not executed
    assert "not executed" not in str(caught.value)
    assert isinstance(caught.value.__cause__, AmbiguousOutcome)
    gevent.sleep(0.4)
    assert account.password == "newSecret1"


def test_a_foreign_clients_value_error_may_be_a_lost_answer():
    """epplib raises one for an answer that it cannot read."""

    def unreadable(account, new):
        account.password = new
        raise ValueError("no answer")

    account = Account(unreadable)
    change(account)
    assert account.logins == 2
