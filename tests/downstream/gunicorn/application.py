"""A web application whose requests share a pool: ``/check/NAME`` asks the registry."""

from __future__ import annotations

import json
import os

from geventconnpool_ext.epp import CheckDomain, EPPPool, Login, client_factory

pool = EPPPool(
    client_factory(
        "localhost", int(os.environ["REGISTRY_PORT"]), ca_file=os.environ["CA_FILE"]
    ),
    lambda: Login("client", "password"),
    2,
    timeout=10,
    open=False,
)


def application(environ, start_response):
    """Answer one request."""
    name = environ["PATH_INFO"].rpartition("/")[2]
    answer = pool.send(CheckDomain(name))
    body = json.dumps({"pid": os.getpid(), "code": answer.code}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
