"""The Django example as a process: its own gunicorn.conf.py, in its own directory."""

from __future__ import annotations

from pathlib import Path

import gevent

from ..processes.web_server import WebServer

DIRECTORY = Path(__file__).resolve().parents[2] / "examples" / "django_gunicorn"


class Example(WebServer):
    """``with Example(server, client) as web``: the example, on a free port.

    *server* serves the registry, *client* is ``native`` or ``epplib``, *size* is
    that of each worker's pool. *settings* are ``EPP_...`` without these letters.
    """

    def __init__(
        self, server, client, worker_class="gevent", size=3, arguments=(), **settings
    ):
        environment = {
            "HOST": "localhost",
            "PORT": server.port,
            "CA_FILE": server.certificates.ca_file,
            "USER": "client",
            "PASSWORD": "password",
            "SIZE": size,
            "READ_TIMEOUT": 1,
            **settings,
        }
        self._begin(
            # The only argument that README.md knows, too.
            ["--worker-class={}".format(worker_class), *arguments],
            {
                "REGISTRY_CLIENT": client,
                "PYTHONDONTWRITEBYTECODE": "1",
                **{"EPP_" + name: str(value) for name, value in environment.items()},
            },
            modules=DIRECTORY,
            directory=str(DIRECTORY),
        )

    def serves(self):
        """Ask for something that it answers when it serves, healthy or not."""
        self.request("GET", "/health")

    def health(self):
        """The latest answer of /health from each worker, by process."""
        found = {}
        with gevent.Timeout(20, AssertionError("a worker does not answer")):
            while set(found) != self.pids() or len(found) < 2:
                # Several at once, so that no worker gets them all.
                asking = [
                    gevent.spawn(self.request, "GET", "/health") for _ in range(4)
                ]
                for answer in gevent.joinall(asking, raise_error=True):
                    found[answer.value.body["worker"]] = answer.value
        return list(found.values())

    def assert_silent(self):
        """No traceback in a request, in a hook or at an interpreter's exit."""
        for word in ("Traceback", "Exception ignored"):
            assert word not in self.log, self.log


def until(condition, seconds=20):
    """Wait until it is true."""
    with gevent.Timeout(seconds, AssertionError("it never came true")):
        while not condition():
            gevent.sleep(0.02)
