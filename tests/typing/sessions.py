"""A pool of EPP sessions: what ``get`` and ``send`` give. Checked, not run."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from typing_extensions import assert_type

from geventconnpool_ext import Lease
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    Client,
    CreateDomain,
    EPPPool,
    Login,
    LoginRejected,
    Session,
    SessionPolicy,
    client_factory,
)

make = client_factory("localhost", 700, ca_file="authority.pem")
assert_type(make(), Client)

sessions = EPPPool(
    make,
    lambda: Login("client", "secret"),
    2,
    policy=SessionPolicy(idle_timeout=300, probe=CheckDomain("example.com")),
    timeout=10,
)
assert_type(sessions, EPPPool)
assert_type(sessions.get(), Lease[Session])
assert_type(EPPPool.from_env(), EPPPool)
with sessions.get(timeout=1) as session:
    assert_type(session, Session)
    # What an answer is, the client decides.
    assert_type(session.send(CheckDomain("example.com")), Any)
with sessions as entered:
    assert_type(entered, EPPPool)
try:
    assert_type(sessions.send(CreateDomain("example.com", auth_info="x")), Any)
except AmbiguousOutcome as lost:
    assert_type(lost.cl_tr_ids, Tuple[str, ...])
except LoginRejected as refused:
    assert_type(refused.code, int)


class OwnClient:
    """Another library's: connect, close and send are all it takes."""

    def connect(self) -> None: ...

    def close(self) -> None: ...

    def send(self, request: Any, tr_id: Optional[str] = None) -> str:
        return ""


with EPPPool(OwnClient, lambda: b"<epp/>", 2).get() as over_own_client:
    assert_type(over_own_client, Session)
