"""The registry to test against, in a process of its own, over TLS on loopback."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Callable

from gevent import subprocess

from geventconnpool_ext.epp import Login, client_factory
from geventconnpool_ext.epp.client import Client

__all__ = ["HOST", "RegistryProcess", "login"]

HOST = "localhost"


class RegistryProcess:
    """``geventconnpool-ext serve``, where every message takes *latency* seconds.

    ``with`` starts and stops it. ``port`` and ``ca_file`` are where it is and whom to
    trust.
    """

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.port = 0
        self.ca_file = ""
        self._process: Any = None

    def __enter__(self) -> RegistryProcess:
        environment = dict(os.environ)
        # What is measured here, the tree or what is installed, serves there.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        command = [sys.executable, "-W", "ignore", "-m", "geventconnpool_ext", "serve"]
        options = ["--port", "0", "--latency", f"{self.latency * 1000:g}"]
        self._process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, env=environment
        )
        while not self.port:
            line = self._process.stdout.readline().decode()
            if not line:
                raise RuntimeError("the registry did not start; see above")
            what, _, value = line.strip().partition(": ")
            if what == "CA certificate":
                self.ca_file = value
            elif what.startswith("listening on "):
                self.port = int(what.rpartition(":")[2])
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._process.stdout.close()

    def connect(self, **options: Any) -> Callable[[], Client]:
        """A function that makes clients of it, which share one SSL context."""
        if "context" not in options:
            options.setdefault("ca_file", self.ca_file)
        return client_factory(HOST, self.port, **options)


def login() -> Login:
    """The login of its only account."""
    return Login("client", "password")
