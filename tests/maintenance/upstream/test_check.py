from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
POOL = "src/geventconnpool/pool.py"


def test_nothing_new_is_status_0(check):
    outcome = check()
    assert outcome.status == 0
    assert "nothing new since" in outcome.out


def test_new_commits_are_news_oldest_first_with_the_command_that_imports_each(
    check, upstream
):
    one = upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Wait longer")
    two = upstream.change(POOL, "pause(0.2)", "pause(0.3)", "Wait still longer")
    outcome = check()
    assert outcome.status == 3
    lines = [line for line in outcome.out.splitlines() if "new commit" in line]
    assert [line.split(" -> ")[1] for line in lines] == [
        f"nox -s upstream -- import {sha[:12]}" for sha in (one, two)
    ]
    assert "2022-03-12" in lines[0]
    assert "Wait longer (master)" in lines[0]


def test_a_commit_on_another_branch_is_news_and_the_branch_is_named(check, upstream):
    upstream.git("checkout", "--quiet", "-b", "aside")
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Aside")
    outcome = check()
    assert outcome.status == 3
    assert "Aside (aside)" in outcome.out
    assert sha[:12] in outcome.out


def test_a_pull_request_is_news_as_one_line_with_the_number_of_its_commits(
    check, upstream
):
    upstream.git("checkout", "--quiet", "-b", "aside")
    upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Part one")
    upstream.change(POOL, "pause(0.2)", "pause(0.3)", "Part two")
    upstream.git("update-ref", "refs/pull/7/head", "HEAD")
    upstream.git("update-ref", "refs/pull/7/merge", "HEAD")
    upstream.git("checkout", "--quiet", "master")
    upstream.git("branch", "--quiet", "-D", "aside")
    outcome = check()
    assert outcome.status == 3
    (line,) = outcome.out.splitlines()[:-1]
    assert line.startswith("new pull request 7")
    assert "Part two, 2 unmerged" in line
    assert line.endswith("import pull/7")


def test_a_locked_pull_request_that_moved_is_news(check, upstream, ours):
    upstream.git("update-ref", "refs/pull/7/head", "HEAD")
    lock(ours, upstream)
    assert check().status == 0
    upstream.git("checkout", "--quiet", "-b", "aside")
    upstream.change(POOL, "pause(0.1)", "pause(0.2)", "More")
    upstream.git("update-ref", "refs/pull/7/head", "HEAD")
    upstream.git("checkout", "--quiet", "master")
    upstream.git("branch", "--quiet", "-D", "aside")
    outcome = check()
    assert outcome.status == 3
    assert "pull request 7" in outcome.out
    assert "has more commits since" in outcome.out
    upstream.git("update-ref", "refs/pull/7/head", "HEAD~1")
    outcome = check()
    assert outcome.status == 3
    assert "WAS REWRITTEN since" in outcome.out


def test_a_cherry_picked_commit_is_recognised_and_no_news(check, upstream):
    begun = upstream.git("rev-list", "--max-parents=0", "HEAD")
    upstream.git("checkout", "--quiet", "--orphan", "again")
    upstream.git("rm", "--quiet", "-rf", ".")
    upstream.git("cherry-pick", begun)
    assert upstream.head != begun
    outcome = check()
    assert outcome.status == 0
    assert f"taken already as 0001-first-1 under {begun[:12]}" in outcome.out


def test_a_new_tag_is_news(check, upstream):
    upstream.git("tag", "-a", "0.2", "-m", "annotated")
    outcome = check()
    assert outcome.status == 3
    assert f"new tag 0.2 at 2022-03-03 {upstream.head[:12]}" in outcome.out


def test_a_moved_tag_is_said_loudly(check, upstream):
    upstream.git("tag", "--force", "0.1", "HEAD~1")
    outcome = check()
    assert outcome.status == 3
    assert f"TAG MOVED: 0.1 from {upstream.head[:12]}" in outcome.out


def test_a_tag_that_is_gone_is_said_loudly(check, upstream):
    upstream.git("tag", "--delete", "0.1")
    outcome = check()
    assert outcome.status == 3
    assert "TAG GONE: 0.1" in outcome.out


