"""The matrix as it stands: what is planned, recorded, expected and found here.

It answers whether a cell can run here and whether it has to; it runs nothing.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from maintenance import interpreters
from maintenance.compat import expected, releases
from maintenance.compat.cells import PYTHONS, Cell, Python, plan
from maintenance.compat.digest import Keys
from maintenance.compat.errors import CompatError
from maintenance.compat.outcomes import EXECUTED
from maintenance.compat.records import PLATFORM, Results
from maintenance.interpreters import name_of

__all__ = ["Matrix"]

_ASK = "import platform; print(platform.python_version())"


class Matrix:
    """Everything of a tree that says what is to be done with it."""

    def __init__(self, root: Path, pythons: dict[Python, str] | None = None) -> None:
        self.root = root
        self.releases = releases.load(root / "compat" / "releases.json")
        self.plan = plan(self.releases)
        self.expected = expected.load(root / "compat" / "expected.toml", self.plan)
        self.results = Results(root / "compat" / "results.json")
        self.keys = Keys(root)
        self.pythons = interpreters.find(PYTHONS) if pythons is None else pythons
        """The interpreters to use, those of this machine if none are given."""
        self._versions: dict[Python, str] = {}

    def require_platform(self) -> None:
        """Raise unless this machine is of the kind that results are recorded for."""
        here = f"{sys.platform}-{platform.machine()}"
        if here != PLATFORM:
            raise CompatError(f"cells are of {PLATFORM}; this machine is {here}")

    def python_version(self, python: Python) -> str:
        """``3.11.7`` for (3, 11), asked of the interpreter itself."""
        if python not in self._versions:
            self._versions[python] = subprocess.run(
                [self.pythons[python], "-I", "-c", _ASK],
                capture_output=True,
                text=True,
                timeout=30,
                check=True,
            ).stdout.strip()
        return self._versions[python]

    def key(self, cell: Cell) -> str:
        """The key that *cell* has on this machine."""
        try:
            return self.keys.of(cell, self.python_version(cell.python))
        except ValueError as error:
            raise CompatError(f"{cell.name}: {error}") from error

    def missing(self) -> dict[str, str]:
        """Why executable cells can't run here, by name."""
        return {
            name: f"no CPython {name_of(cell.python)} was found on the machine that"
            " ran the matrix"
            for name, cell in self.plan.items()
            if cell.executable and cell.python not in self.pythons
        }

    def is_new(self, cell: Cell) -> bool:
        """Whether *cell* was never executed."""
        record = self.results.cells.get(cell.name)
        return record is None or record["outcome"] not in EXECUTED

    def stale(self, cell: Cell) -> str | None:
        """Why *cell* has to run, in words; None if its record holds."""
        if self.is_new(cell):
            return "was never executed"
        record = self.results.cells[cell.name]
        if record["key"] == self.key(cell):
            return None
        assert cell.artefact is not None
        if record["artefact"]["sha256"] != cell.artefact.sha256:
            return "the release has another file now"
        if record["python_version"] != self.python_version(cell.python):
            return (
                f"ran on Python {record['python_version']}, here is"
                f" {self.python_version(cell.python)}"
            )
        if record["source"] != self.keys.source:
            return "our code has changed"
        return "its constraints, the suite or tox.toml have changed"

    def follow(self) -> None:
        """Record what is not executed, and take over the reasons that are expected."""
        changed = self.results.follow(self.plan, self.missing())
        for name, expectation in self.expected.items():
            record = self.results.cells.get(name)
            if record is None or record["outcome"] != expectation.outcome:
                continue
            if record["reason"] != expectation.reason:
                record["reason"] = expectation.reason
                changed = True
        if changed:
            self.results.save(self.plan)
