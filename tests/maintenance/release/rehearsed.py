"""A clone of this checkout that can be released, whatever its own state is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "releasing.md"


def git(where, *arguments):
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=str(where), check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode().strip()


def clone(directory):
    """Clone what is committed, and add a fragment: a release has just been, perhaps."""
    if not (ROOT / ".git").exists():
        pytest.skip("a rehearsal needs a git checkout")
    git(ROOT, "clone", "--quiet", str(ROOT), str(directory))
    (directory / "changes" / "+rehearsal.added.md").write_text("More.\n", "utf-8")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "-m", "A change")
    return directory


def stated_version(directory):
    """The version that the package states there."""
    text = (directory / "geventconnpool_ext" / "__init__.py").read_text("utf-8")
    (line,) = (x for x in text.splitlines() if x.startswith("__version__"))
    return line.split('"')[1]


def next_version(directory):
    """A version above the one that the package states there."""
    return f"{Version(stated_version(directory)).major + 1}.0.0"


def titles(lines):
    """The titles of the steps that were told, in order."""
    return [
        " ".join(words[1 : words.index("s") - 1])
        for words in map(str.split, lines)
        if words and words[0].isdigit()
    ]


def on_the_page(command):
    """The lines that docs/releasing.md shows below a command."""
    _, _, rest = PAGE.read_text("utf-8").partition(command + "\n```\n")
    assert rest, f"{PAGE.name} does not show {command!r} as a block of its own"
    block = rest.partition("```text\n")[2].partition("```")[0]
    return block.splitlines()
