"""A pool over epplib, whose own types count where it is installed. Checked, not run."""

from __future__ import annotations

from typing import Any, Callable

from typing_extensions import assert_type

from geventconnpool_ext import Lease
from geventconnpool_ext.epp import Session, SessionPolicy
from geventconnpool_ext.epp.epplib import (
    Client,
    EpplibPool,
    Transport,
    check_domain,
    client_factory,
)


def login() -> Any:
    """Stands for epplib's own Login."""


pool = EpplibPool(
    "localhost",
    login,
    2,
    cert=b"-----BEGIN CERTIFICATE-----",
    policy=SessionPolicy(probe=check_domain("example.com")),
)
assert_type(pool, EpplibPool)
assert_type(pool.get(), Lease[Session])
assert_type(EpplibPool.from_env(), EpplibPool)
assert_type(pool.send(check_domain("example.com")), Any)
with pool.get() as session:
    assert_type(session, Session)

assert_type(client_factory("localhost"), Callable[[], Client])
client = Client(Transport("localhost", 700, read_timeout=None))
assert_type(client.send(check_domain("example.com"), tr_id="A-1"), Any)
