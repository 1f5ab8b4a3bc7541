"""Gunicorn as a process: started, asked, signalled and read."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

import gevent
import psutil
from gevent import socket, subprocess

HERE = Path(__file__).resolve().parent


class Broken(Exception):
    """A request whose connection ended without a whole answer."""


class WebServer:
    """``with WebServer(server, how) as web``: two workers with two sessions each.

    *server* serves the registry, *how* is the ``POOL`` of application.py.
    """

    def __init__(self, server, how, workers=2, size=2):
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = dict(
            os.environ,
            PYTHONPATH=os.pathsep.join([str(HERE), *filter(None, sys.path)]),
            POOL=how,
            POOL_SIZE=str(size),
            WORKERS=str(workers),
            REGISTRY_PORT=str(server.port),
            CA_FILE=server.certificates.ca_file,
        )
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--config={}".format(HERE / "gunicorn_settings.py"),
                "--bind=127.0.0.1:{}".format(self.port),
                "--worker-tmp-dir={}".format(tempfile.gettempdir()),
                "application:application",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=environment,
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
        try:
            plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
            with plain:
                request = "GET {} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n"
                plain.sendall(request.format(path).encode())
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
        assert b" 200 " in head.splitlines()[0], answer
        return json.loads(body.decode())

    def ready(self, seconds=20):
        """Wait until it serves."""
        with gevent.Timeout(seconds, AssertionError("it never served")):
            while True:
                assert self._process.poll() is None, self.log
                try:
                    self.ask("/check/ready.example")
                    return
                except Broken:
                    gevent.sleep(0.05)
