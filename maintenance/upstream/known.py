"""What the ledger and its lock know of upstream already, by hash and by patch-id."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping

from maintenance.ledger import dep3, entries, lock
from maintenance.ledger.lock import Lock

from .errors import UpstreamError
from .mirror import Mirror

__all__ = ["LEDGER", "Known"]

LEDGER = "patches"
_COMMIT = "upstream, commit:"
_PULL = "upstream, pull:"
_PATCH = "other, patch:"


class Known:
    """The ledger of *project*, as one reads it before a change is looked at.

    Raises UpstreamError if the ledger or its lock can't be read.
    """

    lock: Lock

    def __init__(self, project: Path) -> None:
        self.directory = project / LEDGER
        if not (self.directory / entries.SERIES).is_file():
            raise UpstreamError(
                f"{project} is no checkout of this package: {LEDGER}/series is"
                " missing there; run it from the repository's root, or name that"
                " by --project"
            )
        try:
            self.lock = lock.load(self.directory)
            ledger = entries.load(self.directory)
        except FileNotFoundError as error:
            raise UpstreamError(
                f"{LEDGER}/series lists a file that is missing:"
                f" {Path(error.filename).name}; 'nox -s patches' tells more"
            ) from None
        except (lock.LockError, dep3.Dep3Error) as error:
            raise UpstreamError(str(error)) from None
        self._origins = {entry.text("Origin"): entry.name for entry in ledger}

    @property
    def commits(self) -> list[str]:
        """The hashes of the commits that have an entry."""
        return [o[len(_COMMIT) :] for o in self._origins if o.startswith(_COMMIT)]

    @property
    def locked(self) -> list[str]:
        """Every hash in the lock: all that leads to one is known too."""
        tips = [pull.head for pull in self.lock.pulls]
        tips += self.lock.tags.values()
        return [commit.sha for commit in self.lock.commits] + tips

    def of_origin(self, origin: str) -> str | None:
        """The entry with this Origin."""
        return self._origins.get(origin)

    def of_commit(self, sha: str) -> str | None:
        """The entry of a commit."""
        return self.of_origin(_COMMIT + sha)

    def of_pull(self, number: str) -> str | None:
        """The entry of a pull request."""
        return self.of_origin(_PULL + number)

    def by_patch_id(self, mirror: Mirror | None) -> Mapping[str, list[tuple[str, str]]]:
        """Who has a patch-id: pairs of hash and entry, either of them maybe empty.

        Entries that are younger than the lock are looked up in *mirror*.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        locked = list(self.lock.commits)
        locked += [commit for pull in self.lock.pulls for commit in pull.unmerged]
        for commit in locked:
            entry = self.of_commit(commit.sha) or ""
            found.setdefault(commit.patch_id, []).append((commit.sha, entry))
        seen = {commit.sha for commit in locked}
        for sha in self.commits:
            if sha not in seen and mirror and mirror.exists and mirror.has(sha):
                pair = (sha, self.of_commit(sha) or "")
                found.setdefault(mirror.patch_id(sha), []).append(pair)
        for origin, name in self._origins.items():
            if origin.startswith(_PATCH):
                found.setdefault(origin[len(_PATCH) :], []).append(("", name))
        found.pop("", None)
        return found
