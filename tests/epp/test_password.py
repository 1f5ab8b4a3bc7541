"""change_password and a peer that speaks out of turn."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp import Client, NotSent, change_password

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
