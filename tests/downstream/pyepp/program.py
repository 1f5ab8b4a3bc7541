"""A pool of pyepp's clients: each connection is a communicator that is logged in.

Creates domains from many greenlets, and prints how many sessions that took.

Run by ``python -m gevent.monkey``, which patches first: what blocks is the
standard library's.
"""

from __future__ import annotations

import os

from gevent.pool import Pool
from pyepp.domain import Domain, DomainData
from pyepp.epp import EppCommunicator, EppCommunicatorException

from geventconnpool_ext import ConnectionPool

COMMANDS = 60


def connect():
    """Connect and log in."""
    epp = EppCommunicator("localhost", os.environ["REGISTRY_PORT"])
    epp.connect()
    answer = epp.login("client", "password")
    if answer.code != 1000:
        raise ConnectionError(f"login: {answer.code} {answer.message}")
    return epp


def main():
    """Create the domains, then look whether they are there."""
    pool = ConnectionPool(
        3,
        (OSError, EppCommunicatorException),
        connect=connect,
        ping=lambda epp: epp.hello(),
        keepalive=600,
        close_connection=lambda epp: epp.logout(),
        timeout=10,
    )

    def create(number):
        with pool.get() as epp:
            data = DomainData(f"name{number}.example", period=1, password="2fooBAR")
            return Domain(epp).create(data).code

    with pool:
        codes = Pool(20).map(create, range(COMMANDS))
        pool.check()
        connects = pool.stats().connects
    assert codes == [1000] * COMMANDS, sorted(set(codes))
    print("sessions", connects)


if __name__ == "__main__":
    main()
