"""Tables, and where they go on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import page, scenarios, table
from benchmarks.peers import PEERS
from benchmarks.ratios import Claim, Ratio
from benchmarks.scenarios.scenario import Report

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "performance.md").read_text(
    "utf-8"
)
ABOUT = {"versions": {"Python": "3.11.7"}, "effort": "5 processes.", "date": "today"}


def test_only_what_stands_between_the_marks_is_replaced():
    marks = "<!-- benchmark {}: begin -->\nold\n<!-- benchmark {}: end -->\n"
    text = (
        "before\n" + marks.format(*"aa") + "prose\n" + marks.format(*"bb") + "after\n"
    )
    new = page.replaced(text, "b", ["new"])
    assert new == text.replace("old\n<!-- benchmark b", "\nnew\n\n<!-- benchmark b")
    assert page.replaced(new, "b", ["new"]) == new


@pytest.mark.parametrize("text", ["", "<!-- benchmark a: begin -->\n"])
def test_a_page_without_the_marks_is_an_error(text):
    with pytest.raises(page.PageError, match="benchmark a: begin"):
        page.replaced(text, "a", ["new"])


@pytest.mark.parametrize("name", scenarios.NAMES)
def test_the_page_has_a_place_for_each_scenario_and_names_its_command(name):
    replaced = page.replaced(PAGE, name, ["HERE"])
    assert "HERE" in replaced
    part = PAGE.split(f"<!-- benchmark {name}: begin")[1].split(f"{name}: end")[0]
    assert f"nox -s bench -- {name}" in part


def test_the_page_says_what_each_peer_is():
    named = re.findall(r"^\| ([^|]+?) \|", PAGE.split("## Get and release")[0], re.M)
    labels = {peer.label for peer in PEERS.values() if peer.name != "ours"}
    assert labels - set(named) == set()


def test_a_section_names_its_command_its_surroundings_and_who_is_missing():
    report = Report(
        [table.Table(("pool", "time"), [("ours", "1 ns")])],
        [Claim("a / b", Ratio(2.0, 1.9, 2.1), most=1.0)],
    )
    text = "\n".join(
        page.section(report, "What.", "the command", ABOUT, {"other": "not there"})
    )
    for part in (
        "    the command",
        "Python 3.11.7",
        "other, not there",
        "missed by 100%",
    ):
        assert part in text


def test_tables_are_even_and_their_numbers_on_the_right():
    lines = list(table.render(table.Table(("pool", "ns"), [("a|b", "1"), ("c", "10")])))
    assert lines == [
        "| pool |  ns |",
        "| ---- | --: |",
        "| a\\|b |   1 |",
        "| c    |  10 |",
    ]
    with pytest.raises(ValueError, match="does not fit"):
        list(table.render(table.Table(("pool", "ns"), [("a",)])))