def test_rewritten_history_is_said_loudly_and_its_commits_are_recognised(
    check, upstream
):
    assert check().status == 0
    head = upstream.head
    upstream.git("commit", "--quiet", "--amend", "-m", "Add the pool, reworded")
    assert upstream.head != head
    outcome = check()
    assert outcome.status == 3
    assert outcome.out.startswith(f"HISTORY REWRITTEN: the locked head {head[:12]}")
    assert f"taken already as 0002-first-2 under {head[:12]}" in outcome.out
    assert "new commit" not in outcome.out


def test_a_branch_that_is_gone_is_said_loudly(check, upstream):
    upstream.git("branch", "--move", "main")
    outcome = check()
    assert outcome.status == 3
    assert "BRANCH GONE: upstream has no master any more; it has: main" in outcome.out


def test_what_the_ledger_has_and_the_lock_has_not_is_no_news(check, take, upstream):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Wait longer")
    assert take(sha, "--name", "longer").status == 0
    outcome = check()
    assert outcome.status == 0
    assert "in the ledger as 0003-longer, not in the lock" in outcome.out


def test_a_commit_before_an_imported_one_is_still_news(check, take, upstream):
    first = upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Wait longer")
    second = upstream.change(POOL, "pause(0.2)", "pause(0.3)", "Wait still longer")
    assert take(second).status == 0
    outcome = check()
    assert outcome.status == 3
    assert f"import {first[:12]}" in outcome.out


def test_a_repository_that_cannot_be_read_is_a_failure(check, tmp_path):
    outcome = check("--repo", str(tmp_path / "nowhere"))
    assert outcome.status == 1
    assert "nowhere" in outcome.err
    assert "--repo takes another URL or a directory" in outcome.err


def test_an_unrelated_repository_is_rewritten_history(check, tmp_path):
    from .made_up import Repository

    other = Repository(tmp_path / "other")
    other.commit("Something else", {"other": "text\n"})
    outcome = check("--repo", str(other.path))
    assert outcome.status == 3
    assert "check that this is the right repository" in outcome.out


def test_a_new_release_is_news(run, index):
    url = index(["0.1", "0.2", "0.3y"])
    outcome = run("check", "--index", url)
    assert outcome.status == 3
    lines = [line for line in outcome.out.splitlines() if "new release" in line]
    assert lines[0].startswith("new release 0.2 (2022-04-02)")


def test_the_locked_releases_alone_are_nothing_new(run, index):
    outcome = run("check", "--index", index(["0.1"]))
    assert outcome.status == 0


def test_a_release_that_vanished_is_said_loudly(run, index):
    outcome = run("check", "--index", index([]))
    assert outcome.status == 3
    assert "RELEASE GONE from the index: 0.1" in outcome.out


def test_an_index_out_of_reach_is_not_taken_for_nothing_new(run, monkeypatch):
    # A proxy would answer in its place.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/simple/"
        outcome = run("check", "--index", url)
    assert outcome.status == 4
    assert "NOT CHECKED: releases" in outcome.out
    assert "nothing new" not in outcome.out


def test_an_index_without_the_project_is_not_taken_for_nothing_new(run, index):
    url = index(["0.1"]).replace("/simple/", "/other/")
    outcome = run("check", "--index", url)
    assert outcome.status == 4


def test_a_directory_without_a_ledger_is_refused_with_what_would_be_right(
    ours, upstream, run
):
    (ours.path / "patches" / "series").unlink()
    outcome = run("check", "--offline")
    assert outcome.status == 1
    assert "patches/series is missing there" in outcome.err


def test_the_command_works_as_a_process_in_its_working_directory(ours, upstream):
    upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Wait longer")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_DIR": "/nowhere"}
    command = [sys.executable, "-m", "maintenance.upstream", "check", "--offline"]
    done = subprocess.run(
        command, cwd=ours.path, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 3, done.stderr
    assert "Wait longer" in done.stdout


def lock(ours, upstream):
    """Move the checkout's lock to upstream as it is now."""
    from maintenance.ledger import lock, pin

    directory = ours.path / "patches"
    released = lock.load(directory).releases
    there = str(upstream.path)
    new = pin.pin(there, repository=there, released=released)
    (directory / lock.NAME).write_text(lock.dump(new), "utf-8")
