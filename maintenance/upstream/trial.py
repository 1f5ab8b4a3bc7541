"""Tries a change's hunks on our files, one by one, in a scratch worktree.

git does the three-way merge. The worktree lies in a temporary directory, and so do
the objects that git writes there: the checkout, its index and its object store are
not touched.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from . import git
from .change import Change
from .diff import FileChange, Hunk
from .errors import UpstreamError
from .mirror import Mirror
from .names import Names, enclosing
from .paths import Paths

__all__ = [
    "ALREADY",
    "APPLIED",
    "CONFLICT",
    "NOTHING",
    "FileResult",
    "HunkResult",
    "try_out",
]

APPLIED = "applied"
ALREADY = "already here"
CONFLICT = "conflict"
NOTHING = "no counterpart"
_ORDER = (APPLIED, ALREADY, CONFLICT, NOTHING)


@dataclass
class HunkResult:
    """What became of a hunk: ``where`` is ``file:line`` here, or empty."""

    hunk: Hunk
    verdict: str
    where: str = ""
    candidates: list[str] = field(default_factory=list)


@dataclass
class FileResult:
    """A file of the change, its counterparts here, and its hunks."""

    change: FileChange
    targets: list[str]
    hunks: list[HunkResult]


def try_out(project: Path, change: Change, mirror: Mirror | None) -> list[FileResult]:
    """Try every hunk on the files that correspond to its own, as HEAD has them.

    Raises UpstreamError if there is no worktree to be had.
    """
    paths, names = Paths(project), Names(project)
    results = []
    with _Scratch(project, mirror) as scratch:
        for file in change.files:
            named = [path for path in (file.old, file.new) if path]
            targets = list(dict.fromkeys(t for p in named for t in paths.targets(p)))
            before = mirror.text(file.old_blob) if mirror and file.old_blob else None
            hunks = []
            for hunk in file.hunks:
                result = HunkResult(hunk, NOTHING)
                # A whole file is no hunk: what is new, or gone, is looked for by name.
                if file.old is not None and file.new is not None:
                    result = scratch.best(file, hunk, targets)
                if result.verdict == NOTHING:
                    around = _around(file, hunk, before)
                    result.candidates = names.candidates(hunk, around, targets)
                hunks.append(result)
            results.append(FileResult(file, targets, hunks))
    return results


def _around(file: FileChange, hunk: Hunk, before: str | None) -> list[str]:
    """The definitions that the hunk's changed lines lie in."""
    if before is None or file.old is None:
        # Only what the hunk shows, under the heading that git gave it.
        shown = [hunk.section, *(line[1:] for line in hunk.lines)]
        defined = (re.match(r"\s*(?:def|class)\s+(\w+)", line) for line in shown)
        return [found[1] for found in defined if found]
    names: list[str] = []
    for number in hunk.changed_old_numbers:
        names += enclosing(before, number)
    return list(dict.fromkeys(names))


