"""CombinedHooks: each part is called, and none keeps another from it."""

from __future__ import annotations

import pytest

from geventconnpool_ext import PoolHooks
from geventconnpool_ext.contrib.combined import CombinedHooks


class Noting(PoolHooks):
    def __init__(self, name, calls):
        self.name = name
        self.calls = calls

    def acquired(self, connection):
        self.calls.append((self.name, connection))


class Failing(PoolHooks):
    def acquired(self, connection):
        raise LookupError("a mistake in a hook")


def test_each_part_is_called_in_order(new_pool):
    calls = []
    pool = new_pool(hooks=CombinedHooks(Noting("a", calls), Noting("b", calls)))
    with pool.get() as connection:
        pass
    assert calls == [("a", connection), ("b", connection)]


def test_a_part_that_raises_is_logged_and_keeps_no_other_from_it(new_pool, caplog):
    calls = []
    hooks = CombinedHooks(Failing(), Noting("b", calls), Failing())
    pool = new_pool(hooks=hooks, name="combined")
    with pool.get():
        pass
    assert len(calls) == 1
    assert "combined: hook acquired raised: LookupError: a mistake" in caplog.text


def test_what_no_part_overrides_is_not_called(new_pool, monkeypatch):
    def fail(*arguments):
        raise AssertionError("a hook that nobody overrides was called")

    hooks = CombinedHooks(Noting("a", []), PoolHooks())
    monkeypatch.setattr(PoolHooks, "released", fail)
    pool = new_pool(hooks=hooks)
    assert pool._observer.released is None
    assert pool._observer.acquired is not None


def test_combined_hooks_can_be_combined(new_pool):
    calls = []
    inner = CombinedHooks(Noting("a", calls), Noting("b", calls))
    pool = new_pool(hooks=CombinedHooks(inner, Noting("c", calls)))
    with pool.get():
        pass
    assert [name for name, _ in calls] == ["a", "b", "c"]


def test_what_is_no_hooks_is_refused():
    with pytest.raises(TypeError, match="PoolHooks subclasses, not 'hooks'"):
        CombinedHooks("hooks")


def test_hooks_of_epp_are_called_too(epp_pool, until):
    from geventconnpool_ext.epp import CheckDomain, EPPHooks

    calls = []

    class Sessions(EPPHooks):
        def greeted(self, session, greeting):
            calls.append("greeted")

        def session_expired(self, session, reason):
            calls.append(str(reason))

        def sent(self, report):
            calls.append(str(report.kind))

    pool = epp_pool(1, hooks=CombinedHooks(Noting("a", []), Sessions()))
    pool.send(CheckDomain("own.example"))
    pool.drain()
    until(lambda: "drained" in calls)
    assert calls[:3] == ["greeted", "domain check", "drained"]


def test_what_is_no_hook_is_not_run_to_find_the_hooks(new_pool):
    calls = []

    class Mine(Noting):
        other = 5

        @property
        def rate(self):
            raise AssertionError("a property that is no hook was read")

        @property
        def released(self):
            return lambda connection: self.calls.append(("property", connection))

        @staticmethod
        def custom():
            calls.append("custom")

    hooks = CombinedHooks(Mine("a", calls))
    hooks.custom()
    pool = new_pool(hooks=hooks)
    with pool.get() as connection:
        pass
    assert calls == ["custom", ("a", connection), ("property", connection)]
