"""The web application that gunicorn runs here: it asks the registry through a pool.

``/check/NAME`` and ``/create/NAME`` send that command; the answer's body is the
process, the result code and the name that the registry's answer is about, in JSON.
``POOL`` in the environment says how the pool comes to life.
"""

from __future__ import annotations

import json
import os
import re

import gevent

from geventconnpool_ext import Backoff
from geventconnpool_ext.epp import (
    CheckDomain,
    CreateDomain,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)

HOW = os.environ["POOL"]
"""``import``: opened where it is made; ``post_fork``: by the worker; ``master``:
filled and used by the process that forks the workers."""

pool = EPPPool(
    client_factory(
        "localhost", int(os.environ["REGISTRY_PORT"]), ca_file=os.environ["CA_FILE"]
    ),
    lambda: Login("client", "password"),
    int(os.environ["POOL_SIZE"]),
    policy=SessionPolicy(command_timeout=15, hello_interval=0.2),
    reconnect=Backoff(0.05, 0.2),
    close_timeout=5.0,
    name="web",
    open=HOW != "post_fork",
)
if HOW == "master":
    pool.wait(timeout=10)
    pool.send(CheckDomain("master.example"))


def application(environ, start_response):
    """Answer one request."""
    _, verb, name = environ["PATH_INFO"].split("/")
    if verb == "create":
        answer = pool.send(CreateDomain(name, auth_info="newSecret1"))
    else:
        answer = pool.send(CheckDomain(name))
    # A request takes a moment after its command, too.
    gevent.sleep(0.002)
    about = re.search(r"<\w+:name[^>]*>([^<]*)<", bytes(answer.xml).decode())
    body = json.dumps(
        {"pid": os.getpid(), "code": answer.code, "name": about and about.group(1)}
    ).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
