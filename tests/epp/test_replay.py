"""Only what changes nothing is sent again after a lost exchange."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp.replay import check_mode, is_safe, may_replay
from geventconnpool_ext.epp.requests import RequestKind

READ_ONLY = (
    "urn:ietf:params:xml:ns:fee-0.5",
    "urn:ietf:params:xml:ns:fee-0.11",
    "urn:ietf:params:xml:ns:epp:fee-1.0",
    "urn:ietf:params:xml:ns:launch-1.0",
    "urn:ietf:params:xml:ns:allocationToken-1.0",
    "urn:ietf:params:xml:ns:idn-1.0",
    "http://www.verisign-grs.com/epp/namestoreExt-1.1",
)
ORDERING = (
    "http://www.eurid.eu/xml/epp/authInfo-1.1",
    "urn:x:fee-1.0",
    "urn:ietf:params:xml:ns:fee-1.0x",
    "urn:ietf:params:xml:ns:fees-1.0",
    "urn:ietf:params:xml:ns:domain-1.0",
    "",
)
SAFE = [
    RequestKind("check", None, "domain"),
    RequestKind("info", None, "domain", True),
    RequestKind("hello"),
    RequestKind("poll", "req"),
    RequestKind("transfer", "query", "domain"),
    *(RequestKind("check", None, "domain", False, (uri,)) for uri in READ_ONLY),
    RequestKind("info", None, "domain", False, READ_ONLY),
]
UNSAFE = [
    RequestKind("poll", "ack"),
    RequestKind("poll"),
    RequestKind("transfer"),
    *(RequestKind("transfer", op) for op in ("request", "approve", "reject", "cancel")),
    *(RequestKind(verb) for verb in ("create", "update", "delete", "renew")),
    *(RequestKind(verb) for verb in ("login", "logout", "other")),
    RequestKind("other", "query"),
    *(
        RequestKind(verb, op, None, False, (*READ_ONLY[:known], uri))
        for verb, op in (
            ("check", None),
            ("info", None),
            ("poll", "req"),
            ("transfer", "query"),
        )
        for known in (0, 2)
        for uri in ORDERING
    ),
    RequestKind("create", None, "domain", False, READ_ONLY),
]


@pytest.mark.parametrize("kind", SAFE, ids=str)
def test_a_safe_command_is_sent_again_unless_the_mode_is_never(kind):
    assert is_safe(kind)
    assert may_replay(kind, False)
    assert may_replay(kind, True, "safe")
    assert not may_replay(kind, False, "never")
    assert may_replay(kind, True, "never")


@pytest.mark.parametrize("kind", UNSAFE, ids=str)
def test_w1_an_unsafe_command_is_sent_again_only_if_it_was_not_sent(kind):
    assert not is_safe(kind)
    for mode in ("safe", "never"):
        assert not may_replay(kind, False, mode)
        assert may_replay(kind, True, mode)


@pytest.mark.parametrize("mode", ["always", "", None, True])
def test_a_wrong_mode_is_named(mode):
    with pytest.raises(ValueError, match=r'"safe" or "never", not'):
        check_mode(mode)
    with pytest.raises(ValueError, match=r"replay"):
        may_replay(SAFE[0], True, mode)
