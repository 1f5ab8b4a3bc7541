from __future__ import annotations

import re
import subprocess
import sys

import pytest

POOL = "src/geventconnpool/pool.py"
HERE = "geventconnpool_ext/pool.py"


def entry(ours, name):
    from maintenance.ledger import entries

    (found,) = [e for e in entries.load(ours.path / "patches") if e.name == name]
    return found


def lines_of(outcome, title):
    """The lines that the report has for one file."""
    block = outcome.out.split(f"\n{title}", 1)[1]
    return block.split("\n\n")[0].splitlines()


def test_a_hunk_that_fits_is_applied_and_its_line_here_is_told(take, upstream):
    sha = upstream.change(POOL, "self.opened -= 1", "self.opened -= 2")
    outcome = take(sha)
    assert outcome.status == 0, outcome.err
    # Ours has two lines less above it than upstream's.
    assert "  lines 12-18: applied at geventconnpool_ext/pool.py:14" in outcome.out
    assert "hunks: 1 applied" in outcome.out


def test_a_hunk_whose_lines_were_changed_here_conflicts_and_its_line_is_told(
    take, upstream
):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    outcome = take(sha)
    assert "conflict at geventconnpool_ext/pool.py:7" in outcome.out


def test_hunks_of_one_file_are_judged_one_by_one(take, upstream):
    text = (upstream.path / POOL).read_text("utf-8")
    text = text.replace("pause(0.1)", "pause(0.2)")
    text = text.replace("return len(self.free)", "return self.size")
    outcome = take(upstream.commit("Two places", {POOL: text}))
    assert f"conflict at {HERE}:7" in outcome.out
    assert f"applied at {HERE}:18" in outcome.out
    assert "hunks: 1 conflict, 1 applied" in outcome.out


def test_a_change_that_is_here_already_is_recognised(take, upstream, ours):
    ours.change(HERE, "self.opened -= 1", "self.opened -= 2")
    outcome = take(upstream.change(POOL, "self.opened -= 1", "self.opened -= 2"))
    assert "already here at geventconnpool_ext/pool.py:14" in outcome.out


def test_a_hunk_without_counterpart_is_looked_for_by_the_names_it_touches(
    take, upstream
):
    text = "def retry(function):\n    again = 1\n    return again\n"
    upstream.commit("Add retry", {"src/geventconnpool/more.py": text})
    outcome = take(
        upstream.change("src/geventconnpool/more.py", "again = 1", "again = 2")
    )
    lines = lines_of(outcome, "src/geventconnpool/more.py -> no file here")
    assert lines[1] == "  lines 1-3: no counterpart"
    assert lines[2] == "    look at geventconnpool_ext/retry.py:1 (retry)"


def test_a_method_that_was_rewritten_here_is_found_by_its_class_and_name(
    take, upstream, ours
):
    ours.commit("Rewrite", {HERE: "class ConnectionPool:\n    def get(self): ...\n"})
    outcome = take(upstream.change(POOL, "pause(0.1)", "pause(0.2)"))
    assert "no counterpart" in outcome.out
    assert "look at geventconnpool_ext/pool.py:2 (ConnectionPool.get)" in outcome.out


def test_a_word_of_a_text_is_looked_for_in_our_text(take, upstream):
    outcome = take(upstream.change("setup.py", "version='0.1'", "version='0.2'"))
    lines = lines_of(outcome, "setup.py -> pyproject.toml")
    assert any("pyproject.toml:3 (version)" in line for line in lines)


def test_a_rename_is_told_and_tried_on_the_counterpart_of_the_old_name(take, upstream):
    upstream.git("mv", "README.rst", "README.txt")
    outcome = take(upstream.commit("Rename"))
    (heading,) = re.findall(r"^README.*", outcome.out, re.M)
    assert heading == "README.rst (renamed to README.txt) -> README.md"
    assert "only renamed" in outcome.out


