"""Reads and writes patches/upstream.lock: what of upstream the ledger covers.

How it is made anew from a repository and the package index stands in pin.py.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "NAME",
    "Commit",
    "Lock",
    "LockError",
    "Pull",
    "Release",
    "dump",
    "load",
]

NAME = "upstream.lock"
_HEADING = """\
# Upstream as this fork knows it. Written by `python -m maintenance.ledger lock`:
# do not edit. Commits stand oldest first; a patch-id is that of
# `git patch-id --stable`, for a merge against its first parent.
"""


class LockError(ValueError):
    """upstream.lock can't be read: what is wrong, and where."""


@dataclass(frozen=True)
class Commit:
    """A commit; ``patch_id`` is empty if it changes no file."""

    sha: str
    date: str
    patch_id: str


@dataclass(frozen=True)
class Pull:
    """A pull request's head, and those of its commits that were never merged."""

    number: int
    head: str
    unmerged: tuple[Commit, ...] = ()


@dataclass(frozen=True)
class Release:
    """A source distribution on the package index."""

    version: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Lock:
    """The whole of it. ``head`` is the last of ``commits``, made on ``date``."""

    repository: str
    branch: str
    head: str
    date: str
    project: str
    commits: tuple[Commit, ...]
    tags: dict[str, str]
    pulls: tuple[Pull, ...]
    releases: tuple[Release, ...]

    @property
    def patch_ids(self) -> dict[str, str]:
        """The commit of each patch-id; of several with the same, the oldest.

        A merge of a single commit has that commit's patch-id.
        """
        every = [*self.commits, *(c for pull in self.pulls for c in pull.unmerged)]
        return {c.patch_id: c.sha for c in reversed(every) if c.patch_id}


def load(directory: Path) -> Lock:
    """The lock of a ledger's directory. Raises LockError."""
    path = directory / NAME
    where = f"{directory.name}/{NAME}"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        return _lock(table)
    except FileNotFoundError:
        raise LockError(f"{where} is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise LockError(f"{where} is no TOML: {error}") from None
    except (KeyError, TypeError) as error:
        raise LockError(f"{where} lacks {error}") from None


def dump(lock: Lock) -> str:
    """The text of upstream.lock: load's inverse, the same for the same lock."""
    parts = [
        _HEADING
        + _table(
            repository=lock.repository,
            branch=lock.branch,
            head=lock.head,
            date=lock.date,
            project=lock.project,
        )
    ]
    parts += ["[[commit]]\n" + _commit(commit) for commit in lock.commits]
    parts += [
        "[[tag]]\n" + _table(name=name, commit=commit)
        for name, commit in sorted(lock.tags.items())
    ]
    for pull in lock.pulls:
        parts.append(f"[[pull]]\nnumber = {pull.number}\n" + _table(head=pull.head))
        parts += ["[[pull.unmerged]]\n" + _commit(commit) for commit in pull.unmerged]
    parts += [
        "[[release]]\n" + _table(version=r.version, file=r.file, sha256=r.sha256)
        for r in lock.releases
    ]
    return "\n".join(parts)


def _lock(table: dict[str, Any]) -> Lock:
    return Lock(
        repository=table["repository"],
        branch=table["branch"],
        head=table["head"],
        date=table["date"],
        project=table["project"],
        commits=_commits(table["commit"]),
        tags={tag["name"]: tag["commit"] for tag in table.get("tag", ())},
        pulls=tuple(
            Pull(pull["number"], pull["head"], _commits(pull.get("unmerged", ())))
            for pull in table.get("pull", ())
        ),
        releases=tuple(
            Release(release["version"], release["file"], release["sha256"])
            for release in table.get("release", ())
        ),
    )


def _commits(tables: Any) -> tuple[Commit, ...]:
    return tuple(Commit(c["sha"], c["date"], c["patch-id"]) for c in tables)


def _commit(commit: Commit) -> str:
    table = {"sha": commit.sha, "date": commit.date, "patch-id": commit.patch_id}
    return _table(**table)


def _table(**values: str) -> str:
    # JSON's strings are TOML's, too.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
