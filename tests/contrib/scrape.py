"""A scrape over HTTP, as Prometheus does it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Dict, FrozenSet, Tuple

from gevent import socket
from gevent.pywsgi import WSGIServer
from prometheus_client import make_wsgi_app
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

OPENMETRICS = "application/openmetrics-text; version=1.0.0"

Samples = Dict[Tuple[str, FrozenSet[Tuple[str, str]]], float]


@contextmanager
def endpoint(registry):
    """Serve *registry* on a port of this machine, which is given."""
    application = make_wsgi_app(registry)
    server = WSGIServer(("127.0.0.1", 0), application, log=None, error_log=None)
    server.start()
    try:
        yield server.server_port
    finally:
        server.stop()


def get(port: int, accept: str) -> str:
    """What a GET of /metrics is answered with."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        request = "GET /metrics HTTP/1.0\r\nHost: x\r\nAccept: {}\r\n\r\n"
        connection.sendall(request.format(accept).encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0], head
    return body.decode()


def scrape(port: int) -> Samples:
    """Every sample by its name and labels; both formats must say the same."""
    plain = parse_text(get(port, "text/plain"))
    strict = parse_openmetrics(get(port, OPENMETRICS))
    one, other = (
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
            if not sample.name.endswith("_created")
        }
        for families in (plain, strict)
    )
    assert one == other
    return one


def value(samples: Samples, name: str, **labels: str) -> float:
    """The value of one sample; KeyError if there is none."""
    return samples["geventconnpool_ext_" + name, frozenset(labels.items())]
