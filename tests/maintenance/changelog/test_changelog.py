"""The changelog of a made-up project, written by the real towncrier."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("towncrier")

from maintenance.changelog.__main__ import main
from maintenance.changelog.document import MARKER

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = (ROOT / "pyproject.toml").read_text("utf-8")
HEAD = "# Changelog\n\nWords that stay.\n"
LINKS = "[0.9.0]: https://example.org/0.9.0\n"


@pytest.fixture
def project(tmp_path):
    """A repository with this project's settings, a release, and two fragments."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "changes").mkdir()
    shutil.copy(ROOT / "changes" / "README.md", tmp_path / "changes")
    text = f"{HEAD}\n## [Unreleased]\n\n{MARKER}\n\n## [0.9.0] - 2026-01-02\n\n"
    (tmp_path / "CHANGELOG.md").write_text(f"{text}### Fixed\n\n- Old.\n\n{LINKS}")
    fragment(tmp_path, "+zebra.fixed.md", "The zebra is\nstriped (ledger 0031).")
    fragment(tmp_path, "+ant.added.md", "Ants.")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "all of it")
    return tmp_path


def git(project, *arguments):
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    command = ["git", *who, *arguments]
    done = subprocess.run(command, cwd=project, check=True, capture_output=True)
    return done.stdout.decode()


def fragment(project, name, text):
    (project / "changes" / name).write_text(text + "\n", "utf-8")


def changelog(project):
    return (project / "CHANGELOG.md").read_text("utf-8")


def run(project, *arguments):
    return main([*arguments, "--project", str(project)])


def section(text, title):
    """What stands between a section's title and the next landmark."""
    (found,) = re.findall(
        rf"^## {re.escape(title)}\n(.*?)(?=^## \[|^<!--|^\[|\Z)", text, re.M | re.S
    )
    return found.strip("\n")


def test_unreleased_holds_the_fragments_by_type_and_the_rest_stays(project):
    assert run(project) == 0
    text = changelog(project)
    assert text.startswith(HEAD)
    assert text.endswith(f"## [0.9.0] - 2026-01-02\n\n### Fixed\n\n- Old.\n\n{LINKS}")
    assert section(text, "[Unreleased]") == (
        "### Added\n\n- Ants.\n\n### Fixed\n\n- The zebra is\n  striped (ledger 0031)."
    )


def test_writing_it_twice_changes_nothing(project):
    run(project)
    once = changelog(project)
    assert run(project) == 0
    assert changelog(project) == once


def test_the_order_does_not_depend_on_when_a_fragment_was_written(project):
    run(project)
    once = changelog(project)
    for path in sorted((project / "changes").glob("*.md"), reverse=True):
        text = path.read_text("utf-8")
        path.unlink()
        path.write_text(text, "utf-8")
    run(project)
    assert changelog(project) == once


def test_a_stale_changelog_is_told_with_the_command_that_mends_it(project, capsys):
    assert run(project, "--check") == 1
    assert "run 'nox -s changelog'" in capsys.readouterr().err
    before = changelog(project)
    run(project)
    assert before != changelog(project)
    assert run(project, "--check") == 0
    fragment(project, "+more.added.md", "More.")
    assert run(project, "--check") == 1


def test_a_check_writes_nothing(project):
    before = changelog(project)
    run(project, "--check")
    assert changelog(project) == before


def test_a_section_edited_by_hand_is_stale(project):
    run(project)
    text = changelog(project).replace("- Ants.", "- Ants!")
    (project / "CHANGELOG.md").write_text(text, "utf-8")
    assert run(project, "--check") == 1


MALFORMED = [
    ("ants.md", "Ants.", "not a fragment's name"),
    ("+Ants.added.md", "Ants.", "not a fragment's name"),
    ("+ants.added.rst", "Ants.", "not a fragment's name"),
    ("+ants.improved.md", "Ants.", "'improved' is no type of change"),
    ("+ants.added.md", "  \n", "empty"),
    ("+ants.added.md", "- Ants.", "begins like a list"),
    ("+ants.added.md", "Ants.\n\n## More\n\nants", "a heading in it"),
    ("+ants.added.md", "Ants (ledger 31).", "'(ledger 31)' is no mark"),
]


