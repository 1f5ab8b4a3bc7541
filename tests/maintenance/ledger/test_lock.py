"""upstream.lock is made from a real repository, and says the same on any machine."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from maintenance.ledger import git, lock, pin
from maintenance.ledger.__main__ import main

from . import project as made_up

LINES = "".join(f"line {number}\n" for number in range(20))
RELEASED = made_up.LOCK.releases


def run(directory, *arguments, day=1):
    """Run git as nobody in particular, on a day of January 2020."""
    when = f"2020-01-{day:02}T12:00:00+0000"
    environment = {
        **os.environ,
        "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_DATE": when,
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    done = subprocess.run(
        ["git", *who, *arguments],
        cwd=directory,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def commit(directory, day, **files):
    for name, text in files.items():
        (directory / name).write_text(text)
    run(directory, "add", "-A")
    run(directory, "commit", "-q", "--allow-empty", "-m", f"day {day}", day=day)
    return run(directory, "rev-parse", "HEAD").strip()


@pytest.fixture
def upstream(tmp_path):
    """A root, a rename with a change, a merged and an open pull request, a tag."""
    path = tmp_path / "upstream"
    path.mkdir()
    run(path, "init", "-q", "-b", "trunk")
    shas = {"root": commit(path, 1, old=LINES)}
    run(path, "mv", "old", "new")
    shas["rename"] = commit(path, 2, new=LINES.replace("line 5", "LINE 5"))
    run(path, "tag", "-a", "0.1", "-m", "0.1")
    run(path, "checkout", "-q", "-b", "topic")
    shas["topic"] = commit(path, 3, topic="topic\n")
    run(path, "update-ref", "refs/pull/1/head", "HEAD")
    run(path, "checkout", "-q", "trunk")
    run(path, "merge", "-q", "--no-ff", "-m", "merge", "topic", day=4)
    shas["merge"] = run(path, "rev-parse", "HEAD").strip()
    run(path, "branch", "-q", "-D", "topic")
    run(path, "checkout", "-q", "-b", "open")
    shas["open"] = commit(path, 5, open="open\n")
    run(path, "update-ref", "refs/pull/12/head", "HEAD")
    run(path, "checkout", "-q", "trunk")
    run(path, "branch", "-q", "-D", "open")
    shas["empty"] = commit(path, 6)
    return path, shas


def stable(directory, *show):
    shown = run(directory, "show", *show)
    done = subprocess.run(
        ["git", "patch-id", "--stable"],
        cwd=directory,
        input=shown,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()[0]


def test_the_lock_lists_commits_oldest_first_with_tags_and_pull_requests(upstream):
    path, shas = upstream
    locked = pin.pin(str(path), released=RELEASED)
    names = ["root", "rename", "topic", "merge", "empty"]
    assert [commit.sha for commit in locked.commits] == [shas[n] for n in names]
    assert [int(commit.date[-2:]) for commit in locked.commits] == [1, 2, 3, 4, 6]
    assert (locked.branch, locked.head) == ("trunk", shas["empty"])
    assert (locked.date, locked.releases) == ("2020-01-06", RELEASED)
    assert locked.tags == {"0.1": shas["rename"]}
    heads = [(pull.number, pull.head) for pull in locked.pulls]
    assert heads == [(1, shas["topic"]), (12, shas["open"])]
    unmerged = [[commit.sha for commit in pull.unmerged] for pull in locked.pulls]
    assert unmerged == [[], [shas["open"]]]


def test_a_patch_id_is_that_of_what_git_shows(upstream):
    path, shas = upstream
    for name in ("root", "rename", "topic", "open"):
        assert git.patch_id(path, shas[name]) == stable(path, shas[name])
    assert git.patch_id(path, shas["empty"]) == ""


def test_a_merge_has_the_patch_id_of_what_it_brought(upstream):
    path, shas = upstream
    assert git.patch_id(path, shas["merge"]) == git.patch_id(path, shas["topic"])
    locked = pin.pin(str(path))
    assert locked.patch_ids[git.patch_id(path, shas["merge"])] == shas["topic"]
    assert "" not in locked.patch_ids


CONFIGURATION = """\
[diff]
    renames = false
    noprefix = true
    context = 9
    algorithm = patience
    external = false
    mnemonicPrefix = true
[color]
    ui = always
[log]
    showSignature = true
[core]
    attributesFile = {attributes}
[diff "shout"]
    textconv = rev
