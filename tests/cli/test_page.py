"""Risk: findings that a terminal shows badly, or that only colour tells apart."""

from __future__ import annotations

import io
import os
import sys

import pytest
from gevent import os as gevent_os
from gevent import subprocess

from geventconnpool_ext.cli.finding import NOTE, OK, PROBLEM, WARNING, Finding, verdict
from geventconnpool_ext.cli.page import Page
from geventconnpool_ext.cli.skew import ahead

from .processes import MODULE, environment

LONG = " ".join(["word"] * 60)


def page(finding, took=None, **environ):
    out = io.StringIO()
    Page(out, environ).finding(finding, took)
    return out.getvalue()


@pytest.mark.parametrize("level", [OK, NOTE, WARNING, PROBLEM])
def test_each_level_is_a_word_and_no_line_is_wider_than_80(level):
    shown = page(Finding("name", level, LONG, LONG, LONG, [LONG]), 0.0123)
    lines = shown.splitlines()
    assert lines[0].startswith("{:9}name         word".format(level))
    assert lines[0].endswith("12.3 ms")
    assert len(lines[0]) == 80
    assert max(map(len, lines)) <= 80
    assert ("why: word" in shown) == (level != OK)
    assert ("do:  word" in shown) == (level != OK)
    assert "\x1b" not in shown


def test_colour_is_for_the_word_alone_and_no_color_counts_before_force_color():
    finding = Finding("name", PROBLEM, "what")
    coloured = page(finding, FORCE_COLOR="1")
    assert coloured.startswith("\x1b[1;31mproblem\x1b[0m  name")
    assert coloured.count("\x1b") == 2
    assert "\x1b" not in page(finding, FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" in page(finding, FORCE_COLOR="1", NO_COLOR="")


def test_what_could_steer_a_terminal_is_taken_out():
    assert "\x1b" not in page(Finding("a", PROBLEM, "\x1b[2J", "\x1b[2J", "\x1b[2J"))


@pytest.mark.parametrize(
    ("columns", "term", "widest", "colour"),
    [(80, "xterm", 80, True), (60, "xterm", 60, True), (200, "dumb", 80, False)],
)
def test_a_terminal_gets_colour_and_lines_that_fit_it(columns, term, widest, colour):
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *MODULE, "doctor"],
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.PIPE,
        env=environment(COLUMNS=str(columns), TERM=term),
    )
    os.close(slave)
    written = b""
    try:
        while True:
            written += gevent_os.tp_read(master, 4096)
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(master)
    assert process.wait() == 0, process.stderr.read()
    text = written.decode("utf-8")
    assert ("\x1b[32mok\x1b[0m" in text) == colour
    plain = [
        line.replace("\x1b[0m", "").rpartition("m")[2] if "\x1b" in line else line
        for line in text.split("\r\n")
    ]
    assert max(map(len, plain)) <= widest
    assert len(plain) > 20


def test_a_verdict_names_what_is_wrong_and_what_is_doubtful_each_once():
    wrong, doubtful = Finding("TCP", PROBLEM, ""), Finding("clock", WARNING, "")
    well = Finding("DNS", OK, ""), Finding("extras", NOTE, "")
    assert verdict(well) == (OK, "All is well.")
    assert verdict([*well, doubtful, doubtful]) == (
        WARNING,
        "It works, but look at: clock.",
    )
    assert verdict([doubtful, wrong, *well]) == (
        PROBLEM,
        "Something is wrong: TCP. Look also at: clock.",
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:01:40Z", 0),
        ("1970-01-01T00:01:40.5z", 0.5),
        ("1970-01-01T01:01:40+01:00", 0),
        ("1969-12-31T23:01:50.25-0100", 10.25),
        ("1970-01-01", None),
        ("1970-13-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("", None),
    ],
)
def test_a_registry_s_date_is_compared_in_any_zone(text, seconds):
    assert ahead(text, 100) == seconds
