"""What is said of values that were taken next to each other."""

from __future__ import annotations

import pytest

from benchmarks.ratios import Claim, Ratio, ratio, spread


def test_a_machine_that_gets_slower_changes_no_ratio():
    slower = [1.0, 2.0, 4.0, 8.0]
    found = ratio([2 * value for value in slower], slower)
    assert found == Ratio(2.0, 2.0, 2.0)


def test_the_median_is_of_the_ratios_not_a_ratio_of_medians():
    assert ratio([3.0, 2.0, 40.0], [3.0, 1.0, 10.0]).median == 2.0


def test_one_disturbed_value_moves_the_median_little():
    assert ratio([2.0, 2.0, 90.0, 2.0, 2.0], [1.0] * 5).median == 2.0


def test_ratios_without_bound_stay_without_bound():
    inf = float("inf")
    assert spread([inf, inf, inf]) == Ratio(inf, inf, inf)
    assert spread([1.0, 2.0, inf]).median == 2.0


def test_a_ratio_is_of_pairs():
    with pytest.raises(ValueError, match="not 2 and 1"):
        ratio([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="not 0 and 0"):
        ratio([], [])


@pytest.mark.parametrize(
    ("found", "bounds", "verdict"),
    [
        (1.4, {"most": 1.4}, "met"),
        (2.1, {"most": 1.4}, "missed by 50%"),
        (0.97, {"least": 0.97}, "met"),
        (0.485, {"least": 0.97}, "missed by 50%"),
    ],
)
def test_a_claim_says_whether_it_is_met_and_else_by_how_much_not(
    found, bounds, verdict
):
    assert Claim("a / b", Ratio(found, found, found), **bounds).verdict == verdict


def test_a_claim_tells_its_target_and_what_is_hoped_for():
    found = Ratio(1.0, 0.9, 1.1)
    assert Claim("a / b", found, most=1.8, aim=1.6).target == "at most 1.8, aim 1.6"
    assert Claim("a / b", found, least=0.97).target == "at least 0.97"
