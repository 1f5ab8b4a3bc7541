"""Only what changes nothing is sent again after a lost exchange."""

from __future__ import annotations

import pytest

from geventconnpool_ext.epp.replay import check_mode, is_safe, may_replay
from geventconnpool_ext.epp.requests import RequestKind

SAFE = [
    RequestKind("check", None, "domain"),
    RequestKind("info", None, "domain", True),
    RequestKind("hello"),
    RequestKind("poll", "req"),
    RequestKind("transfer", "query", "domain"),
]
UNSAFE = [
    RequestKind("poll", "ack"),
    RequestKind("poll"),
    RequestKind("transfer"),
    *(RequestKind("transfer", op) for op in ("request", "approve", "reject", "cancel")),
    *(RequestKind(verb) for verb in ("create", "update", "delete", "renew")),
    *(RequestKind(verb) for verb in ("login", "logout", "other")),
    RequestKind("other", "query"),
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
