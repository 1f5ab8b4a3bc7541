"""A first use of an installed package: run by the environment's own interpreter.

``python -I smoke.py bare|extras VERSION``. Of the oldest Python that is supported, and
without anything of the project but what is installed.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gevent
from gevent import socket
from gevent.server import StreamServer

import geventconnpool_ext
from geventconnpool_ext import ConnectionPool, retry

EXTRAS = ("lxml", "matplotlib", "opentelemetry", "prometheus_client", "pytest", "rich")
PARTS = (
    "geventconnpool_ext.contrib.opentelemetry",
    "geventconnpool_ext.contrib.prometheus",
    "geventconnpool_ext.epp",
    "geventconnpool_ext.testing.plugin",
)


def main(kind: str, expected: str) -> None:
    """Try all that has to work with these extras."""
    place = Path(geventconnpool_ext.__file__ or "")
    assert "site-packages" in place.parts, place
    assert version("geventconnpool_ext") == expected == geventconnpool_ext.__version__
    use_a_pool()
    command("--version")
    command("doctor")
    if kind == "bare":
        there = [name for name in EXTRAS if importlib.util.find_spec(name)]
        assert there == [], "they came without an extra: {}".format(there)
        said = command("demo", status=1)
        assert "geventconnpool_ext[" in said, said
    else:
        for name in PARTS:
            importlib.import_module(name)
        use_sessions()
        command("demo", "--commands", "24", "--clients", "12", "--latency", "1")


def use_a_pool() -> None:
    """Get and release, through retries, over real sockets."""

    def echo(connection: Any, address: object) -> None:
        for data in iter(lambda: connection.recv(1024), b""):
            connection.sendall(data)

    server = StreamServer(("127.0.0.1", 0), echo)
    server.start()

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", server.server_port or 0))

    with gevent.Timeout(30), ConnectionPool(2, connect=connect, timeout=10) as pool:

        @retry(max_failures=1)
        def ask(number: int) -> bytes:
            with pool.get() as connection:
                connection.sendall(b"%d" % number)
                answer: bytes = connection.recv(1024)
                return answer

        jobs = [gevent.spawn(ask, number) for number in range(20)]
        assert [job.get() for job in jobs] == [b"%d" % number for number in range(20)]
        assert pool.stats().in_use == 0
    server.stop()


def use_sessions() -> None:
    """One command through a pool of sessions, against the registry for tests."""
    from geventconnpool_ext.epp import CheckDomain, EPPPool, Login, client_factory
    from geventconnpool_ext.testing import Registry, Server

    with gevent.Timeout(60), Server(Registry({"client": "password"})) as server:
        authority = server.certificates.ca_file
        make = client_factory("localhost", server.port, ca_file=authority)
        with EPPPool(make, lambda: Login("client", "password"), 1) as pool:
            assert pool.send(CheckDomain("example.com")).code == 1000


def command(*arguments: str, status: int = 0) -> str:
    """What the installed command says; it must end with *status*."""
    program = Path(sys.executable).with_name("geventconnpool-ext")
    done = subprocess.run(
        [str(program), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == status, (arguments, done.returncode, done.stdout)
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