@pytest.mark.parametrize(("name", "text", "reason"), MALFORMED)
def test_a_malformed_fragment_is_named_and_nothing_is_written(
    project, capsys, name, text, reason
):
    fragment(project, name, text)
    before = changelog(project)
    for arguments in (["--check"], [], ["1.0.0"]):
        assert run(project, *arguments) == 1
        said = capsys.readouterr().err
        assert f"changes/{name}: " in said
        assert reason in said
    assert changelog(project) == before


def test_a_release_takes_the_fragments_and_leaves_an_empty_unreleased(project):
    assert run(project, "1.0.0", "--date", "2026-11-24") == 0
    text = changelog(project)
    assert section(text, "[Unreleased]") == ""
    assert section(text, "[1.0.0] - 2026-11-24").startswith("### Added\n\n- Ants.")
    left = [path.name for path in (project / "changes").iterdir()]
    assert left == ["README.md"]
    assert run(project, "--check") == 0


def test_two_releases_in_a_row_stand_newest_first_above_the_links(project):
    run(project, "1.0.0", "--date", "2026-11-24")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "1.0.0")
    fragment(project, "7.changed.md", "Bees.")
    run(project)
    assert run(project, "1.1.0rc1", "--date", "2026-12-01") == 0
    text = changelog(project)
    assert re.findall(r"^## .*", text, re.M) == [
        "## [Unreleased]",
        "## [1.1.0rc1] - 2026-12-01",
        "## [1.0.0] - 2026-11-24",
        "## [0.9.0] - 2026-01-02",
    ]
    assert "- Bees." in section(text, "[1.1.0rc1] - 2026-12-01")
    assert text.count("- Ants.") == 1
    assert text.startswith(HEAD)
    assert text.endswith(LINKS)
    assert "\n\n\n" not in text
    assert run(project, "--check") == 0


def test_a_release_is_for_today_by_default(project):
    before = date.today()
    run(project, "1.0.0")
    days = {before.isoformat(), date.today().isoformat()}
    (day,) = re.findall(r"^## \[1.0.0\] - (.*)", changelog(project), re.M)
    assert day in days


def test_without_fragments_there_is_nothing_to_release(project, capsys):
    run(project, "1.0.0", "--date", "2026-11-24")
    before = changelog(project)
    assert run(project, "1.0.1") == 1
    assert "has no fragments" in capsys.readouterr().err
    assert changelog(project) == before


def test_a_version_is_released_once(project, capsys):
    before = changelog(project)
    assert run(project, "0.9.0") == 1
    assert "[0.9.0] already" in capsys.readouterr().err
    assert changelog(project) == before
    assert (project / "changes" / "+ant.added.md").exists()


@pytest.mark.parametrize("arguments", [["one"], ["1.0"], ["1.0.0", "--date", "soon"]])
def test_what_is_no_version_or_no_date_is_refused(project, arguments):
    with pytest.raises(SystemExit) as ended:
        run(project, *arguments)
    assert ended.value.code == 2


def test_a_failure_of_towncrier_leaves_the_changelog_as_it_was(project, capsys):
    path = project / "pyproject.toml"
    template = 'template = "absent.md"'
    settings = SETTINGS.replace("[tool.towncrier]", f"[tool.towncrier]\n{template}")
    path.write_text(settings, "utf-8")
    before = changelog(project)
    assert run(project, "1.0.0") == 1
    assert "towncrier failed" in capsys.readouterr().err
    assert changelog(project) == before


@pytest.mark.parametrize("landmark", ["## [Unreleased]", MARKER])
def test_a_changelog_without_a_landmark_is_refused(project, capsys, landmark):
    path = project / "CHANGELOG.md"
    path.write_text(changelog(project).replace(landmark + "\n", ""), "utf-8")
    before = changelog(project)
    assert run(project) == 1
    assert f"the line {landmark!r} 0 times" in capsys.readouterr().err
    assert changelog(project) == before


def test_this_project_s_changelog_is_what_its_fragments_say(capsys):
    assert run(ROOT, "--check") == 0, capsys.readouterr().err
