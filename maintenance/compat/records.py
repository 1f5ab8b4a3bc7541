"""compat/results.json: one record for every cell, and the rules by which they change.

A record is plain data, so that whoever renders it needs nothing of this package. What
an outcome ought to be is told in `expected`.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any, Mapping

from maintenance.compat.cells import Cell
from maintenance.compat.errors import CompatError
from maintenance.compat.files import write_json
from maintenance.compat.outcomes import EXECUTED, MEANING, NO_INTERPRETER
from maintenance.interpreters import name_of

__all__ = ["PLATFORM", "Record", "Results", "planned"]

Record = dict[str, Any]
SCHEMA = 1
PLATFORM = "linux-x86_64"
FIELDS = (
    "gevent",
    "python",
    "python_version",
    "greenlet",
    "loop",
    "platform",
    "artefact",
    "version",
    "source",
    "key",
    "outcome",
    "reason",
    "tests",
    "seconds",
    "date",
    "tail",
)


class Results:
    """The records, kept in a file that is written whole after each change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        data = self._read()
        self.cells: dict[str, Record] = data.get("cells", {})
        """By the cells' names."""
        self.master: dict[str, Record] = data.get("master", {})
        """gevent's development branch: apart, since it is no release."""
        for name, record in {**self.cells, **self.master}.items():
            self._check(name, record)

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise CompatError(f"{self._path.name} is not JSON: {error}") from error
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise CompatError(f"{self._path.name} is not of schema {SCHEMA}")
        return data

    def _check(self, name: str, record: Record) -> None:
        missing = set(FIELDS) ^ set(record)
        if missing:
            raise CompatError(
                f"{self._path.name}: {name} has other fields than a record's: "
                + ", ".join(sorted(missing))
            )
        if record["outcome"] not in MEANING:
            raise CompatError(
                f"{self._path.name}: {name} has the outcome {record['outcome']!r},"
                f" not one of {', '.join(MEANING)}"
            )

    def save(self, order: Mapping[str, Cell]) -> None:
        """Write all records, in the order of the plan."""
        places = {name: place for place, name in enumerate(order)}
        self.cells = dict(
            sorted(self.cells.items(), key=lambda item: places.get(item[0], -1))
        )
        data = {"schema": SCHEMA, "platform": PLATFORM, "cells": self.cells}
        if self.master:
            data["master"] = self.master
        write_json(self._path, data)

    def follow(self, plan: Mapping[str, Cell], missing: Mapping[str, str]) -> bool:
        """Record what is not executed, and forget cells that are no longer planned.

        *missing* tells, by name, of executable cells why there is no interpreter for
        them here; what was executed elsewhere is kept for these. Returns whether
        anything has changed.
        """
        before = dict(self.cells)
        for name in self.cells.keys() - plan.keys():
            del self.cells[name]
        for name, cell in plan.items():
            old = self.cells.get(name)
            if not cell.executable:
                assert cell.outcome is not None
                new = planned(cell, cell.outcome, cell.reason)
            elif name in missing and (old is None or old["outcome"] not in EXECUTED):
                new = planned(cell, NO_INTERPRETER, missing[name])
            elif old is not None and old["outcome"] not in EXECUTED:
                # It has become executable and was not executed yet.
                del self.cells[name]
                continue
            else:
                continue
            if old is None or {**old, "date": new["date"]} != new:
                self.cells[name] = new
        return self.cells != before


def planned(cell: Cell, outcome: str, reason: str) -> Record:
    """The record of a cell that is not executed, dated today."""
    return {
        "gevent": cell.gevent,
        "python": name_of(cell.python),
        "python_version": None,
        "greenlet": None,
        "loop": [],
        "platform": PLATFORM,
        "artefact": artefact_of(cell),
        "version": None,
        "source": None,
        "key": None,
        "outcome": outcome,
        "reason": reason,
        "tests": 0,
        "seconds": 0.0,
        "date": datetime.date.today().isoformat(),
        "tail": [],
    }


def artefact_of(cell: Cell) -> dict[str, Any] | None:
    """What a record says of the file that the cell installs."""
    if cell.artefact is None:
        return None
    return {
        "filename": cell.artefact.filename,
        "sha256": cell.artefact.sha256,
        "kind": cell.kind,
    }
