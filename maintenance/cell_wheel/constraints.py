"""Which constraint file a cell is installed with, and whether gevent is built for it.

Read from compat/constraints/eras.toml. Nothing is installed here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["DIRECTORY", "Era", "constraint_for", "era_of", "read_eras"]

DIRECTORY = Path("compat", "constraints")
KEYS = {"file", "gevent", "python", "source"}


class Era(NamedTuple):
    """The releases and Pythons that share a constraint file."""

    file: Path
    releases: SpecifierSet
    first: tuple[int, int]
    last: tuple[int, int]
    source: bool
    """True where gevent is built from its sdist, with the same constraints."""

    def holds(self, release: Version, python: tuple[int, int]) -> bool:
        """Whether a cell is of this era."""
        return self.first <= python <= self.last and self.releases.contains(
            release, prereleases=True
        )


def constraint_for(root: Path, release: str, python: str) -> Path:
    """Return the constraint file of the cell: (root, "26.9.0", "3.11")."""
    return era_of(root, release, python).file


def era_of(root: Path, release: str, python: str) -> Era:
    """Return the one era the cell is of; ValueError where that is none or two."""
    try:
        version = Version(release)
    except InvalidVersion:
        raise ValueError(f"{release!r} is not a version of gevent") from None
    interpreter = _python(python)
    found = [era for era in read_eras(root) if era.holds(version, interpreter)]
    if len(found) != 1:
        raise ValueError(
            "gevent {} on Python {} must be of exactly one era of {}, but {}".format(
                release,
                python,
                DIRECTORY / "eras.toml",
                "none holds it"
                if not found
                else "these hold it: " + ", ".join(era.file.name for era in found),
            )
        )
    return found[0]


def read_eras(root: Path) -> list[Era]:
    """Return every era there is; ValueError where the file says something else."""
    path = root / DIRECTORY / "eras.toml"
    with path.open("rb") as file:
        content = tomllib.load(file)
    if set(content) != {"era"}:
        raise ValueError(f"{path.name}: only [[era]] tables belong here")
    return [_era(path.parent, table) for table in content["era"]]


def _era(directory: Path, table: dict[str, Any]) -> Era:
    where = f"eras.toml, era of {table.get('file')!r}"
    unknown = set(table) - KEYS
    missing = KEYS - {"source"} - set(table)
    if unknown or missing:
        raise ValueError(f"{where}: unknown {unknown or '-'}, missing {missing or '-'}")
    file = directory / table["file"]
    if not file.is_file():
        raise ValueError(f"{where}: there is no such constraint file")
    try:
        releases = SpecifierSet(table["gevent"])
    except InvalidSpecifier as error:
        raise ValueError(f"{where}: gevent: {error}") from None
    first, last = (_python(name) for name in table["python"])
    if first > last:
        raise ValueError(f"{where}: python goes from the first to the last")
    return Era(file, releases, first, last, bool(table.get("source", False)))


def _python(name: str) -> tuple[int, int]:
    major, dot, minor = name.partition(".")
    if not (dot and major.isdigit() and minor.isdigit()):
        raise ValueError(f"a Python is named like '3.11', not {name!r}")
    return int(major), int(minor)
