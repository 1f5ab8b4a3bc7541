"""A small project of this one's name and settings, in a git repository of its own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("packaging")
pytest.importorskip("towncrier")

ROOT = Path(__file__).resolve().parents[3]

INIT = '"""A package."""\n\n__version__ = "1.1.0.dev0"\n'
CHANGELOG = """\
# Changelog

## [Unreleased]

<!-- towncrier release notes start -->

## [1.0.0] - 2026-01-02

### Added

- All of it.
"""


class Project:
    """``path``; ``git`` runs git there; ``write`` and ``commit`` change it."""

    def __init__(self, path):
        self.path = path

    def git(self, *arguments):
        who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
        command = ["git", *who, *arguments]
        done = subprocess.run(
            command, cwd=str(self.path), check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode().strip()

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def commit(self, **files):
        """Commit what was written."""
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "a change")

    def fragment(self, name, text="A change."):
        self.write("changes/" + name, text + "\n")
        self.commit()

    def state(self):
        """All that a rehearsal must not change."""
        return self.git("status", "--porcelain"), self.git("show-ref", "--head")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Release 1.0.0 is tagged; since then there is one fragment, of a mended defect."""
    made = Project(tmp_path / "project")
    # Who commits by --prepare is known to git, wherever the test runs.
    person = tmp_path / "gitconfig"
    person.write_text("[user]\nname = N\nemail = n@example.org\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(person))
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.delenv("GIT_" + name, raising=False)
    made.write("pyproject.toml", settings())
    made.write("LICENSE", "Free.\n")
    made.write("README.md", "# A package\n\nIt is small.\n")
    made.write(".gitignore", ".cache/\n")
    made.write("geventconnpool_ext/__init__.py", INIT)
    made.write("geventconnpool_ext/py.typed", "")
    made.write("CHANGELOG.md", CHANGELOG)
    made.write("changes/README.md", "Fragments.\n")
    made.git("init", "-q", "--template=", "--initial-branch=main")
    made.commit()
    made.git("tag", "-a", "-m", "Release 1.0.0", "v1.0.0")
    made.fragment("+mended.fixed.md", "It works.")
    return made


def settings():
    """This project's, but without what is run and required."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    text = re.sub(r"^dependencies = .*$", "dependencies = []", text, flags=re.M)
    return re.sub(
        r"^\[project\.optional-dependencies\]\n.*?(?=^(?:#|\[))",
        "[project.optional-dependencies]\nepp = []\n\n",
        text,
        flags=re.M | re.S,
    )


@pytest.fixture
def log(tmp_path):
    """A log to write to."""
    from maintenance.release.commands import Log

    return Log(tmp_path / "log")
