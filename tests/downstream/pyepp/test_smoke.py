"""pyepp's clients are the connections of a pool."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyepp")

PROGRAM = Path(__file__).with_name("program.py")


def test_twenty_greenlets_share_three_clients_of_pyepp(run, registry):
    assert run("-m", "gevent.monkey", PROGRAM).split() == ["sessions", "3"]
    for number in range(60):
        assert registry.record.effects(f"name{number}.example") == ["created"]
    counters = registry.counters()
    assert (counters.logins, counters.hellos) == (3, 3)
    assert counters.ended == {"logout": 3}
