"""Prometheus itself, as a process that scrapes a port of this one."""

from __future__ import annotations

import json
import socket as blocking_socket
from contextlib import contextmanager
from urllib.parse import quote

import gevent
from gevent import socket, subprocess

from .. import programs

INTERVAL = 0.5
"""Seconds between two scrapes."""
JOB = "shop"


class Prometheus:
    """Asks the one that listens on *port*."""

    def __init__(self, port):
        self.port = port

    def get(self, path, **parameters):
        """The data of an answer of its HTTP API."""
        query = "&".join(
            "{}={}".format(name.strip("_"), quote(str(value), safe=""))
            for name, value in parameters.items()
        )
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            request = "GET /api/v1/{}?{} HTTP/1.0\r\nHost: x\r\n\r\n"
            connection.sendall(request.format(path, query).encode())
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        answer = json.loads(received.partition(b"\r\n\r\n")[2].decode("utf-8"))
        assert answer["status"] == "success", answer
        return answer["data"]

    def series(self, expression, begin, end):
        """What *expression* was: labels and a list of times and values, each."""
        data = self.get("query_range", query=expression, start=begin, end=end, step=1)
        return [
            (
                entry["metric"],
                [(float(time), float(value)) for time, value in entry["values"]],
            )
            for entry in data["result"]
        ]


@contextmanager
def prometheus(directory, scraped):
    """Run it with its data in *directory*."""
    program = programs.need("prometheus")
    target = {"targets": ["127.0.0.1:{}".format(scraped)]}
    job = {"job_name": JOB, "static_configs": [target]}
    interval = "{:.0f}ms".format(1000 * INTERVAL)
    settings = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval},
        "scrape_configs": [job],
    }
    file = directory / "prometheus.yml"
    # JSON is YAML.
    file.write_text(json.dumps(settings))
    with blocking_socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with open(str(directory / "log"), "wb") as log:
        process = subprocess.Popen(
            [
                program,
                "--config.file={}".format(file),
                "--storage.tsdb.path={}".format(directory / "data"),
                "--web.listen-address=127.0.0.1:{}".format(port),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        server = Prometheus(port)
        with gevent.Timeout(30, AssertionError((directory / "log").read_text())):
            while not _up(server):
                gevent.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait()


def _up(server):
    """Whether it has scraped."""
    try:
        return bool(server.get("query", query="up == 1")["result"])
    except (OSError, ValueError):
        return False
