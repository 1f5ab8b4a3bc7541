"""A session that is held for too long is reported, whoever took it and how."""

from __future__ import annotations

import gevent
import pytest

from geventconnpool_ext.epp import CheckDomain, EPPHooks, Session
from geventconnpool_ext.testing import Fault

CHECK = CheckDomain("own.example")


class Leaks(EPPHooks):
    """Notes what it is told of leaks."""

    def __init__(self):
        self.told = []

    def leaked(self, connection, seconds, stack):
        self.told.append((connection, seconds, stack[-1].name))


@pytest.fixture
def hooks():
    return Leaks()


def test_a_session_held_too_long_is_reported_once(filled, hooks, kind, caplog, until):
    pool = filled(1, kind=kind, leak_after=0.05, hooks=hooks, name="registry")
    with pool.get() as session:
        until(lambda: hooks.told)
        gevent.sleep(0.15)
    pool.close()
    ((told, seconds, where),) = hooks.told
    assert isinstance(told, Session)
    assert told is session
    assert seconds >= 0.05
    assert where == "test_a_session_held_too_long_is_reported_once"
    (line,) = (m for m in caplog.messages if "not given back" in m)
    assert line.startswith("registry: connection not given back for ")


def send(pool):
    return pool.send(CHECK)


def test_a_command_that_takes_too_long_names_who_sent_it(filled, plan, hooks, kind):
    pool = filled(1, kind=kind, leak_after=0.1, hooks=hooks)
    plan.on("check", fault=Fault.late_answer, delay=0.4)
    assert send(pool).code == 1000
    ((_, _, where),) = hooks.told
    assert where == "send"


def test_a_command_sent_once_more_is_watched_on_its_new_session(
    filled, server, plan, hooks
):
    pool = filled(1, leak_after=0.2, hooks=hooks)
    server.logout_silently()
    plan.on("check", fault=Fault.late_answer, delay=0.6, times=None)
    assert send(pool).code == 1000
    session, _, where = hooks.told[-1]
    # The one that was refused has ended.
    assert session.ended is None
    assert where == "send"
