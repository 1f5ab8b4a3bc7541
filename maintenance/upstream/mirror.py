"""Upstream's repository as a bare copy in the cache: refs, commits, changes.

It follows any URL or directory that git can fetch from. Objects are never pruned
here: what upstream rewrites stays readable. What of it is news is news.py's affair.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

from maintenance.ledger import git as history

from . import git
from .errors import UpstreamError

__all__ = ["BRANCHES", "PULLS", "TAGS", "Commit", "Mirror"]

BRANCHES = "refs/heads/"
TAGS = "refs/tags/"
PULLS = "refs/pull/"
_CACHE = Path(".cache") / "upstream-git"
_FORMAT = "%H%x00%P%x00%as%x00%aN <%aE>%x00%s"


@dataclass(frozen=True)
class Commit:
    """What git knows of a commit, besides its change; the date is a day."""

    sha: str
    parents: tuple[str, ...]
    date: str
    author: str
    subject: str


class Mirror:
    """The copy of one repository, made and kept under *project*'s ``.cache``.

    Arguments:
        project: our checkout.
        source: URL or directory of upstream's repository.
    """

    def __init__(self, project: Path, source: str) -> None:
        local = Path(source).expanduser()
        self.source = str(local.resolve()) if local.is_dir() else source
        name = hashlib.sha256(self.source.encode()).hexdigest()[:16] + ".git"
        self.path = project / _CACHE / name

    @property
    def exists(self) -> bool:
        """Whether it was ever fetched."""
        return (self.path / "HEAD").exists()

    def update(self) -> None:
        """Fetch what is new. Raises UpstreamError if the source can't be read."""
        try:
            history.fetch(self.source, self.path)
        except history.GitError as error:
            raise UpstreamError(
                f"upstream's repository {self.source} can't be read: {error}\n"
                "--repo takes another URL or a directory"
            ) from None
        if not self.refs(BRANCHES):
            raise UpstreamError(f"{self.source} has no branch: is it the right one?")

    def refs(self, prefix: str) -> dict[str, str]:
        """Commits by name, the prefix taken off, of branches, tags or pulls."""
        ends = len("/head") if prefix == PULLS else 0
        return {
            name[len(prefix) : len(name) - ends]: sha
            for name, sha in history.refs(self.path, prefix).items()
        }

    def has(self, sha: str) -> bool:
        """Whether that commit is here, be it reachable or not."""
        return git.succeeds(self.path, "cat-file", "-e", sha + "^{commit}")

    def resolve(self, name: str) -> str | None:
        """The full hash of the commit that a hash, branch or tag names, or None."""
        options = ("--verify", "--quiet", "--end-of-options")
        try:
            return git.run(self.path, "rev-parse", *options, name + "^{commit}").strip()
        except git.GitError:
            return None

    def commit(self, sha: str) -> Commit:
        """What git knows of it."""
        return self._commits("--no-walk", sha)[0]

    def reachable(self, tips: Iterable[str], known: Iterable[str]) -> list[Commit]:
        """The commits that lead to *tips* and not to *known*, oldest first."""
        tips = sorted(set(tips))
        # A commit that upstream threw away may be missing here.
        known = sorted(sha for sha in set(known) if self.has(sha))
        if not tips:
            return []
        return self._commits("--reverse", "--topo-order", *tips, "--not", *known)

    def is_ancestor(self, sha: str, tip: str) -> bool:
        """Whether *tip*'s history holds *sha*."""
        question = ("merge-base", "--is-ancestor", sha, tip)
        return self.has(sha) and git.succeeds(self.path, *question)

    def patch_id(self, sha: str) -> str:
        """A commit's stable patch-id; empty if it changes no file."""
        return history.patch_id(self.path, sha)

    def diff(self, old: str | None, new: str) -> str:
        """The diff between two commits; from nothing if *old* is None."""
        # The empty tree: its hash depends on the repository's kind of hash.
        before = old or git.run(self.path, "mktree").strip()
        plain = ("--full-index", "--no-ext-diff", "--no-textconv", "--no-color")
        return git.run(self.path, "diff-tree", "-r", "-p", "-M", *plain, before, new)

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit where two histories part, or None."""
        try:
            return git.run(self.path, "merge-base", one, other).strip()
        except git.GitError:
            return None

    def text(self, blob: str) -> str | None:
        """The text of a file by its hash, if it is here."""
        try:
            return git.run(self.path, "cat-file", "blob", blob)
        except git.GitError:
            return None

    def _commits(self, *arguments: str) -> list[Commit]:
        # Not one entry a line: a subject may hold any line break but git's own.
        out = git.run(self.path, "log", "-z", f"--format={_FORMAT}", *arguments, "--")
        fields = out.rstrip("\0").split("\0") if out else []
        return [
            Commit(sha, tuple(parents.split()), date, author, subject)
            for sha, parents, date, author, subject in zip(*[iter(fields)] * 5)
        ]
