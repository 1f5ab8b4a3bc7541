"""What a user reads of the ledger, and what a maintainer sees of its check."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from maintenance.ledger import checking, differences, entries, report
from maintenance.ledger.__main__ import main
from maintenance.ledger.listing import listing

from . import project as made_up
from .project import DEFECT, DEFECTS, LEDGER, PULL

ROOT = Path(__file__).resolve().parents[3]


def page(project):
    return differences.render(entries.load(project / "patches"))


def rows(text, heading):
    """The cells of the table below a heading, row by row."""
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_first_table_holds_each_difference_with_its_test(project):
    (row,) = rows(page(project), "What is different")
    assert row == [
        "`get()` hangs for ever",
        "it is tried again",
        "1.0.0",
        "[`test_it_connects_again`](../tests/differential/test_pool.py)",
        "[0004](../patches/0004-connecting.dep3)",
    ]


def test_entries_that_say_the_same_share_a_row(project):
    pull = {**DEFECT, "Origin": "other, defect:the-same"}
    made_up.make(project, {**LEDGER, "0006-the-same": pull})
    (row,) = rows(page(project), "What is different")
    numbers = "[0004](../patches/0004-connecting.dep3), "
    assert row[-1] == numbers + "[0006](../patches/0006-the-same.dep3)"


def test_what_was_taken_over_and_what_was_not_have_their_tables(project):
    taken = rows(page(project), "What was taken over")
    assert [row[:3] for row in taken] == [
        ["First version", "written anew here", "1"],
        ["Statistics", "taken over as it is", "1"],
    ]
    untaken = rows(page(project), "What was not taken over")
    assert [row[:3] for row in untaken] == [
        [
            "A typing error in the README",
            "does not apply here",
            "There is no such README here.",
        ],
        ["Reads a connection's mind", "rejected", "Nobody can."],
    ]


def test_a_pending_change_stands_in_a_table_of_its_own(project):
    assert "Not decided yet" not in page(project)
    pending = {**PULL, "Origin": "upstream, pull:6", "X-Status": "pending"}
    made_up.make(project, {**LEDGER, "0006-new": pending})
    (row,) = rows(page(project), "Not decided yet")
    assert row[0] == "Reads a connection's mind"


def test_a_bar_in_a_description_does_not_break_the_table(project):
    made_up.write(project, "0003-mind", {**PULL, "Description": "a | b\nNo | never."})
    assert "| a \\| b | rejected | No \\| never. |" in page(project)


# --- the report -------------------------------------------------------------------


def shown(project, **options):
    """The report on what reading alone finds."""
    read, unread = listing(project / "patches")
    found = [*unread, *checking.texts(project, read, defects=DEFECTS, **options)]
    pending = [entry for entry in read if entry.status == "pending"]
    result = checking.Result(read, found, pending, None)
    out = io.StringIO()
    report.show(result, Console(file=out, width=80))
    return out.getvalue()


def test_a_red_entry_is_told_by_name_reason_and_remedy_in_80_columns(project):
    made_up.write(project, "0003-mind", {**PULL, "Forwarded": "perhaps"})
    text = shown(project)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    said = " ".join(text.partition("The ledger")[0].split())
    assert said == (
        "red 0003-mind: Forwarded is 'perhaps'."
        " To do: write 'no', 'not-needed' or a URL."
    )
    assert "1 entries red, 0 other things red" in text


def test_the_table_counts_entries_by_status_and_class(project):
    text = shown(project)
    assert "5 entries, tests not run: 0 entries red, 0 other things red" in text
    (line,) = [line for line in text.splitlines() if "all" in line.split()[1:2]]
    assert line.replace("│", " ").split() == ["all", "1", "1", "1", "2"]


def test_a_pending_entry_that_is_allowed_is_shown_all_the_same(project):
    pending = {**PULL, "Origin": "other, patch:" + made_up.PATCH_ID}
    made_up.make(project, {**LEDGER, "0006-new": {**pending, "X-Status": "pending"}})
    text = shown(project, allow_pending=True)
    assert "pending 0006-new: Reads a connection's mind." in text
    assert "0 entries red" in text


# --- the command ------------------------------------------------------------------


def command(project, *arguments):
    """Run it as nox does, in the repository."""
    done = subprocess.run(
        [sys.executable, "-m", "maintenance.ledger", *arguments],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def with_every_defect(project):
    """A repository that is green by the rules for this one."""
    others = {
        f"{int(number) + 5:04}-defect": {
            **PULL,
            "Origin": f"other, defect:U{number}",
        }
        for number in range(2, 12)
    }
    return made_up.make(project, {**LEDGER, **others})


@pytest.mark.timeout(60)
def test_the_command_ends_with_0_if_all_is_well_and_with_1_if_not(project):
    with_every_defect(project)
    (project / "docs" / "differences.md").write_text("stale")
    status, out, err = command(project, "--render")
    assert (status, err) == (0, "")
    assert "15 entries, 5 runs of their tests: 0 entries red" in out
    assert (project / "docs" / "differences.md").read_text() == page(project)
    (project / "patches" / "0003-mind.dep3").write_text("Origin\n")
    status, out, _ = command(project)
    assert status == 1
    assert "red 0003-mind: patches/0003-mind.dep3:1: " in out


def test_a_ledger_that_cannot_be_read_is_not_rendered(project, capsys):
    before = (project / "docs" / "differences.md").read_text()
    (project / "patches" / "0003-mind.dep3").write_text("Origin\n")
    assert main(["--project", str(project), "--render"]) == 1
    assert "patches/0003-mind.dep3:1: " in capsys.readouterr().err
    assert (project / "docs" / "differences.md").read_text() == before


def test_a_directory_without_a_ledger_is_refused(tmp_path, capsys):
    assert main(["--project", str(tmp_path)]) == 1
    assert "has no directory patches/" in capsys.readouterr().err


# --- the real one -----------------------------------------------------------------


@pytest.mark.timeout(100)
def test_this_project_s_ledger_is_in_order_and_its_tests_are_there():
    result = checking.check(ROOT, run=False, allow_pending=True)
    assert result.findings == []
    assert len(result.ledger) >= 43
