"""Pools that need no patching: each waits, and lends a connection to one at a time."""

from __future__ import annotations

import gevent
import pytest

from benchmarks import peers


@pytest.mark.parametrize("name", ["bare-line", "ours", "ours-hooks", "geventconnpool"])
def test_a_peer_never_has_more_in_use_than_it_holds(name, installed):
    opened = peers.load(installed(name)).open_pool(2)
    using = most = uses = 0

    def held():
        nonlocal using, most, uses
        using += 1
        uses += 1
        most = max(most, using)
        gevent.sleep(0)
        using -= 1

    try:
        users = [gevent.spawn(opened.holding, 3, held) for _ in range(5)]
        gevent.joinall(users, raise_error=True)
        opened.turns(4)
    finally:
        opened.close()
    assert (most, uses) == (2, 15)


def test_the_hooks_of_the_peer_with_hooks_are_called(installed, monkeypatch):
    module = peers.load(peers.PEERS["ours-hooks"])
    calls = []
    monkeypatch.setattr(module.Hooks, "acquired", lambda *args: calls.append("got"))
    monkeypatch.setattr(module.Hooks, "released", lambda *args: calls.append("back"))
    opened = module.open_pool(1)
    opened.turns(2)
    opened.close()
    assert calls == ["got", "back"] * 2