def test_a_new_file_a_deleted_file_and_a_binary_file_are_each_told(take, upstream):
    upstream.commit("Empty", {"empty.txt": ""})
    upstream.git("rm", "--quiet", "README.rst", "empty.txt")
    new = {"extra/wheel.py": "def turn():\n    pass\n", "logo.png": b"\0\1\2"}
    outcome = take(upstream.commit("Many", new))
    assert outcome.status == 0, outcome.err
    assert lines_of(outcome, "README.rst (deleted) -> README.md")[1] == (
        "  upstream deletes it: decide whether ours goes, too"
    )
    assert "empty.txt (deleted) -> no file here" in outcome.out
    assert "extra/wheel.py (new file) -> no file here" in outcome.out
    assert "  binary: not looked into" in lines_of(outcome, "logo.png")[1]


def test_a_changed_mode_is_told(take, upstream):
    (upstream.path / "setup.py").chmod(0o755)
    outcome = take(upstream.commit("Executable"))
    assert "setup.py (mode 100644 to 100755) -> pyproject.toml" in outcome.out


def test_a_name_with_blanks_quotes_and_umlauts_is_read(take, upstream):
    name = 'notes "für" all/read me.txt'
    upstream.commit("Notes", {name: "one\n"})
    outcome = take(upstream.change(name, "one", "two"))
    assert outcome.status == 0, outcome.err
    assert f"{name} -> no file here" in outcome.out


def test_octets_that_are_no_utf_8_are_no_obstacle(take, upstream, ours):
    upstream.commit("Latin", {"latin.txt": b"caf\xe9 one\n"})
    outcome = take(upstream.commit("Latin again", {"latin.txt": b"caf\xe9 two\n"}))
    assert outcome.status == 0, outcome.err


def test_the_entry_is_pending_with_all_that_is_known_and_blanks_for_words(
    take, upstream, ours
):
    sha = upstream.change(POOL, "pause(0.1)", "pause(0.2)", "Wait Much Longer Now")
    take(sha, "--name", "wait-longer", "--kind", "fixed")
    found = entry(ours, "0003-wait-longer")
    assert found.origin == f"upstream, commit:{sha}"
    assert found.fields["Author"] == "Ada Upstream <ada@upstream.example>"
    assert found.status == "pending"
    assert found.klass == "divergence"
    assert found.tests == ("tests/differential/test_wait_longer.py::test_wait_longer",)
    assert "FILL IN" in found.synopsis
    assert POOL in found.fields["Description"]
    fragment = ours.path / "changes" / "+0003-wait-longer.fixed.md"
    assert "(ledger 0003)" in fragment.read_text("utf-8")


def test_the_entry_breaks_no_rule_of_the_ledger_but_that_it_is_pending(
    take, upstream, ours
):
    from maintenance.ledger import listing, rules

    take(upstream.change(POOL, "pause(0.1)", "pause(0.2)"))
    ledger, wrong = listing.listing(ours.path / "patches")
    assert wrong == []
    assert rules.check(ledger[-1]) == []
    assert ledger[-1].status == "pending"


def test_the_stub_is_a_test_that_fails_and_says_what_to_write(
    take, upstream, ours, tmp_path
):
    take(upstream.change(POOL, "pause(0.1)", "pause(0.2)"), "--name", "longer")
    stub = ours.path / "tests" / "differential" / "test_longer.py"
    conftest = "import pytest\n@pytest.fixture\ndef implementation(): pass\n"
    (stub.parent / "conftest.py").write_text(conftest)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "no:geventconnpool_ext", f"--rootdir={ours.path}", str(stub)]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert "1 failed" in done.stdout
    assert "FILL IN: show what the change of entry 0003-longer does" in done.stdout


