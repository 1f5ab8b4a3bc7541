"""The history that the rehearsal of a bad release makes, in one copy of the checkout.

A good release and a bad one on main, and the one in the place of the bad one, on a
branch from the good one's tag: docs/releasing.md, A bad release, has the commands. Each
is made by what ``--prepare`` makes a release of.
"""

from __future__ import annotations

import re
import sys
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from packaging.version import Version

from maintenance.git import succeeds
from maintenance.ledger.git import ask

from . import preparation, request
from .commands import Log
from .environments import PACKAGE
from .errors import ReleaseError

__all__ = ["BAD_ERROR", "History", "Numbers", "numbers_after"]

BAD_ERROR = "the bad release"
_MODULE = f"{PACKAGE}/__init__.py"
_MARKS = re.compile(r"^[<|=>]{7}.*\n", re.M)


class Numbers(NamedTuple):
    """The versions of the three releases, and what main states after the bad one."""

    good: str
    bad: str
    following: str
    development: str


def numbers_after(stated: str) -> Numbers:
    """Made-up versions that can follow the one that a package states."""
    version = Version(stated)
    major, minor, patch = version.major, version.minor, version.micro
    if not version.is_devrelease or version.is_postrelease:
        # That one has been published, or is about to be.
        minor, patch = minor + 1, 0
    good, bad, following = (f"{major}.{minor}.{patch + more}" for more in range(3))
    return Numbers(good, bad, following, f"{major}.{minor + 1}.0.dev0")


class History:
    """Makes the releases, in order, in *copy*: a clone of the checkout *root*."""

    def __init__(self, root: Path, copy: Path, log: Log) -> None:
        self.copy = copy
        self._root = root
        self._log = log

    @cached_property
    def numbers(self) -> Numbers:
        """The versions, which follow the one that the checkout states."""
        return numbers_after(preparation.stated_version(self._root, self._log))

    def begin(self) -> None:
        """Clone HEAD as main, without tags: the numbers may have been used."""
        preparation.clone(self._root, self.copy, tags=False)
        ask(self.copy, "checkout", "--quiet", "-B", "main")

    def release_good(self) -> None:
        """Release, on main, what works."""
        self._release(self.numbers.good, "All of it.")

    def release_bad(self) -> None:
        """Release, on main, what cannot be imported."""
        module = self.copy / _MODULE
        text = module.read_text("utf-8") + f"raise ImportError({BAD_ERROR!r})\n"
        module.write_text(text, "utf-8")
        self._release(self.numbers.bad, "A change.")

    def go_on(self) -> None:
        """Main after a release: another version, and a change."""
        preparation.set_version(self.copy, self.numbers.development, self._log)
        self._write_fragment("later", "Another change.")
        self._changelog()
        preparation.commit_all(self.copy, "Go on", as_nobody=True)

    def release_following(self) -> None:
        """Release the code of the good one, on a branch from its tag."""
        good, bad, following, _ = self.numbers
        branch = f"release-{following}"
        ask(self.copy, "switch", "--quiet", "--create", branch, f"v{good}")
        self._release(following, f"The code of {good} again: {bad} is bad.")

    def merge_back(self) -> None:
        """Merge main into that branch, and the branch into main.

        Raises ReleaseError unless both histories are there.
        """
        merge = ("-c", "merge.conflictStyle=diff3", "merge", "--no-commit", "main")
        if succeeds(self.copy, *preparation.NOBODY, *merge):
            raise ReleaseError("git saw no conflict where both have a version")
        # It has stopped at conflicts, and for nothing else.
        ask(self.copy, "rev-parse", "--verify", "MERGE_HEAD")
        ask(self.copy, "checkout", "main", "--", _MODULE)
        changelog = self.copy / "CHANGELOG.md"
        changelog.write_text(_MARKS.sub("", changelog.read_text("utf-8")), "utf-8")
        self._changelog("--check")
        preparation.commit_all(self.copy, "Merge main", as_nobody=True)
        branch = ask(self.copy, "branch", "--show-current").strip()
        ask(self.copy, "switch", "--quiet", "main")
        ask(self.copy, "merge", "--quiet", "--ff-only", branch)
        self._require_merged()

    def _require_merged(self) -> None:
        good, bad, following, development = self.numbers
        last = request.last_release(self.copy)
        if str(last) != following:
            raise ReleaseError(f"{last} is main's last release, not {following}")
        stated = preparation.stated_version(self.copy, self._log)
        if stated != development:
            raise ReleaseError(f"main states {stated}, not {development}")
        text = (self.copy / "CHANGELOG.md").read_text("utf-8")
        titles = re.findall(r"^## \[(.*)\]", text, re.M)
        if titles[:4] != ["Unreleased", following, bad, good]:
            raise ReleaseError(f"the changelog has {', '.join(titles[:4])}")

    def _release(self, version: str, change: str) -> None:
        self._write_fragment("of-" + version.replace(".", "-"), change)
        preparation.commit_all(self.copy, "Say what has changed", as_nobody=True)
        request.require_ready(self.copy, Version(version))
        preparation.set_version(self.copy, version, self._log)
        preparation.write_changelog(self.copy, version, self._log)
        preparation.commit(self.copy, version, as_nobody=True)
        preparation.tag(self.copy, version)

    def _write_fragment(self, slug: str, change: str) -> None:
        path = self.copy / "changes" / f"+{slug}.fixed.md"
        path.write_text(change + "\n", "utf-8")

    def _changelog(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "maintenance.changelog", *arguments]
        here = Path(__file__).resolve().parents[2]
        self._log.run([*command, "--project", str(self.copy)], here)
