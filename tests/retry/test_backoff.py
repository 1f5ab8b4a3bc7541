"""Backoff: how waits grow, and that they are jittered."""

from __future__ import annotations

import pytest

from geventconnpool_ext import Backoff


def test_the_defaults():
    backoff = Backoff()
    assert (backoff.initial, backoff.maximum, backoff.factor) == (0.1, 60.0, 2.0)


def test_the_bound_doubles_up_to_the_maximum():
    backoff = Backoff(initial=1, maximum=10, factor=2)
    assert [backoff.bound(n) for n in (1, 2, 3, 4, 5, 6)] == [1, 2, 4, 8, 10, 10]


def test_thousands_of_failures_neither_overflow_nor_exceed_the_maximum():
    assert Backoff().bound(100_000) == 60.0
    assert Backoff(factor=1e300).bound(10) == 60.0


def test_a_delay_lies_anywhere_between_zero_and_its_bound():
    backoff = Backoff(initial=1, maximum=8)
    delays = [backoff.delay(4) for _ in range(500)]
    assert 0 <= min(delays) < 1
    assert 7 < max(delays) <= 8


def test_the_repr_shows_how_to_make_it():
    assert repr(Backoff(1, 2, 3.0)) == "Backoff(initial=1, maximum=2, factor=3.0)"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"initial": 0}, "initial must be a number of seconds, more than 0; not 0"),
        ({"initial": -1}, "initial must be .*not -1"),
        ({"maximum": float("inf")}, "maximum must be .*not inf"),
        ({"maximum": float("nan")}, "maximum must be .*not nan"),
        ({"initial": "1"}, "initial must be .*not '1'"),
        ({"factor": 0.5}, "factor must be a number, 1 or more; not 0.5"),
        ({"factor": float("nan")}, "factor must be a number, 1 or more; not nan"),
        ({"factor": "2"}, "factor must be a number, 1 or more; not '2'"),
        ({"initial": 5, "maximum": 4}, r"initial must not be above maximum \(4\).*5"),
    ],
)
def test_a_wrong_argument_is_named(options, names):
    with pytest.raises((TypeError, ValueError), match=names):
        Backoff(**options)
