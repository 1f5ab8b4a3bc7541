"""The registry to test against, in a process of its own, over TLS on loopback."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Optional

from gevent import subprocess

import geventconnpool_ext
from geventconnpool_ext.epp import Login, client_factory
from geventconnpool_ext.epp.client import Client

__all__ = ["HOST", "RegistryProcess", "login"]

HOST = "localhost"


class RegistryProcess:
    """``geventconnpool-ext serve``, where every message takes *latency* seconds.

    ``with`` starts and stops it. ``port`` and ``ca_file`` are where it is and whom to
    trust; ``cert_file`` and ``key_file`` what to show, if it is *mutual*: it lets in
    nobody without a certificate then.
    """

    def __init__(self, latency: float = 0.0, *, mutual: bool = False) -> None:
        self._latency = latency
        self._mutual = mutual
        self.port = 0
        self.ca_file = ""
        self.cert_file: Optional[str] = None
        self.key_file: Optional[str] = None
        self._process: Any = None

    def __enter__(self) -> RegistryProcess:
        environment = dict(os.environ)
        # What is measured here, the tree or what is installed, serves there.
        package = str(Path(geventconnpool_ext.__file__).parents[1])
        environment["PYTHONPATH"] = os.pathsep.join([package, *filter(None, sys.path)])
        # The loop's timeouts are exact to the microsecond there. In epoll they are
        # whole milliseconds, which is much of the latency that is asked for.
        environment["GEVENT_BACKEND"] = "select"
        command = [sys.executable, "-W", "ignore", "-m", "geventconnpool_ext", "serve"]
        options = ["--port", "0", "--latency", f"{self._latency * 1000:g}"]
        if self._mutual:
            options.append("--require-client-certificate")
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
            elif what == "client certificate":
                self.cert_file = value
            elif what == "client key":
                self.key_file = value
            elif what.startswith("listening on "):
                self.port = int(what.rpartition(":")[2])
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._process.stdout.close()

    def trust(self) -> Dict[str, Any]:
        """What a client needs to trust it, and to be let in."""
        return {
            "ca_file": self.ca_file,
            "cert_file": self.cert_file,
            "key_file": self.key_file,
        }

    def connect(self, **options: Any) -> Callable[[], Client]:
        """A function that makes clients of it, which share one SSL context."""
        if "context" not in options:
            options = {**self.trust(), **options}
        return client_factory(HOST, self.port, **options)


def login() -> Login:
    """The login of its only account."""
    return Login("client", "password")