class _Scratch:
    """A worktree of HEAD, and where its git may write."""

    def __init__(self, project: Path, mirror: Mirror | None) -> None:
        self._project = project
        self._mirror = mirror

    def __enter__(self) -> _Scratch:
        self._root = Path(tempfile.mkdtemp(prefix="upstream-trial-"))
        self._tree = self._root / "tree"
        (self._root / "objects").mkdir()
        try:
            where = git.run(self._project, "rev-parse", "--git-path", "objects").strip()
            stores = [(self._project / where).resolve()]
            if self._mirror and self._mirror.exists:
                stores.append(self._mirror.path / "objects")
            self._env = {
                "GIT_OBJECT_DIRECTORY": str(self._root / "objects"),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": ":".join(map(str, stores)),
            }
            options = ("--quiet", "--detach", str(self._tree), "HEAD")
            self._git(self._project, "worktree", "add", *options)
        except git.GitError as error:
            self._remove()
            raise UpstreamError(
                f"{self._project} gives no worktree to try the change in: {error}"
            ) from None
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def best(self, file: FileChange, hunk: Hunk, targets: list[str]) -> HunkResult:
        """What became of the hunk where it fared best."""
        results = [self._try(file, hunk, target) for target in targets]
        # min keeps the first of equals, as the table of paths orders them.
        nothing = HunkResult(hunk, NOTHING)
        return min(results, key=lambda r: _ORDER.index(r.verdict), default=nothing)

    def _try(self, file: FileChange, hunk: Hunk, target: str) -> HunkResult:
        path = self._tree / target
        if not path.is_file():  # not committed yet
            return HunkResult(hunk, NOTHING)
        ours = path.read_text("utf-8", "surrogateescape")
        patch = _patch(file, hunk, target)
        apply = ("apply", "--whitespace=nowarn")
        try:
            if git.succeeds(
                self._tree, *_QUIET, *apply, "--3way", "-", data=patch, env=self._env
            ):
                line = self._first_changed(target)
                verdict = APPLIED if line else ALREADY
                return HunkResult(hunk, verdict, f"{target}:{line or _at(hunk, ours)}")
            marked = path.read_text("utf-8", "surrogateescape")
            found = re.search(r"^<{7} ", marked, re.M)
            if found and "<<<<<<< " not in ours and _stands(hunk, ours):
                line = marked.count("\n", 0, found.start()) + 1
                return HunkResult(hunk, CONFLICT, f"{target}:{line}")
            if self._reverts(target, patch):
                return HunkResult(hunk, ALREADY, f"{target}:{_at(hunk, ours)}")
            return HunkResult(hunk, NOTHING)
        finally:
            self._reset()

    def _first_changed(self, target: str) -> int:
        plain = ("--unified=0", "--no-color", "--no-ext-diff", "HEAD", "--", target)
        out = self._git(self._tree, "diff", *plain)
        found = re.search(r"^@@ -\S+ \+(\d+)", out, re.M)
        return max(int(found[1]), 1) if found else 0

    def _reverts(self, target: str, patch: bytes) -> bool:
        self._reset()
        check = ("apply", "--reverse", "--check", "-")
        return git.succeeds(self._tree, *_QUIET, *check, data=patch, env=self._env)

    def _reset(self) -> None:
        self._git(self._tree, "reset", "--quiet", "--hard", "HEAD")

    def _git(self, where: Path, *arguments: str) -> str:
        return git.run(where, *_QUIET, *arguments, env=self._env)

    def _remove(self) -> None:
        try:
            remove = ("worktree", "remove", "--force", str(self._tree))
            git.run(self._project, *remove)
        except git.GitError:
            pass  # then it never was one
        shutil.rmtree(self._root, ignore_errors=True)


# Hooks of the checkout's are for its user, not for a trial.
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")


def _patch(file: FileChange, hunk: Hunk, target: str) -> bytes:
    lines = [f"diff --git a/{target} b/{target}"]
    if file.old_blob and file.new_blob and set(file.old_blob) != {"0"}:
        # With the blob at hand git can merge three ways; else it applies plainly.
        lines.append(f"index {file.old_blob}..{file.new_blob} 100644")
    lines += [f"--- a/{target}", f"+++ b/{target}", hunk.header, *hunk.lines, ""]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _telling(lines: list[str]) -> list[str]:
    """Lines that say something: not blank, not a bracket, not two letters."""
    stripped = (line.strip() for line in lines)
    return [line for line in stripped if len(re.findall(r"\w", line)) > 3]


def _stands(hunk: Hunk, ours: str) -> bool:
    """Whether at least half of what the hunk expects is among our lines."""
    here = set(_telling(ours.split("\n")))
    wanted = _telling(hunk.old_lines)
    return bool(wanted) and 2 * sum(line in here for line in wanted) >= len(wanted)


def _at(hunk: Hunk, ours: str) -> int:
    """The line here at which the first line that the hunk adds stands, or 1."""
    added = _telling([line[1:] for line in hunk.lines if line.startswith("+")])
    for number, line in enumerate(ours.split("\n"), 1):
        if added and line.strip() == added[0]:
            return number
    return 1
