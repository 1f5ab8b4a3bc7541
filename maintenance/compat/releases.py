"""gevent's releases: what the package index has of each, kept in compat/releases.json.

How the index is asked stands in `index`. Which interpreters a release is tried on is
decided in `cells`.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Iterable

from maintenance.compat.errors import CompatError
from maintenance.compat.files import write_json

__all__ = ["File", "Release", "load", "news", "save"]


@dataclass(frozen=True)
class File:
    """A file of the index."""

    filename: str
    sha256: str


@dataclass(frozen=True)
class Release:
    """One release; *wheels* are manylinux x86_64 ones by CPython (``"3.11"``)."""

    version: str
    prerelease: bool
    uploaded: str
    yanked: bool
    yanked_reason: str | None
    requires_python: str | None
    wheels: dict[str, File]
    sdist: File | None
    predates_python3: bool


def load(path: Path) -> list[Release]:
    """The releases that the last refresh found, oldest first."""
    try:
        entries = json.loads(path.read_text("utf-8"))["releases"]
        return [_release(entry) for entry in entries]
    except FileNotFoundError:
        raise CompatError(f"{path.name} is missing; --refresh makes it") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CompatError(
            f"{path.name} can't be read ({error!r}); --refresh writes it anew"
        ) from error


def save(path: Path, releases: Iterable[Release]) -> None:
    """Write what `fetch` found, with today's date."""
    write_json(
        path,
        {
            "refreshed": datetime.date.today().isoformat(),
            "releases": [asdict(release) for release in releases],
        },
    )


def news(before: Iterable[Release], after: Iterable[Release]) -> list[str]:
    """One sentence for each release that is new, gone or has changed."""
    old = {release.version: release for release in before}
    new = {release.version: release for release in after}
    lines = [f"{version} is new" for version in new if version not in old]
    lines += [f"{version} is gone from the index" for version in old.keys() - new]
    for version in (version for version in new if version in old):
        was, now = asdict(old[version]), asdict(new[version])
        changed = [field for field in now if now[field] != was[field]]
        if changed:
            lines.append(f"{version} has changed: {', '.join(changed)}")
    return lines


def _release(entry: dict[str, Any]) -> Release:
    wheels = {python: File(**file) for python, file in entry["wheels"].items()}
    sdist = File(**entry["sdist"]) if entry["sdist"] else None
    return Release(**{**entry, "wheels": wheels, "sdist": sdist})
