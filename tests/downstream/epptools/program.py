"""A pool of epptools' clients: each connection is a client that is logged in.

Creates domains from many greenlets, and prints how many sessions that took.

Run by ``python -m gevent.monkey``, which patches first: what blocks is the
standard library's.
"""

from __future__ import annotations

import os

from epptools import Client, Config
from epptools.exceptions import ConnectionException
from gevent.pool import Pool

from geventconnpool_ext import ConnectionPool

COMMANDS = 60


def connect():
    """Connect and log in."""
    return Client.connect_and_login(
        Config(
            host="localhost",
            port=int(os.environ["REGISTRY_PORT"]),
            ca_file=os.environ["CA_FILE"],
            clid="client",
            password="password",
        )
    )


def close(client):
    """Log out and close."""
    try:
        client.logout()
    finally:
        client.disconnect()


def main():
    """Create the domains."""
    pool = ConnectionPool(
        3,
        (OSError, ConnectionException),
        connect=connect,
        ping=lambda client: client.hello(),
        keepalive=600,
        close_connection=close,
        timeout=10,
    )

    def create(number):
        name = f"name{number}.example"
        with pool.get() as client:
            return client.domain.create(name, years=1, auth_info="2fooBAR").code()

    with pool:
        codes = Pool(20).map(create, range(COMMANDS))
        pool.check()
        connects = pool.stats().connects
    assert codes == [1000] * COMMANDS, sorted(set(codes))
    print("sessions", connects)


if __name__ == "__main__":
    main()
