"""Maps upstream's paths to ours, by the table in paths.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Paths"]

_TABLE = Path(__file__).with_name("paths.toml")


class Paths:
    """The table as it is for one project: a target counts only if it is there."""

    def __init__(self, project: Path, table: Path = _TABLE) -> None:
        content: dict[str, Any] = tomllib.loads(table.read_text("utf-8"))
        self._project = project
        self._counterparts: dict[str, list[str]] = content["counterparts"]
        self._folders: dict[str, str] = content["folders"]

    def targets(self, path: str) -> list[str]:
        """The files here that do what upstream's *path* does; maybe none."""
        named = self._counterparts.get(path, [])
        if not named:
            named = [
                here + path[len(there) :]
                for there, here in self._folders.items()
                if path.startswith(there)
            ]
        return [name for name in named if (self._project / name).is_file()]
