"""The page leaves nothing unrun, and what it quotes is what the package says."""

from __future__ import annotations

import re

from geventconnpool_ext.stats import PoolStats

from ..processes import test_switching
from . import page, test_registry, test_releases

LANGUAGES = {"sh", "python", "requirements", "output", "fails", "test"}
RUN_BY = {
    **dict.fromkeys(test_releases.STORY, "releases"),
    test_switching.SECTION: "switching",
    test_registry.SECTION: "registry",
}


def test_every_command_is_in_a_section_that_a_test_runs():
    for section in page.sections():
        for step in page.steps(section):
            assert step.language in LANGUAGES, step
            # Python blocks are run by tests/docs, wherever they are.
            assert step.language == "python" or section in RUN_BY, step


def test_every_command_for_gunicorn_is_run():
    run = {
        test_switching.TRY_FIRST,
        test_switching.SWITCH,
        test_switching.BACK,
        test_switching.SECOND_MASTER,
        test_switching.FIRST_GOES,
    }
    steps = page.steps(test_switching.SECTION)
    assert {step.body for step in steps if step.language == "sh"} == run


def test_every_block_is_closed_and_read():
    read = sum(
        step.language != "test"
        for section in page.sections()
        for step in page.steps(section)
    )
    assert len(re.findall(r"^```", page.TEXT, re.M)) == 2 * read


def test_every_heading_that_is_linked_to_exists():
    anchors = {
        re.sub(r"[^\w -]", "", section).lower().replace(" ", "-")
        for section in page.sections()
    }
    linked = set(re.findall(r"\]\(#([^)]+)\)", page.TEXT))
    assert linked
    assert linked <= anchors


def test_the_numbers_to_watch_are_those_of_the_statistics():
    fields = {*PoolStats._fields, "open"}
    for name in ("waiting", "idle", "in_use", "connects", "gets", "timeouts"):
        assert "`{}`".format(name) in page.TEXT or "().{}`".format(name) in page.TEXT
        assert name in fields
    assert {"connect_errors", "discarded"} <= fields
