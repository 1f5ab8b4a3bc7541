"""A scripted peer: connections that notice when they are misused.

Not a mock: it has no expectations set on it. It behaves like a peer with one
answer per question, keeps count of what a pool does to it, and can be told to
stall, fail or refuse.
"""

from __future__ import annotations

import gevent


class ConnectRefused(OSError):
    """What a refused connect raises."""


class Connection:
    """One connection. Used by two, used after its close, or read out of turn: fails."""

    def __init__(self, peer, number):
        self.peer = peer
        self.number = number
        self.closes = 0
        self.users = 0
        self.pings = 0
        self.unread = False

    def close(self):
        self.peer.close(self)

    def ask(self, seconds=0.0):
        """Exchange a question for its answer, which takes *seconds*."""
        assert self.closes == 0, "a closed connection is used"
        assert self.users == 0, "a connection is used by two at once"
        assert not self.unread, "the answer to another's question would be read"
        self.users += 1
        self.unread = True
        try:
            gevent.sleep(seconds)
            self.unread = False
        finally:
            self.users -= 1

    def __repr__(self):
        return "<connection {}>".format(self.number)


class Peer:
    """Makes connections, and counts.

    ``errors`` are raised by the next connects, one each; ``failing`` by all of
    them while it is set. ``connect_gate``, ``ping_gate`` and ``close_gate`` hold
    back whoever comes, until they are set.
    """

    def __init__(self):
        self.connections = []
        self.attempts = 0
        self.connecting = 0
        self.most_connecting = 0
        self.present = 0
        self.most_present = 0
        self.errors = []
        self.failing = None
        self.ping_failing = None
        self.close_failing = None
        self.connect_gate = None
        self.ping_gate = None
        self.close_gate = None
        self.pings = 0
        self.pinging = 0
        self.most_pinging = 0
        self.closes_begun = 0

    def connect(self):
        self.attempts += 1
        self.connecting += 1
        self.present += 1
        self.most_connecting = max(self.most_connecting, self.connecting)
        self.most_present = max(self.most_present, self.present)
        try:
            if self.connect_gate is not None:
                self.connect_gate.wait()
            if self.errors:
                raise self.errors.pop(0)
            if self.failing is not None:
                raise self.failing
        except BaseException:
            self.present -= 1
            raise
        finally:
            self.connecting -= 1
        connection = Connection(self, len(self.connections))
        self.connections.append(connection)
        return connection

    def ping(self, connection):
        assert connection.closes == 0, "a closed connection is pinged"
        assert connection.users == 0, "a connection in use is pinged"
        connection.users += 1
        self.pings += 1
        self.pinging += 1
        self.most_pinging = max(self.most_pinging, self.pinging)
        connection.pings += 1
        try:
            if self.ping_gate is not None:
                self.ping_gate.wait()
            if self.ping_failing is not None:
                raise self.ping_failing
        finally:
            connection.users -= 1
            self.pinging -= 1

    def close(self, connection):
        connection.closes += 1
        self.closes_begun += 1
        assert connection.closes == 1, "a connection is closed twice"
        try:
            if self.close_gate is not None:
                self.close_gate.wait()
            if self.close_failing is not None:
                raise self.close_failing
        finally:
            self.present -= 1

    @property
    def closed(self):
        """The connections whose close has begun."""
        return [c for c in self.connections if c.closes]

    @property
    def alive(self):
        """The connections whose close has not begun."""
        return [c for c in self.connections if not c.closes]