def test_nothing_of_upstreams_text_is_written_outside_the_cache(take, upstream, ours):
    secret = "a_line_that_only_upstream_wrote"
    text = (upstream.path / POOL).read_text("utf-8")
    # In two places: each is tried alone, and makes a text that upstream never had.
    text = text.replace("pause(0.1)", f"pause({secret})")
    text = text.replace("return len(self.free)", f"return {secret}")
    assert take(upstream.commit(f"Say {secret}", {POOL: text})).status == 0
    holding = [
        path.relative_to(ours.path).as_posix()
        for path in ours.path.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert len(holding) == 1
    assert holding[0].startswith(".cache/upstream-changes/0003-")
    blobs = ours.git("cat-file", "--batch-all-objects", "--batch-check").split("\n")
    for line in blobs:
        sha, kind, _ = line.split()
        assert kind != "blob" or secret not in ours.git("cat-file", "blob", sha)


def test_tree_index_branch_and_worktrees_of_the_checkout_stay_as_they_were(
    take, upstream, ours
):
    ours.write({HERE: "# half-written\n", "scratch.txt": "mine\n"})
    ours.git("add", "scratch.txt")
    before = ours.git("diff", "HEAD"), ours.git("diff", "--cached"), ours.head
    assert take(upstream.change(POOL, "pause(0.1)", "pause(0.2)")).status == 0
    # What is new is not added, so that only series differs from before.
    after = ours.git("diff", "HEAD", "--", ".", ":!patches/series")
    assert (after, ours.git("diff", "--cached"), ours.head) == before
    assert len(ours.git("worktree", "list").splitlines()) == 1
    assert not (ours.path / ".git" / "worktrees").exists()


def test_a_hook_of_the_checkout_does_not_run_for_the_trial(take, upstream, ours):
    hook = ours.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ours.path}/ran\n")
    hook.chmod(0o755)
    assert take(upstream.change(POOL, "pause(0.1)", "pause(0.2)")).status == 0
    assert not (ours.path / "ran").exists()


def test_the_worktree_goes_when_the_trial_is_interrupted(
    take, upstream, ours, monkeypatch, tmp_path
):
    from maintenance.upstream import trial

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def interrupted(*arguments):
        assert len(ours.git("worktree", "list").splitlines()) == 2
        raise KeyboardInterrupt

    monkeypatch.setattr(trial, "_around", interrupted)
    monkeypatch.setattr(trial, "_stands", lambda hunk, text: False)
    outcome = take(upstream.change(POOL, "pause(0.1)", "pause(0.2)"))
    assert outcome.status == 130
    assert len(ours.git("worktree", "list").splitlines()) == 1
    assert not list(tmp_path.glob("upstream-trial-*"))
    assert ours.git("status", "--porcelain") == ""


def test_a_merge_is_read_against_its_first_parent(take, upstream):
    upstream.git("checkout", "--quiet", "-b", "aside")
    upstream.change("README.rst", "a size", "two sizes")
    upstream.change(POOL, "pause(0.1)", "pause(0.2)")
    upstream.git("checkout", "--quiet", "master")
    upstream.change("setup.py", "0.1", "0.2")
    upstream.git("merge", "--quiet", "--no-edit", "aside")
    outcome = take(upstream.head)
    assert outcome.status == 0, outcome.err
    assert "note: a merge: compared with its first parent" in outcome.out
    assert "\nREADME.rst -> README.md" in outcome.out
    assert f"\n{POOL} -> " in outcome.out
    assert "\nsetup.py" not in outcome.out


def test_the_first_commit_of_a_history_is_all_new_files(take, upstream):
    upstream.git("checkout", "--quiet", "--orphan", "other")
    sha = upstream.commit("Begin again", {POOL: "def get():\n    return 1\n"})
    outcome = take(sha)
    assert outcome.status == 0, outcome.err
    assert f"{POOL} (new file)" in outcome.out
    assert "not on master but on other" in outcome.out


def test_an_empty_commit_gets_a_finished_entry_and_no_test(take, upstream, ours):
    outcome = take(upstream.commit("Nothing"), "--name", "nothing")
    assert outcome.status == 0, outcome.err
    assert entry(ours, "0003-nothing").status == "not-applicable"
    assert not (ours.path / "tests").exists()
    assert not (ours.path / "changes").exists()


def test_a_pull_request_is_taken_as_one_change(take, upstream, ours):
    upstream.git("checkout", "--quiet", "-b", "aside")
    upstream.change("README.rst", "a size", "two sizes", "Part one")
    upstream.change(POOL, "self.opened -= 1", "self.opened -= 2", "Part two")
    upstream.git("update-ref", "refs/pull/7/head", "HEAD")
    outcome = take("pull/7")
    assert outcome.status == 0, outcome.err
    assert entry(ours, "0003-upstream-pull-7").origin == "upstream, pull:7"
    assert "\nREADME.rst -> README.md" in outcome.out
    assert f"applied at {HERE}" in outcome.out


