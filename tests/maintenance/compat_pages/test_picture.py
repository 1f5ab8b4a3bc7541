"""Risk: the picture cannot be read: boxes overlap, outcomes look alike, no title.

What a reader sees is judged by eye; here is what a program can judge.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from maintenance.compat.outcomes import MEANING
from maintenance.compat_pages import picture, signs
from maintenance.compat_pages.matrix import NOT_RUN, read

from .made import cells, changed, record, write

SVG = "{http://www.w3.org/2000/svg}"
OUTCOMES = {
    "py311-gevent26_9_0": record("26.9.0", "3.11", "fail", "a < b & c"),
    "py310-gevent26_9_0": None,
    "py38-gevent20_6_2": record("20.6.2", "3.8", "yanked", "20.6.2 was yanked"),
}


@pytest.fixture
def drawn(tmp_path):
    """A function from results to the picture's root element."""

    def call(made):
        matrix = read(write(tmp_path / "results.json", made))
        return ElementTree.fromstring(picture.render(matrix))

    return call


def boxes(root):
    """(title, x, y, sign) of each cell of the picture."""
    for group in root.iter(SVG + "g"):
        title = group.find(SVG + "title")
        if title is not None:
            use = group.find(SVG + "use")
            x, y = float(use.get("x")), float(use.get("y"))
            yield title.text, x, y, use.get("href")[1:]


def test_each_cell_tells_gevent_python_greenlet_outcome_and_reason(drawn):
    titles = [box[0] for box in boxes(drawn(changed(**OUTCOMES)))]
    assert len(titles) == 5 * 4
    assert (
        "gevent 26.9.0, Python 3.11.1, greenlet 3.5.6: fail (libev-cext, libuv-cffi): "
        "a < b & c"
    ) in titles
    assert (
        "gevent 1.1a1, Python 3.6.1, greenlet 3.5.6: pass (libev-cext; "
        "built from source)"
    ) in titles
    assert (
        "gevent 26.9.0, Python 3.6: no artefact: gevent 26.9.0 ships no wheel for 3.6"
    ) in titles
    assert "gevent 26.9.0, Python 3.10: not run: not run yet" in titles
    assert "gevent 20.6.2, Python 3.8: yanked: 20.6.2 was yanked" in titles


def test_no_two_boxes_overlap_and_all_lie_inside(drawn):
    # Rows of one series stand closest.
    made = {**cells(), "py311-gevent26_8_0": record("26.8.0", "3.11")}
    root = drawn(made)
    _, _, width, height = map(float, root.get("viewBox").split())
    places = [(x, y) for _, x, y, _ in boxes(root)]
    for number, (x, y) in enumerate(places):
        assert 0 <= x <= width - picture.BOX
        assert 0 <= y <= height - picture.BOX
        for other_x, other_y in places[:number]:
            apart = max(abs(x - other_x), abs(y - other_y))
            assert apart >= picture.BOX, (x, y, other_x, other_y)


def test_the_newest_release_is_on_top_and_the_oldest_python_on_the_left(drawn):
    place = {
        title.partition(":")[0]: (x, y) for title, x, y, _ in boxes(drawn(cells()))
    }
    newest = place["gevent 26.9.0, Python 3.11.1, greenlet 3.5.6"]
    assert newest[1] == min(y for _, y in place.values())
    assert place["gevent 26.9.0, Python 3.6"][0] < newest[0]


def test_releases_that_predate_python_3_stand_in_words(drawn):
    words = " ".join(text.text for text in drawn(cells()).iter(SVG + "text"))
    assert "2 releases predate Python 3" in words
    assert "1.0, 0.13.8" in words


def test_the_order_of_the_records_does_not_matter(tmp_path):
    made = changed(**OUTCOMES)
    back = dict(reversed(made.items()))
    first, second = (
        picture.render(read(write(tmp_path / "results.json", one)))
        for one in (made, back)
    )
    assert first == second


def test_every_outcome_has_a_sign_of_its_own_besides_its_colour():
    assert set(signs.SIGNS) == {*MEANING, NOT_RUN, signs.PASS_FROM_SOURCE}
    marks = [sign.mark for sign in signs.SIGNS.values()]
    assert len(set(marks)) == len(marks)


def test_every_sign_has_its_colours_in_light_and_in_dark(drawn):
    style = drawn(cells()).find(SVG + "style").text
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    for key in [*signs.SIGNS, "page", "ink", "dim", "line"]:
        rule = re.compile(r"^\.%s \{ .*\}$" % key, re.M)
        assert rule.search(light), key
        assert rule.search(dark), key


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_stand_out_from_their_boxes(scheme):
    page = {"light": "#fff", "dark": "#0d1117"}[scheme]
    for key, sign in signs.SIGNS.items():
        fill, _, ink = getattr(sign, scheme)
        ratio = contrast(page if fill == "none" else fill, ink)
        # WCAG asks 3 of a graphic that is needed, and nothing of what is not there.
        least = 2 if key == "no-artefact" else 3
        assert ratio >= least, (key, round(ratio, 2))


def contrast(one, other):
    """The ratio of two colours' luminance, as WCAG defines it."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
