"""Plots: the same for the same values, and readable in the dark."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks import plots

pytest.importorskip("matplotlib", reason="matplotlib comes with `bench`")

BARS = plots.Bars(
    "A title", "nanoseconds", [("ours", 3.0), ("other", 400.0)], ("ours",)
)
LINES = plots.Lines(
    "A title",
    "waiters",
    "microseconds",
    [(name, [1.0, 10.0], [2.0, 3.0]) for name in ("ours", "b", "c", "d", "e")],
    ("ours",),
)


@pytest.mark.parametrize("plot", [BARS, LINES])
def test_the_same_values_make_the_same_picture(plot):
    assert plots.svg(plot) == plots.svg(plot)


@pytest.mark.parametrize("plot", [BARS, LINES])
def test_title_and_axes_are_named_in_words_that_can_be_searched(plot):
    texts = "".join(ElementTree.fromstring(plots.svg(plot)).itertext())
    names = [plot.title, "ours"]
    names += [plot.axis] if plot is BARS else [plot.across_axis, plot.up_axis]
    assert [name for name in names if name not in texts] == []


@pytest.mark.parametrize("plot", [BARS, LINES])
def test_each_colour_has_one_for_the_dark(plot):
    head, style, body = re.split(r"</?style>", plots.svg(plot), maxsplit=2)
    used = set(re.findall(r"(?:fill|stroke): #\w{6}", body))
    replaced = set(re.findall(r'\*="([^"]*)"', style))
    assert used
    assert used - replaced == set()
    assert head.rstrip().endswith("</title>")


def test_no_two_lines_have_the_same_colour():
    drawn = plots.figure(LINES).axes[0].get_lines()
    assert len({line.get_color() for line in drawn}) == 5
