"""What is refused, with what is wrong and what would be right; nothing is written."""

from __future__ import annotations

import pytest

POOL = "src/geventconnpool/pool.py"


@pytest.fixture
def refused(take, ours):
    def refused(*arguments):
        before = ours.git("status", "--porcelain", "--untracked-files=all")
        outcome = take(*arguments)
        after = ours.git("status", "--porcelain", "--untracked-files=all")
        assert outcome.status in (1, 2), outcome
        assert after == before
        return outcome.err

    return refused


def test_a_second_import_of_a_commit_is_refused_with_the_entrys_name(
    take, refused, upstream
):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    assert take(sha, "--name", "once").status == 0
    assert "is in the ledger already: 0003-once" in refused(sha)


def test_a_locked_commit_is_refused_with_its_entrys_name(refused, upstream):
    assert "is in the ledger already: 0002-first-2" in refused(upstream.head)


def test_an_unknown_commit_is_refused(refused):
    error = refused("0123456789abcdef")
    assert "'0123456789abcdef' is no commit of" in error
    assert "a hash that 'check' lists" in error


def test_a_missing_file_is_refused(refused):
    assert "there is no file missing.patch" in refused("missing.patch")


def test_an_unknown_pull_request_is_refused_with_those_there_are(refused, upstream):
    upstream.git("update-ref", "refs/pull/7/head", "HEAD")
    assert "has no pull request 9; it has: 7" in refused("pull/9")


def test_a_file_that_is_no_patch_is_refused(refused, tmp_path):
    file = tmp_path / "letter.patch"
    file.write_text("Dear maintainer,\n\nplease mend it.\n")
    assert "letter.patch is no patch" in refused(str(file))


def test_a_patch_that_is_cut_short_is_refused_with_its_line(refused, tmp_path):
    file = tmp_path / "cut.patch"
    file.write_text(f"--- a/{POOL}\n+++ b/{POOL}\n@@ -1,3 +1,3 @@\n one\n-two\n")
    assert "cut.patch: the hunk in line 3 is cut short" in refused(str(file))


def test_a_file_of_several_patches_is_refused(refused, upstream, tmp_path):
    upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    upstream.change(POOL, "pause(0.2)", "pause(0.3)")
    file = tmp_path / "two.patch"
    file.write_text(upstream.git("format-patch", "--stdout", "-2") + "\n")
    assert "two.patch holds 2 changes; split it" in refused(str(file))


def test_a_name_that_is_no_slug_is_refused(refused, upstream):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    assert "'Not A Slug' is no slug" in refused(sha, "--name", "Not A Slug")


def test_duplicate_without_a_duplicate_is_refused(refused, upstream):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    assert "no entry has this change" in refused(sha, "--duplicate")


def test_a_test_of_that_name_is_not_overwritten(refused, upstream, ours):
    ours.commit("Mine", {"tests/differential/test_mine.py": "mine\n"})
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    assert "test_mine.py is there already" in refused(sha, "--name", "mine")


def test_what_was_written_is_taken_back_when_a_later_file_cannot_be(
    refused, upstream, ours
):
    # A file where a directory is needed: the fragment can't be written.
    ours.commit("In the way", {"changes": "a file\n"})
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    assert "nothing was written" in refused(sha)
    assert not (ours.path / "tests").exists() or not list(
        (ours.path / "tests").rglob("*.py")
    )


def test_a_ledger_that_cannot_be_read_is_said(refused, upstream, ours):
    ours.commit("Broken", {"patches/0001-first-1.dep3": "no header\n"})
    error = refused(upstream.head)
    assert "0001-first-1.dep3:1" in error


def test_a_checkout_without_a_commit_gives_no_worktree(refused, upstream, ours):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    ours.git("update-ref", "-d", "HEAD")
    assert "gives no worktree to try the change in" in refused(sha)


def test_arguments_that_are_none_end_with_status_2(run):
    outcome = run("import")
    assert outcome.status == 2
    assert "COMMIT|pull/N|FILE.patch" in outcome.err
