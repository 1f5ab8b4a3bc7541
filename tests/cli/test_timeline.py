"""Risk: the picture of a run shows what did not happen, or hides what did."""

from __future__ import annotations

import pytest

from geventconnpool_ext.cli.timeline import (
    BUSY,
    CLOSING,
    HELLO,
    IDLE,
    OPENING,
    Mark,
    Period,
    Span,
    Timeline,
)


class Clock:
    """A clock that is set by hand; it does not begin at 0."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds

    def pass_by(self, seconds):
        self.seconds += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timeline(clock):
    return Timeline(clock)


def test_times_are_since_the_run_began(clock, timeline):
    clock.pass_by(5)
    timeline.begin()
    clock.pass_by(2)
    assert timeline.now() == 2
    assert timeline.opens().began == 2


def test_a_session_was_what_it_became_until_it_became_something_else(clock, timeline):
    life = timeline.opens()
    for state in (IDLE, BUSY, CLOSING):
        clock.pass_by(1)
        life.becomes(state)
    clock.pass_by(2)
    timeline.ends(life, "max_age", planned=True)
    clock.pass_by(7)
    assert life.spans() == [
        Span(OPENING, 0, 1),
        Span(IDLE, 1, 2),
        Span(BUSY, 2, 3),
        Span(CLOSING, 3, 5),
    ]
    assert (life.ended, life.reason, life.planned) == (5, "max_age", True)


def test_a_session_that_goes_on_lasts_until_now(clock, timeline):
    life = timeline.opens()
    clock.pass_by(3)
    assert life.spans() == [Span(OPENING, 0, 3)]


def test_nothing_follows_an_end_and_only_the_first_counts(clock, timeline):
    life = timeline.opens()
    clock.pass_by(1)
    timeline.ends(life, "eof")
    clock.pass_by(1)
    life.becomes(BUSY)
    timeline.ends(life, "closed", planned=True)
    assert life.spans() == [Span(OPENING, 0, 1)]
    assert (life.reason, life.planned, life.leases) == ("eof", False, 0)


def test_idle_spans_too_short_to_see_part_nothing_others_do(clock, timeline):
    life = timeline.opens()
    for state, seconds in ((BUSY, 1), (IDLE, 0.1), (BUSY, 1), (IDLE, 2), (BUSY, 1)):
        life.becomes(state)
        clock.pass_by(seconds)
    timeline.ends(life, "closed", planned=True)
    assert [span.state for span in life.spans()] == [BUSY, IDLE, BUSY, IDLE, BUSY]
    short = life.spans(0.5)
    assert [span.state for span in short] == [BUSY, IDLE, BUSY]
    assert short[0].ended - short[0].began == pytest.approx(2.1)
    assert life.leases == 3, "what is not drawn is counted all the same"


def test_two_sessions_share_a_lane_only_one_after_the_other(clock, timeline):
    first, second = timeline.opens(), timeline.opens()
    clock.pass_by(1)
    timeline.ends(first, "eof")
    third, fourth = timeline.opens(), timeline.opens()
    lives = [first, second, third, fourth]
    assert [life.lane for life in lives] == [0, 1, 0, 2]
    assert [life.number for life in lives] == [1, 2, 3, 4]
    assert timeline.lanes == 3


def test_a_second_end_does_not_free_the_lane_of_its_successor(timeline):
    first = timeline.opens()
    timeline.ends(first, "eof")
    timeline.opens()
    timeline.ends(first, "eof")
    assert timeline.opens().lane == 1


def test_waiting_clients_are_noted_when_their_number_changes(clock, timeline):
    for clients in (0, 3, 3, 1):
        timeline.waits(clients)
        clock.pass_by(1)
    assert timeline.waiting == [(0, 0), (1, 3), (3, 1)]


def test_a_short_queue_is_still_seen_with_less_detail(clock, timeline):
    for clients, seconds in ((0, 5), (2, 0.1), (9, 0.1), (4, 0.1), (0, 3), (1, 2)):
        timeline.waits(clients)
        clock.pass_by(seconds)
    seen = timeline.waiting_at_most(1)
    assert max(clients for _, clients in seen) == 9
    # Gone when it was gone: at 5.3 s, not when the next came.
    assert [clients for at, clients in seen if at < 8][-1] == 0
    assert seen[-1][1] == 1
    assert len(seen) < len(timeline.waiting) + 1


def test_a_part_of_the_run_ends_where_the_next_begins(clock, timeline):
    timeline.begins("work", 5)
    clock.pass_by(2)
    timeline.begins("lull")
    clock.pass_by(1)
    timeline.finish()
    timeline.finish()
    assert timeline.periods == [Period("work", 0, 2, 5), Period("lull", 2, 3, 0)]


def test_the_end_of_the_run_ends_every_session(clock, timeline):
    gone, left = timeline.opens(), timeline.opens()
    clock.pass_by(1)
    timeline.ends(gone, "eof")
    timeline.waits(4)
    clock.pass_by(1)
    timeline.finish()
    assert (gone.ended, left.ended) == (1, 2)
    assert timeline.reasons == {"eof": 1, "closed": 1}
    assert timeline.waiting[-1] == (2, 0)
    assert timeline.ended == 2


def test_a_run_in_which_nothing_happened_is_no_error(timeline):
    timeline.finish()
    assert (timeline.lanes, timeline.reasons) == (0, {})


def test_a_mark_is_at_the_time_of_its_answer(clock, timeline):
    life = timeline.opens()
    clock.pass_by(1.5)
    life.mark(HELLO)
    assert life.marks == [Mark(HELLO, 1.5)]
