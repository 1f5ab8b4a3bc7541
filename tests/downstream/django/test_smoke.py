"""A Django view asks the registry through the pool."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("django")

PROGRAM = Path(__file__).with_name("program.py")


def test_a_view_serves_sixty_requests_over_three_sessions(run, registry):
    assert run("-m", "gevent.monkey", PROGRAM).split() == ["codes", "1000"]
    counters = registry.counters()
    assert [entry.verb for entry in registry.record].count("check") == 60
    assert counters.logins == 3
    assert counters.ended == {"logout": 3}
