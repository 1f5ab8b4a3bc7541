"""The commands for a bad release, as docs/releasing.md has them, in a real history."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

pytest.importorskip("hatchling")
pytest.importorskip("griffe", reason="nox -s api has it")

from packaging.version import Version

from maintenance.api import releases
from maintenance.release import request
from maintenance.release.__main__ import main

from . import rehearsed

NOX = """\
#!/bin/sh
# nox -s SESSION -- ARGUMENTS
session=$2
shift 3
exec "{python}" -m "maintenance.$session" "$@"
"""
MODULE = "geventconnpool_ext/__init__.py"


def blocks():
    """The section's blocks of commands up to the rehearsal, each as a list's item."""
    _, _, section = rehearsed.PAGE.read_text("utf-8").partition("## A bad release\n")
    found = re.findall(r"^   ```sh\n(.*?)^   ```$", section, re.M | re.S)
    return [re.sub(r"^   ", "", block, flags=re.M) for block in found]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Run one block as a maintainer would; nox runs the module of its session."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "nox").write_text(NOX.format(python=sys.executable), "utf-8")
    (commands / "nox").chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(rehearsed.ROOT))
    monkeypatch.setenv("GIT_EDITOR", "false")

    def run(block, where):
        done = subprocess.run(
            ["sh", "-e", "-c", block],
            cwd=str(where),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout

    return run


@pytest.fixture
def bad_released(project, tmp_path):
    """1.0.0 and the bad 1.0.1 are published; main has gone on since."""
    init = (project.path / MODULE).read_text("utf-8")
    project.write(MODULE, init.replace("1.1.0.dev0", "1.0.0"))
    project.commit()
    project.git("rm", "-q", "changes/+mended.fixed.md")
    project.commit()
    project.git("tag", "-f", "-a", "-m", "Release 1.0.0", "v1.0.0")
    project.write(MODULE, "raise ImportError\n" + init)
    project.fragment("+first.fixed.md", "It is bad.")
    assert main(["--prepare", "1.0.1", "--project", str(project.path)]) == 0
    project.git("tag", "-a", "-m", "Release 1.0.1", "v1.0.1")
    project.write(MODULE, "raise ImportError\n" + init)
    project.fragment("+second.added.md", "There is more.")
    run_changelog(project)
    project.commit()
    origin = tmp_path / "origin.git"
    project.git("clone", "-q", "--bare", str(project.path), str(origin))
    project.git("remote", "add", "origin", str(origin))
    return project


def run_changelog(project):
    command = [sys.executable, "-m", "maintenance.changelog", "--project"]
    subprocess.run(
        [*command, str(project.path)], cwd=str(rehearsed.ROOT), check=True, timeout=60
    )


def test_they_publish_the_good_code_anew_and_bring_it_back_to_main(bad_released, shell):
    project = bad_released
    prepare, publish, merge, resolve = blocks()
    for block in (prepare, publish):
        status, said = shell(block, project.path)
        assert status == 0, said
    changed = project.git("diff", "--name-only", "v1.0.0", "v1.0.2").splitlines()
    assert changed == ["CHANGELOG.md", MODULE]
    assert "raise ImportError" not in project.git("show", f"v1.0.2:{MODULE}")
    assert '"1.0.2"' in project.git("show", f"v1.0.2:{MODULE}")
    published = project.git("ls-remote", "origin")
    assert "refs/tags/v1.0.2" in published
    assert "refs/heads/release-1.0.2" in published

    status, said = shell(merge, project.path)
    assert status == 1, said
    assert re.findall(r"Merge conflict in (.*)", said) == ["CHANGELOG.md", MODULE]
    status, said = shell(resolve, project.path)
    assert status == 0, said
    assert "is what the fragments say" in said
    assert project.git("status", "--porcelain") == ""
    # What the pull request does.
    project.git("switch", "-q", "main")
    project.git("merge", "-q", "--no-ff", "-m", "Merge", "origin/release-1.0.2")
    assert project.git("diff", "--name-only", "HEAD^1") == "CHANGELOG.md"
    text = (project.path / "CHANGELOG.md").read_text("utf-8")
    titles = re.findall(r"^## \[(.*)\]", text, re.M)
    assert titles == ["Unreleased", "1.0.2", "1.0.1", "1.0.0"]
    for change in ("There is more.", "The code of 1.0.0 again", "It is bad.", "All"):
        text = text.partition(change)[2]
        assert text, f"{change} is missing, or not in its section"
    assert request.last_release(project.path) == Version("1.0.2")
    assert releases.last(project.path, Version("1.1.0.dev0")) == Version("1.0.2")
