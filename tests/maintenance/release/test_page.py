"""docs/releasing.md shows the steps that there are, and says what each does."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest

pytest.importorskip("build", reason="nox -s release has it")
pytest.importorskip("cyclonedx")

from packaging.version import Version

from maintenance.release.__main__ import main
from maintenance.release.bad_release import YankRehearsal
from maintenance.release.rehearsal import DryRun

from . import rehearsed

TEXT = rehearsed.PAGE.read_text("utf-8")


@pytest.fixture
def dry_run(tmp_path, log):
    with ExitStack() as stack:
        made = DryRun(
            tmp_path, Version("1.0.0"), tmp_path / "scratch", tmp_path, log, stack
        )
        yield made


@pytest.fixture
def yank_rehearsal(tmp_path, log):
    with ExitStack() as stack:
        made = YankRehearsal(tmp_path, tmp_path / "scratch", log, stack)
        yield made


def test_the_page_shows_every_step_of_the_dry_run(dry_run):
    shown = rehearsed.on_the_page("nox -s release -- --dry-run 1.0.0")
    assert rehearsed.titles(shown) == [step.title for step in dry_run.steps()]


def test_the_page_says_what_each_step_of_the_dry_run_does(dry_run):
    table = TEXT.partition("| step | what it does |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([\w ]+) \| ", table, re.M)
    assert rows == [step.title for step in dry_run.steps()]


def test_the_page_shows_every_step_of_the_yank_rehearsal(yank_rehearsal):
    shown = rehearsed.on_the_page("nox -s release -- --yank-rehearsal")
    assert rehearsed.titles(shown) == [step.title for step in yank_rehearsal.steps()]


def test_every_option_that_the_page_uses_is_known(capsys):
    used = set(re.findall(r"nox -s release -- (--[a-z-]+)", TEXT))
    with pytest.raises(SystemExit):
        main(["--help"])
    known = capsys.readouterr().out
    assert used == {"--dry-run", "--yank-rehearsal", "--prepare", "--build"}
    assert all(option in known for option in used)