"""


@pytest.mark.parametrize("whose", ["the user's", "the repository's", "environment's"])
def test_nobody_s_configuration_changes_a_patch_id(
    upstream, tmp_path, monkeypatch, whose
):
    path, shas = upstream
    before = {name: git.patch_id(path, sha) for name, sha in shas.items()}
    attributes = tmp_path / "attributes"
    attributes.write_text("* diff=shout\n")
    text = CONFIGURATION.format(attributes=attributes)
    if whose == "the user's":
        (tmp_path / "config").write_text(text)
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    elif whose == "the repository's":
        with (path / ".git" / "config").open("a") as config:
            config.write(text)
        (path / ".git" / "info" / "attributes").write_text("* diff=shout\n")
    else:
        monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
        monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=9")
        monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert {name: git.patch_id(path, sha) for name, sha in shas.items()} == before


def test_a_lock_is_read_as_it_was_written(upstream, tmp_path):
    locked = pin.pin(str(upstream[0]), released=RELEASED)
    (tmp_path / lock.NAME).write_text(lock.dump(locked), "utf-8")
    assert lock.load(tmp_path) == locked


def test_what_upstream_deleted_and_moved_is_so_in_a_clone_fetched_again(
    upstream, tmp_path
):
    path, shas = upstream
    clone = tmp_path / "clone"
    git.fetch(str(path), clone)
    assert git.refs(clone, "refs/tags") == {"refs/tags/0.1": shas["rename"]}
    run(path, "tag", "-d", "0.1")
    run(path, "reset", "-q", "--hard", shas["rename"])
    git.fetch(str(path), clone)
    assert git.refs(clone, "refs/tags") == {}
    assert git.refs(clone, "refs/heads") == {"refs/heads/trunk": shas["rename"]}


def test_the_lock_stops_at_a_given_commit(upstream):
    path, shas = upstream
    locked = pin.pin(str(path), head=shas["rename"])
    assert [commit.sha for commit in locked.commits] == [shas["root"], shas["rename"]]
    unmerged = [len(pull.unmerged) for pull in locked.pulls]
    assert unmerged == [1, 3]


@pytest.mark.parametrize("head", ["open", "nowhere"])
def test_a_head_that_is_not_on_the_branch_is_refused(upstream, head):
    path, shas = upstream
    with pytest.raises(git.GitError, match=r"no commit of upstream's|rev-parse"):
        pin.pin(str(path), head=shas.get(head, "no" * 20))


# --- the command ------------------------------------------------------------------


def command(project, *arguments):
    return main(["--project", str(project), "lock", *arguments])


def test_the_command_writes_the_lock_and_tells_what_is_new(upstream, project, capsys):
    path, shas = upstream
    assert command(project, "--repo", str(path), "--offline") == 0
    said = capsys.readouterr().out
    assert f"head {shas['empty']} of 2020-01-06" in said
    assert f"new: {shas['rename']} of 2020-01-02" in said
    locked = lock.load(project / "patches")
    assert locked.head == shas["empty"]
    assert (locked.repository, locked.releases) == (
        "https://example.org/upstream",
        RELEASED,
    )


@pytest.fixture
def index(tmp_path):
    """A package index over real HTTP, with two source distributions and a wheel."""
    page = tmp_path / "index" / "geventconnpool"
    page.mkdir(parents=True)
    names = ["geventconnpool-0.10.tar.gz", "geventconnpool-0.2.tar.gz"]
    names.append("geventconnpool-0.2-py3-none-any.whl")
    links = [
        f'<a href="{name}#sha256={digit * 64}">{name}</a>'
        for digit, name in zip("123", names)
    ]
    (page / "index.html").write_text("<!DOCTYPE html><html>" + "".join(links))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = partial(Quiet, directory=str(tmp_path / "index"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_releases_come_from_the_index_by_version(upstream, project, index):
    assert command(project, "--repo", str(upstream[0]), "--index", index) == 0
    released = lock.load(project / "patches").releases
    assert [(r.version, r.sha256[0]) for r in released] == [("0.2", "2"), ("0.10", "1")]
    assert released[0].file == "geventconnpool-0.2.tar.gz"


def test_an_index_that_does_not_answer_leaves_the_lock_as_it_was(
    upstream, project, capsys
):
    before = (project / "patches" / lock.NAME).read_text()
    # Port 1 of the loopback: nobody listens there.
    arguments = ["--repo", str(upstream[0]), "--index", "http://127.0.0.1:1"]
    assert command(project, *arguments) == 1
    assert "geventconnpool: " in capsys.readouterr().err
    assert (project / "patches" / lock.NAME).read_text() == before


def test_a_repository_that_is_not_there_leaves_the_lock_as_it_was(
    project, tmp_path, capsys
):
    before = (project / "patches" / lock.NAME).read_text()
    gone = str(tmp_path / "gone")
    assert command(project, "--repo", gone, "--offline") == 1
    assert re.search(r"error: git ls-remote .*gone", capsys.readouterr().err)
    assert (project / "patches" / lock.NAME).read_text() == before
