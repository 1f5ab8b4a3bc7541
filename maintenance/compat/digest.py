"""What a result depends on: while a cell's key is unchanged, so is its result."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Iterable

from maintenance import cell_wheel
from maintenance.compat.cells import Cell
from maintenance.compat.errors import CompatError
from maintenance.compat.records import PLATFORM
from maintenance.interpreters import name_of

__all__ = ["Keys", "source_digest", "version"]

_PACKAGE = "geventconnpool_ext"


def source_digest(root: Path) -> str:
    """sha256 over our code, without what no cell runs: command line and version."""
    package = root / _PACKAGE
    paths = [
        path
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] not in ("cli", "cli.py")
    ]
    return _digest(
        part
        for path in sorted(paths)
        for part in (path.relative_to(root).as_posix().encode(), _code(path))
    )


def _code(path: Path) -> bytes:
    # A release changes its number after all has been tested, and nothing else.
    return re.sub(rb'^__version__ = ".+"$', b"", path.read_bytes(), flags=re.MULTILINE)


def version(root: Path) -> str:
    """Our version, as the package gives it."""
    text = (root / _PACKAGE / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if not found:
        raise CompatError(f"{_PACKAGE}/__init__.py gives no __version__")
    return found[1]


class Keys:
    """The keys of cells, as the tree is now."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.source = source_digest(root)
        """The digest of our code."""
        self.version = version(root)
        """Our version."""
        self._suite = cell_wheel.suite_digest(root)
        self._tox = (root / "tox.toml").read_bytes()

    def of(self, cell: Cell, python_version: str) -> str:
        """The key of *cell* on this very interpreter, as ``3.11.7`` names it."""
        assert cell.artefact is not None
        constraints = cell_wheel.constraint_for(
            self._root, cell.gevent, name_of(cell.python)
        )
        return _digest(
            [
                cell.artefact.sha256.encode(),
                constraints.read_bytes(),
                self.source.encode(),
                self._suite.encode(),
                self._tox,
                python_version.encode(),
                PLATFORM.encode(),
            ]
        )


def _digest(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        # The length first: two parts never read like one.
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return whole.hexdigest()
