"""The release's commit, in a copy and in the checkout itself."""

from __future__ import annotations

import pytest

pytest.importorskip("hatchling")

from maintenance.release import preparation
from maintenance.release.__main__ import main


def test_prepare_commits_version_and_changelog_and_leaves_the_tag_to_a_person(
    project, capsys
):
    assert main(["--prepare", "1.1.0", "--project", str(project.path)]) == 0
    said = capsys.readouterr().out
    assert "1.1.0.dev0 -> 1.1.0" in said
    assert "matrix there is no result" in said
    assert project.git("status", "--porcelain") == ""
    assert project.git("log", "-1", "--format=%s %an") == "Release 1.1.0 N"
    changed = project.git("show", "--format=", "--name-only", "HEAD").splitlines()
    assert changed == [
        "CHANGELOG.md",
        "changes/+mended.fixed.md",
        "geventconnpool_ext/__init__.py",
    ]
    text = (project.path / "CHANGELOG.md").read_text("utf-8")
    assert text.index("## [1.1.0] - ") < text.index("It works.") < text.index("[1.0.0]")
    assert project.git("tag") == "v1.0.0"


def test_a_patch_release_is_made_of_a_main_that_states_the_next_minor_one(
    project, capsys
):
    assert main(["--prepare", "1.0.1", "--project", str(project.path)]) == 0
    assert "1.1.0.dev0 -> 1.0.1" in capsys.readouterr().out
    assert '"1.0.1"' in project.git("show", "HEAD:geventconnpool_ext/__init__.py")


def test_a_copy_is_tagged_and_the_checkout_is_as_it_was(project, tmp_path, log):
    before = project.state()
    copy = tmp_path / "copy"
    preparation.clone(project.path, copy)
    assert preparation.set_version(copy, "1.1.0", log) == "1.1.0.dev0 -> 1.1.0"
    assert preparation.write_changelog(copy, "1.1.0", log).startswith("[1.1.0] - ")
    preparation.commit(copy, "1.1.0", as_nobody=True)
    assert preparation.tag(copy, "1.1.0") == "v1.1.0"
    project.path, before_path = copy, project.path
    assert project.git("cat-file", "-t", "v1.1.0") == "tag"
    assert project.git("log", "-1", "--format=%s %an") == "Release 1.1.0 Rehearsal"
    project.path = before_path
    assert project.state() == before
