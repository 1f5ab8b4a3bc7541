"""A web application with a pool of plain connections, made by ``create_pool``.

``/NAME`` asks the line server for the name back; the answer's body is the process
and the name, in JSON.
"""

from __future__ import annotations

import json
import os

import gevent
from gevent import socket

from geventconnpool_ext import create_pool


def connect():
    """Connect to the line server."""
    return socket.create_connection(
        ("127.0.0.1", int(os.environ["LINE_PORT"])), timeout=5
    )


pool = create_pool(2, connect=connect, timeout=10, name="plain")


def application(environ, start_response):
    """Answer one request."""
    name = environ["PATH_INFO"].rpartition("/")[2]
    with pool.get() as connection:
        connection.sendall("echo {}\n".format(name).encode())
        answer = connection.makefile("rb").readline().decode().strip()
        # Others come meanwhile, too.
        gevent.sleep(0.002)
    body = json.dumps({"pid": os.getpid(), "code": 1000, "name": answer}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
