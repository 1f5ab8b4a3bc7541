"""A release that cannot be made is refused before anything is made."""

from __future__ import annotations

import pytest
from packaging.version import Version

from maintenance.release import request
from maintenance.release.__main__ import main
from maintenance.release.errors import ReleaseError


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("one", "'one' is no version by PEP 440", "write it as 1.2.0"),
        ("1.2", "'1.2' has not three numbers", "write it as 1.2.0"),
        ("1!1.2.0", "'1!1.2.0' has not three numbers", "write it as 1.2.0"),
        ("1.2.0-rc1", "'1.2.0-rc1' is not in its normal form", "write 1.2.0rc1"),
        ("v1.2.0", "'v1.2.0' is not in its normal form", "write 1.2.0"),
        ("1.2.0.dev1", "'1.2.0.dev1' is no version to publish", "write it as 1.2.0"),
        ("1.2.0+ours", "'1.2.0+ours' is no version to publish", "write it as 1.2.0"),
    ],
)
@pytest.mark.parametrize("option", ["--dry-run", "--prepare"])
def test_a_version_that_is_none_is_an_error_of_the_arguments(
    option, text, wrong, right, capsys
):
    with pytest.raises(SystemExit) as ended:
        main([option, text])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {option}: {wrong}" in said
    assert right in said


@pytest.mark.parametrize("text", ["1.2.0", "1.2.0rc1", "1.2.0.post1", "10.0.11"])
def test_a_version_to_publish_is_taken_as_it_is_written(text):
    assert str(request.parse(text)) == text


def refused(capsys, project, version):
    """What ``--prepare`` says when it refuses; it must have changed nothing."""
    before = project.state()
    assert main(["--prepare", version, "--project", str(project.path)]) == 1
    assert project.state() == before
    return capsys.readouterr().err


@pytest.mark.parametrize("version", ["1.0.0", "0.9.9", "1.0.0rc1"])
def test_a_version_not_newer_than_the_last_release_is_refused(project, capsys, version):
    said = refused(capsys, project, version)
    assert f"{version} is not newer than the last release, 1.0.0" in said
    assert "what to do: choose a version above 1.0.0" in said


def test_a_tag_that_is_not_in_this_history_is_not_the_last_release(project):
    project.git("checkout", "-q", "-b", "other")
    project.fragment("+other.added.md")
    project.git("tag", "-a", "-m", "elsewhere", "v7.0.0")
    project.git("checkout", "-q", "main")
    project.git("tag", "-a", "-m", "of another kind", "vision")
    assert request.last_release(project.path) == Version("1.0.0")


def test_before_the_first_release_there_is_none(project):
    project.git("tag", "-d", "v1.0.0")
    assert request.require_newer(project.path, Version("0.0.1")) == "no release before"


def test_what_is_not_committed_is_named(project, capsys):
    project.write("README.md", "changed")
    project.write("new.txt", "new")
    said = refused(capsys, project, "1.0.1")
    assert "not committed: README.md, new.txt; a release is made of a commit" in said
    assert "what to do: commit them, or put them away" in said


def test_a_release_of_nothing_is_refused(project, capsys):
    project.git("rm", "-q", "changes/+mended.fixed.md")
    project.commit()
    said = refused(capsys, project, "1.0.1")
    assert "changes/ has no fragment" in said
    assert "what to do: write what changed for users" in said


@pytest.mark.parametrize(
    ("kind", "enough", "too_little"),
    [
        ("fixed", "1.0.1", None),
        ("added", "1.1.0", "1.0.1"),
        ("major", "2.0.0", "1.9.0"),
    ],
)
def test_the_number_says_as_much_as_the_fragments(project, kind, enough, too_little):
    project.fragment(f"+one-more.{kind}.md")
    request.require_fitting(project.path, Version(enough))
    if too_little:
        with pytest.raises(ReleaseError, match=f"one-more.{kind}.md") as refusal:
            request.require_fitting(project.path, Version(too_little))
        assert enough in refusal.value.remedy


def test_the_first_release_may_have_any_number(project):
    project.git("tag", "-d", "v1.0.0")
    project.fragment("+all.added.md")
    request.require_fitting(project.path, Version("0.0.1"))


def test_what_is_built_has_the_tag_of_its_version(project):
    with pytest.raises(ReleaseError, match=r"states 1\.1\.0, but HEAD has no tag"):
        request.require_tagged(project.path, "1.1.0")
    project.git("tag", "v1.2.0")
    with pytest.raises(ReleaseError, match=r"states 1\.1\.0, but HEAD has v1\.2\.0"):
        request.require_tagged(project.path, "1.1.0")
    assert request.require_tagged(project.path, "1.2.0")


def test_a_version_for_trials_needs_no_tag(project):
    assert request.require_tagged(project.path, "1.3.0.dev4")


def test_a_directory_that_is_not_empty_is_not_built_into(project, capsys):
    files = sorted(project.path.iterdir())
    arguments = ["--build", str(project.path), "--project", str(project.path)]
    assert main(arguments) == 1
    assert "is not empty" in capsys.readouterr().err
    assert sorted(project.path.iterdir()) == files


def test_outside_of_a_repository_git_is_quoted(tmp_path, capsys):
    assert main(["--prepare", "1.0.0", "--project", str(tmp_path)]) == 1
    assert "not a git repository" in capsys.readouterr().err