def test_the_same_change_under_another_hash_is_entered_as_such_on_demand(
    take, upstream, ours
):
    first = upstream.change(POOL, "pause(0.1)", "pause(0.2)", "One")
    assert take(first, "--name", "one").status == 0
    upstream.git("checkout", "--quiet", "-b", "aside", "HEAD~1")
    upstream.git("cherry-pick", first)
    upstream.git("commit", "--quiet", "--amend", "-m", "One, again")
    second = upstream.head
    refused = take(second)
    assert refused.status == 1
    assert "the change of entry 0003-one, under another hash" in refused.err
    assert take(second, "--duplicate", "--name", "again").status == 0
    again = entry(ours, "0004-again")
    assert again.status == "not-applicable"
    assert "entry 0003-one again" in again.fields["Description"]


@pytest.mark.parametrize("plain", [False, True])
def test_a_patch_file_is_taken_like_a_commit(take, upstream, ours, tmp_path, plain):
    sha = upstream.change(POOL, "self.opened -= 1", "self.opened -= 2", "Both ends")
    file = tmp_path / "one.patch"
    command = ["diff", "HEAD~1"] if plain else ["format-patch", "--stdout", "-1"]
    file.write_text(upstream.git(*command) + "\n", "utf-8")
    upstream.git("reset", "--quiet", "--hard", "HEAD~1")
    outcome = take(str(file), "--name", "from-file")
    assert outcome.status == 0, outcome.err
    assert f"applied at {HERE}:14" in outcome.out
    found = entry(ours, "0003-from-file")
    if plain:
        assert re.fullmatch(r"other, patch:[0-9a-f]{40}", found.origin)
        assert found.fields["Author"] == "FILL IN"
    else:
        assert found.origin == f"upstream, commit:{sha}"
        assert found.fields["Author"] == "Ada Upstream <ada@upstream.example>"
    refused = take(str(file))
    assert refused.status == 1
    assert "0003-from-file" in refused.err


def test_a_patch_of_a_binary_file_is_told_as_such(take, upstream, tmp_path):
    upstream.commit("Logo", {"logo.png": b"\0\1\2"})
    file = tmp_path / "logo.patch"
    file.write_text(upstream.git("diff", "HEAD~1") + "\n")
    outcome = take(str(file))
    assert outcome.status == 0, outcome.err
    assert "logo.png (new file, binary) -> no file here" in outcome.out


def test_a_plain_patch_that_is_here_already_is_recognised(take, ours, tmp_path):
    file = tmp_path / "one.patch"
    file.write_text(
        f"--- a/{POOL}\n+++ b/{POOL}\n@@ -10,3 +10,3 @@\n"
        "     def put(self, connection):\n"
        "-        self.free.insert(0, connection)\n"
        "+        self.free.append(connection)\n"
        "\n"
    )
    outcome = take(str(file))
    assert outcome.status == 0, outcome.err
    assert f"already here at {HERE}:11" in outcome.out
    origin = entry(ours, "0003-upstream-one-patch").origin
    assert re.fullmatch(r"other, patch:[0-9a-f]{40}", origin)


def test_the_users_git_configuration_changes_nothing(
    take, upstream, tmp_path, monkeypatch
):
    (tmp_path / ".gitconfig").write_text(
        "[diff]\n\tnoprefix = true\n\trenames = false\n\texternal = false\n"
        "[core]\n\tautocrlf = true\n[color]\n\tui = always\n"
    )
    attributes = tmp_path / ".config" / "git" / "attributes"
    attributes.parent.mkdir(parents=True)
    attributes.write_text("* merge=union\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    outcome = take(upstream.change(POOL, "self.opened -= 1", "self.opened -= 2"))
    assert outcome.status == 0, outcome.err
    assert f"applied at {HERE}:14" in outcome.out
    # By the user's attributes, both sides' lines would be taken.
    outcome = take(upstream.change(POOL, "pause(0.1)", "pause(0.2)"))
    assert f"conflict at {HERE}:7" in outcome.out
