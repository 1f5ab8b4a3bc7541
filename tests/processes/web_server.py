"""Gunicorn as a process: started, asked, signalled and read."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, NamedTuple

import gevent
import psutil
from gevent import socket, subprocess

HERE = Path(__file__).resolve().parent


class Broken(Exception):
    """A request whose connection ended without a whole answer."""


class WebAnswer(NamedTuple):
    """What came back: the body is parsed where it is JSON, else it is bytes."""

    status: int
    headers: Dict[str, str]
    body: Any


def free_port():
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class WebServer:
    """``with WebServer(server, how) as web``: two workers with two sessions each.

    *server* serves the registry, *how* is the ``POOL`` of application.py.
    """

    def __init__(self, server, how, workers=2, size=2):
        self._begin(
            [
                "--config={}".format(HERE / "gunicorn_settings.py"),
                "application:application",
            ],
            {
                "POOL": how,
                "POOL_SIZE": str(size),
                "WORKERS": str(workers),
                "REGISTRY_PORT": str(server.port),
                "CA_FILE": server.certificates.ca_file,
            },
            modules=HERE,
        )

    def _begin(self, arguments, environment, modules, directory=None):
        """Run gunicorn, on a free port, in *directory*, with *modules* to import."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self.port = free_port()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--bind=127.0.0.1:{}".format(self.port),
                "--worker-tmp-dir={}".format(tempfile.gettempdir()),
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=dict(
                os.environ,
                PYTHONPATH=os.pathsep.join([str(modules), *filter(None, sys.path)]),
                **environment,
            ),
            cwd=directory,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for one in self.workers():
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._log.close()

    @property
    def log(self):
        """All that master and workers wrote."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def workers(self):
        """The workers there are, as psutil sees them."""
        found = []
        try:
            children = psutil.Process(self._process.pid).children()
        except psutil.NoSuchProcess:
            return found
        for one in children:
            try:
                if one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
            except psutil.NoSuchProcess:
                continue
        return found

    def pids(self):
        """Their process ids."""
        return {one.pid for one in self.workers()}

    def signal(self, number):
        """Send a signal to the master."""
        os.kill(self._process.pid, number)

    def stop(self):
        """Stop gracefully; returns the exit status."""
        self.signal(signal.SIGTERM)
        return self._process.wait(timeout=20)

    def ask(self, path):
        """GET *path* on a connection of its own; returns the JSON of a 200.

        Raises Broken if no answer came, AssertionError for any other status.
        """
        answer = self.request("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def request(self, method, path, form=""):
        """Send a request on a connection of its own and return the WebAnswer.

        Raises Broken if no whole answer came.
        """
        # 1.0: an answer that comes in chunks would have to be put together.
        request = (
            "{} {} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: {}\r\n\r\n{}"
        ).format(method, path, len(form), form)
        try:
            plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
            with plain:
                plain.sendall(request.encode())
                answer = b""
                while True:
                    part = plain.recv(65536)
                    if not part:
                        break
                    answer += part
        except OSError as error:
            raise Broken(str(error)) from error
        head, _, body = answer.partition(b"\r\n\r\n")
        if not body:
            raise Broken("no answer: {!r}".format(answer))
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (x.partition(": ") for x in lines)
        }
        try:
            said = json.loads(body.decode())
        except ValueError:
            said = body
        return WebAnswer(int(status.split()[1]), headers, said)

    def serves(self):
        """Ask for something that it answers when it serves."""
        self.ask("/check/ready.example")

    def ready(self, seconds=20):
        """Wait until it serves."""
        with gevent.Timeout(seconds, AssertionError("it never served")):
            while True:
                assert self._process.poll() is None, self.log
                try:
                    self.serves()
                    return
                except Broken:
                    gevent.sleep(0.05)
