"""compat/expected.toml: known outcomes that are not a pass, strict both ways.

What is expected and did not come is as wrong as what came and was not expected.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from maintenance.compat.cells import Cell
from maintenance.compat.errors import CompatError
from maintenance.compat.outcomes import EXECUTED, PASS
from maintenance.interpreters import name_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Expectation", "load", "surprise"]

_FIELDS = {"gevent", "python", "outcome", "reason"}


@dataclass(frozen=True)
class Expectation:
    """An outcome other than a pass, and why it is to be expected."""

    outcome: str
    reason: str


def load(path: Path, plan: Mapping[str, Cell]) -> dict[str, Expectation]:
    """The expectations by cell name; each is checked, an absent file has none."""
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("expected", [])
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CompatError(f"{path.name} is not TOML: {error}") from error
    names = {(cell.gevent, name_of(cell.python)): cell for cell in plan.values()}
    expected: dict[str, Expectation] = {}
    for entry in entries:
        where = f"{path.name}: the entry {entry}"
        if set(entry) != _FIELDS or not all(isinstance(v, str) for v in entry.values()):
            raise CompatError(f"{where} must have the strings {sorted(_FIELDS)}")
        cell = names.get((entry["gevent"], entry["python"]))
        if cell is None:
            raise CompatError(f"{where} matches no cell")
        if not cell.executable:
            raise CompatError(f"{where} is of a cell that never runs: {cell.reason}")
        if entry["outcome"] not in EXECUTED or entry["outcome"] == PASS:
            failures = ", ".join(name for name in EXECUTED if name != PASS)
            raise CompatError(f"{where} must have an outcome among {failures}")
        if not entry["reason"].strip():
            raise CompatError(f"{where} must say why in its reason")
        if cell.name in expected:
            raise CompatError(f"{where} is there twice")
        expected[cell.name] = Expectation(entry["outcome"], entry["reason"])
    return expected


def surprise(expectation: Expectation | None, outcome: str) -> str | None:
    """What is wrong with the outcome of an executed cell; None if nothing is."""
    wanted = expectation.outcome if expectation else PASS
    if outcome == wanted:
        return None
    if expectation and outcome == PASS:
        return f"passes, but {wanted} is expected: take its entry out of expected.toml"
    return f"{outcome} instead of {wanted}"
