"""The releases that the rehearsal of a bad one makes, whatever the package states."""

from __future__ import annotations

import pytest

pytest.importorskip("hatchling")

from maintenance.release.errors import ReleaseError
from maintenance.release.history import History, numbers_after

MODULE = "geventconnpool_ext/__init__.py"


@pytest.fixture
def make(project, tmp_path, log):
    """Begin a history of a project that states this version."""

    def begin(stated):
        project.write(MODULE, f'"""A package."""\n\n__version__ = "{stated}"\n')
        project.git("commit", "-q", "--allow-empty", "-a", "-m", "States it")
        made = History(project.path, tmp_path / "copy", log)
        made.begin()
        project.path = made.copy
        return made

    return begin


@pytest.mark.parametrize(
    ("stated", "made_up"),
    [
        ("1.0.0.dev0", ("1.0.0", "1.0.1", "1.0.2", "1.1.0.dev0")),
        ("1.1.0.dev0", ("1.1.0", "1.1.1", "1.1.2", "1.2.0.dev0")),
        ("1.0.0", ("1.1.0", "1.1.1", "1.1.2", "1.2.0.dev0")),
        ("1.2.3", ("1.3.0", "1.3.1", "1.3.2", "1.4.0.dev0")),
        ("1.1.0rc1", ("1.2.0", "1.2.1", "1.2.2", "1.3.0.dev0")),
        # As nox -s trial-version makes it of a release.
        ("1.0.0.post0.dev17", ("1.1.0", "1.1.1", "1.1.2", "1.2.0.dev0")),
    ],
)
def test_the_numbers_can_follow_what_is_stated(stated, made_up):
    assert numbers_after(stated) == made_up


@pytest.mark.parametrize("stated", ["1.0.0", "1.1.0.dev0"])
def test_all_three_are_tagged_and_the_last_has_the_code_of_the_first(
    make, project, stated
):
    # It was used, elsewhere than in this history.
    project.git("tag", "v1.1.2")
    made = make(stated)
    made.release_good()
    made.release_bad()
    made.go_on()
    made.release_following()
    tags = project.git("tag", "--list", "--format=%(objecttype) %(refname:short)")
    assert tags.splitlines() == ["tag v1.1.0", "tag v1.1.1", "tag v1.1.2"]
    assert project.git("log", "-1", "--format=%s", "v1.1.2") == "Release 1.1.2"
    changed = project.git("diff", "--name-only", "v1.1.0", "v1.1.2")
    assert changed.splitlines() == ["CHANGELOG.md", MODULE]
    for tag, bad in [("v1.1.0", False), ("v1.1.1", True), ("v1.1.2", False)]:
        text = project.git("show", f"{tag}:{MODULE}")
        assert f'__version__ = "{tag[1:]}"' in text
        assert ("raise ImportError" in text) == bad
    made.merge_back()
    assert project.git("branch", "--show-current") == "main"
    assert '"1.2.0.dev0"' in project.git("show", f"HEAD:{MODULE}")


def test_a_merge_that_loses_the_release_is_found(make, project):
    made = make("1.0.0")
    made.release_good()
    made.release_bad()
    made.go_on()
    made.release_following()
    # As a squashed pull request leaves it.
    project.git("switch", "-q", "main")
    with pytest.raises(ReleaseError, match=r"1\.1\.1 is main's last release, not"):
        made._require_merged()
