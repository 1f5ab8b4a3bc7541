"""Risk: the demo's picture is unreadable, untrue, or costs those who want none."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ElementTree

import pytest

from .processes import run

pytest.importorskip("rich", reason="the demo's table needs rich")
pytest.importorskip("matplotlib", reason="the picture needs matplotlib")

SVG = "{http://www.w3.org/2000/svg}"
QUICK = ("--commands", "60", "--clients", "30", "--sessions", "4", "--latency", "2")

# The demo, and then the modules that it has loaded.
TELLING = """
import sys
from geventconnpool_ext.cli import main
status = main()
for name in ("matplotlib", *("geventconnpool_ext.cli." + part for part in
             ("captions", "lanes", "palette", "plot", "recording", "timeline"))):
    if name in sys.modules:
        print(name, file=sys.stderr)
sys.exit(status)
"""


class Drawn:
    """A picture of a short demo as SVG, and the demo's own figures."""

    def __init__(self, file):
        finished = run("demo", *QUICK, "--json", "--plot", str(file))
        assert finished.status == 0, finished
        assert finished.err == ""
        self.text = file.read_text(encoding="utf-8")
        self.figures = json.loads(finished.out)
        self.root = ElementTree.fromstring(self.text)
        self.words = [text.strip() for text in self.root.itertext()]
        self.said = "\n".join(self.words)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return Drawn(tmp_path_factory.mktemp("plot") / "run.svg")


def test_every_session_of_the_pool_has_its_place_with_its_story(drawn):
    groups = {group.get("id"): group for group in drawn.root.iter(SVG + "g")}
    sessions = [name for name in groups if (name or "").startswith("session-")]
    expired = sum(drawn.figures["pool"]["expired"].values())
    # A connect that failed is shown, and no session of the pool.
    assert len(sessions) >= expired >= 4
    for name in sessions:
        story = groups[name].findtext(SVG + "title")
        number = name.split("-")[1]
        assert re.match("session " + number + r": from \d+\.\d\d to \d+\.\d\d s", story)
        assert groups[name].find(".//" + SVG + "path") is not None


def test_sessions_are_drawn_into_as_many_lanes_as_there_may_be_sessions(drawn):
    heights = set()
    for group in drawn.root.iter(SVG + "g"):
        if (group.get("id") or "").startswith("session-"):
            path = group.find(".//" + SVG + "path")
            heights.add(re.match(r"M \S+ (\S+)", path.get("d")).group(1))
    assert len(heights) == 4
    lanes = {group.get("id") for group in drawn.root.iter(SVG + "g")}
    assert {"lane-1", "lane-4"} <= lanes
    assert "lane-5" not in lanes


def test_it_tells_what_was_run_and_the_figures_of_both_runs(drawn):
    assert drawn.root.findtext(SVG + "title").startswith("60 commands from 30 clients")
    assert "At most 4 sessions at once, 2 ms per message, seed 1." in drawn.said
    assert "{:g} times".format(drawn.figures["ratio"]) in drawn.said
    for side in ("pool", "direct"):
        one = drawn.figures[side]
        assert (
            "{seconds:.2f} s at work, {per_second:.0f} per second; {logins} logins"
        ).format(**one) in drawn.said
        assert "{lost} lost, {doubled} doubled, {crossed} crossed".format(**one) in (
            drawn.said
        )
    for reason, times in drawn.figures["pool"]["expired"].items():
        if reason != "closed":
            found = re.search(
                r"^{} (\d+) \|".format(reason.replace("_", " ")), drawn.said, re.M
            )
            assert found, reason
            assert int(found.group(1)) == times


def test_what_is_what_stands_in_words(drawn):
    for name in ("opening", "busy", "idle", "closing", "waiting", "sessions"):
        assert name in drawn.words
    assert "answered hello" in drawn.words
    assert "seconds since the run began" in drawn.words


def test_each_colour_has_one_for_the_dark(drawn):
    _, style, body = re.split(r"</?style>", drawn.text, maxsplit=2)
    # matplotlib has a style of its own in the body, without a colour.
    used = set(re.findall(r"(?:fill|stroke): #\w{6}", body))
    replaced = set(re.findall(r'\*="([^"]*)"', style))
    assert used
    assert used - replaced == set()
    assert "prefers-color-scheme: dark" in style


def test_a_png_is_drawn_where_the_ending_says_so(tmp_path):
    file = tmp_path / "run.PNG"
    finished = run("demo", *QUICK, "--plot", str(file))
    assert finished.status == 0, finished
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(content[16:20], "big") == 1440
    assert finished.out.splitlines()[-1].startswith("The pool lost")


def test_one_command_over_one_session_is_a_picture_too(tmp_path):
    file = tmp_path / "one.svg"
    options = ("--commands", "1", "--clients", "1", "--sessions", "1", "--latency", "0")
    finished = run("demo", *options, "--plot", str(file))
    assert finished.status == 0, finished
    assert (
        ElementTree.fromstring(file.read_text(encoding="utf-8"))
        .findtext(SVG + "title")
        .startswith("1 command from 1 client:")
    )


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([0, 200, 400], [(0, 0), (200, 0), (400, 0)]),
        # Too near: the short text, or none.
        ([0, 70, 400], [(0, 1), (70, 0), (400, 0)]),
        ([0, 20, 400], [None, (20, 0), (400, 0)]),
        # At the edge: to the left of its start, unless another is there.
        ([0, 200, 480], [(0, 0), (200, 0), (400, 0)]),
        ([0, 370, 480], [(0, 0), (370, 0), None]),
        ([0, 340, 480], [(0, 0), (340, 0), (450, 1)]),
    ],
)
def test_labels_are_shortened_or_left_out_before_they_meet(starts, expected):
    from geventconnpool_ext.cli.captions import placed

    assert placed(starts, [(100, 50)] * 3, 500) == expected


def test_without_it_nothing_is_recorded_or_loaded():
    finished = run("demo", *QUICK, python=("-c", TELLING))
    assert finished.status == 0, finished
    assert finished.err == ""


@pytest.mark.parametrize("where", ["missing/run.svg", "folder.svg"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(tmp_path, where):
    (tmp_path / "folder.svg").mkdir()
    file = tmp_path / where
    # So many commands that the test would not live to see their end.
    finished = run("demo", "--commands", "100000", "--plot", str(file))
    assert finished.status == 1
    assert finished.out == ""
    assert len(finished.err.splitlines()) == 1
    assert str(file) in finished.err
    assert "cannot be written: " in finished.err


def test_a_picture_is_kept_until_there_is_another(tmp_path):
    from geventconnpool_ext.cli.output import require_writable

    file = tmp_path / "run.svg"
    require_writable(str(file))
    assert os.listdir(str(tmp_path)) == []
    file.write_text("the last one")
    require_writable(str(file))
    assert file.read_text() == "the last one"
