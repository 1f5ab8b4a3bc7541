"""The picture in docs/architecture.md shows the states and changes that there are."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from geventconnpool_ext._state import PoolState
from geventconnpool_ext.contrib.numbers import STATES

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURE = ElementTree.parse(str(DOCS / "life-of-a-connection.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def texts(inside):
    return ["".join(element.itertext()) for element in inside]


def test_the_page_shows_the_picture():
    assert "](life-of-a-connection.svg)" in (DOCS / "architecture.md").read_text(
        "utf-8"
    )


def test_the_states_are_those_that_are_counted():
    shown = texts(
        group.find(SVG + "text")
        for group in PICTURE.iter(SVG + "g")
        if group.get("class") == "state"
    )
    counted = [state.replace("_", " ") for state in STATES]
    assert sorted(shown) == sorted([*counted, "free slot", "settle"])


def test_every_arrow_names_methods_of_the_state():
    named = [
        name
        for element in PICTURE.iter(SVG + "text")
        if "call" in element.get("class", "").split()
        for name in re.split(", ", "".join(element.itertext()))
    ]
    assert len(set(named)) > 10
    for name in named:
        assert callable(getattr(PoolState, name)), name
