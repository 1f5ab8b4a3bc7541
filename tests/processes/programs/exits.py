"""A program that ends without closing its pool. Arguments: port, authority, a way."""

# ruff: noqa: E402
from __future__ import annotations

import os
import signal
import sys

PORT, CA_FILE, WAY = sys.argv[1:]
if WAY.startswith("patched"):
    from gevent import monkey

    monkey.patch_all()

import gevent

from geventconnpool_ext.epp import (
    CheckDomain,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)

pool = EPPPool(
    client_factory("localhost", int(PORT), ca_file=CA_FILE),
    lambda: Login("client", "password"),
    2,
    policy=SessionPolicy(command_timeout=10, hello_interval=0.05),
)
pool.wait(timeout=10)
pool.send(CheckDomain("own.example"))
lease = pool.get()
session = lease.__enter__()
waiters = [gevent.spawn(pool.send, CheckDomain("own.example")) for _ in range(4)]
gevent.sleep(0.05)
if WAY.endswith("SystemExit"):
    raise SystemExit(0)
if WAY.endswith("SIGINT"):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        gevent.sleep(5)
    except KeyboardInterrupt:
        sys.exit(0)
