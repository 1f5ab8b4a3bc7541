"""Risk: what is drawn of a run of the demo is not what happened in it."""

from __future__ import annotations

import pytest

pytest.importorskip("rich", reason="the demo's table needs rich")

from geventconnpool_ext.cli.direct import run_direct
from geventconnpool_ext.cli.recording import Recording
from geventconnpool_ext.cli.settings import Settings
from geventconnpool_ext.cli.timeline import BUSY, CLOSING, HELLO, OPENING, PROBE

SETTINGS = Settings(commands=60, clients=30, sessions=4, latency=0.002, seed=1)


def nothing():
    """Nobody is told of progress."""


def states(life):
    return [span.state for span in life.spans()]


class Recorded:
    """Both runs, their records and their figures."""

    def __init__(self):
        recording = Recording()
        self.figures = run_direct(SETTINGS, nothing, recording.make_client)
        self.direct = recording.direct
        self.pool_figures = recording.make_run(SETTINGS, nothing).run()
        self.pool = recording.pool


@pytest.fixture(scope="module")
def recorded():
    return Recorded()


def test_sessions_of_the_pool_end_for_the_reasons_that_were_counted(recorded):
    reasons = dict(recorded.pool.reasons)
    # A connect that failed never became a session of the pool. Of one that was
    # under way when the pool closed nobody is told.
    reasons.pop("not opened", None)
    counted = dict(recorded.pool_figures.expired)
    assert 0 <= reasons.pop("closed") - counted.pop("closed") <= 2
    assert reasons == counted
    for life in recorded.pool.lives:
        assert life.planned == (life.reason in ("closed", "idle_timeout", "max_age"))


def test_the_pool_s_sessions_are_used_for_every_command_and_open_first(recorded):
    used = sum(life.leases for life in recorded.pool.lives)
    assert used >= SETTINGS.commands
    for life in recorded.pool.lives:
        assert states(life)[0] == OPENING
        assert life.leases == 0 or BUSY in states(life)
        assert life.began <= life.ended <= recorded.pool.ended


def test_no_session_is_busy_where_nobody_works(recorded):
    lull, standstill = (
        period
        for period in recorded.pool.periods
        if period.name in ("lull", "standstill")
    )
    for pause in (lull, standstill):
        assert pause.ended - pause.began > 0.1
        for life in recorded.pool.lives:
            for span in life.spans():
                if span.state == BUSY:
                    # Handed back within a switch or two of the last answer.
                    assert span.ended < pause.began + 0.1 or span.began >= pause.ended


def test_hellos_and_probes_are_marked_as_what_they_are(recorded):
    kinds = [mark.kind for life in recorded.pool.lives for mark in life.marks]
    assert 1 <= kinds.count(HELLO) <= recorded.pool_figures.hellos
    assert kinds.count(PROBE) >= 1
    for life in recorded.pool.lives:
        assert all(life.began < mark.at <= life.ended for mark in life.marks)


def test_clients_wait_until_the_work_is_done(recorded):
    for timeline in (recorded.pool, recorded.direct):
        most = max(clients for _, clients in timeline.waiting)
        # All but those that are at work.
        assert 0 < most <= SETTINGS.clients
        assert timeline.waiting[-1][1] == 0
    assert max(n for _, n in recorded.direct.waiting) >= (
        SETTINGS.clients - SETTINGS.sessions
    )


def test_the_parts_of_the_pool_s_run_are_in_order_and_without_gaps(recorded):
    parts = [period for period in recorded.pool.periods if period.name != "closing"]
    assert [period.name for period in parts] == [
        "opening",
        "work",
        "lull",
        "work",
        "standstill",
        "work",
    ]
    assert sum(period.commands for period in parts) == SETTINGS.commands
    periods = recorded.pool.periods
    for period, following in zip(periods, periods[1:]):
        assert period.ended == following.began


def test_without_a_pool_each_session_opens_for_one_command(recorded):
    lives = recorded.direct.lives
    assert len(lives) == sum(recorded.figures.expired.values()) >= SETTINGS.commands
    assert recorded.direct.reasons == recorded.figures.expired
    whole = [life for life in lives if life.reason == "closed"]
    assert all(states(life) == [OPENING, BUSY, CLOSING] for life in whole)
    assert recorded.direct.lanes == recorded.pool.lanes == SETTINGS.sessions
