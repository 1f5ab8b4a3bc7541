"""The suite of a cell: which tests it runs, and its copy for the cell's Python.

Read from compat/suite/suite.toml. The copy stands alone: a runner, a pytest plugin,
its settings and the tests, with the package nowhere near, so that what is imported
is the installed wheel. For 3.6 and 3.7 it is stripped as the wheel is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .cell import Cell
from .strip import strip

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["DIRECTORY", "plan_of", "prepare", "suite_digest"]

DIRECTORY = Path("compat", "suite")
PLAN = "cell.json"


def prepare(root: Path, directory: Path, cell: Cell) -> None:
    """Make *directory* hold the suite of *cell*, and nothing else."""
    shutil.rmtree(directory, ignore_errors=True)
    settings = _settings(root)
    for path in _files(root, settings):
        relative = path.relative_to(root)
        if relative.parts[: len(DIRECTORY.parts)] == DIRECTORY.parts:
            relative = relative.relative_to(DIRECTORY)
        target = directory / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if cell.historical and path.suffix == ".py":
            text = strip(text, str(relative))
        target.write_text(text, encoding="utf-8")
    plan = json.dumps(plan_of(root, cell), indent=1)
    (directory / PLAN).write_text(plan, encoding="utf-8")


def plan_of(root: Path, cell: Cell) -> dict[str, Any]:
    """Return what *cell* runs and what it leaves out, as cell.json says it."""
    settings = _settings(root)
    return {
        "cell": cell.name,
        "gevent": cell.release,
        "seconds": settings["seconds"],
        "loops": [
            {
                "loop": loop["loop"],
                "tests": loop["tests"],
                "epp": loop.get("epp", []),
                # Before 1.3 there was one loop and no choice.
                "chosen": _holds(">=1.3b1", cell.release),
            }
            for loop in settings["loop"]
            if _applies(loop, cell)
        ],
        "deselected": [
            {
                "test": entry["test"],
                "reason": entry["reason"],
                "applies": _applies(entry, cell),
            }
            for entry in settings.get("deselected", [])
        ],
    }


def suite_digest(root: Path) -> str:
    """Return a digest of all that the suites of cells are made of."""
    digest = hashlib.sha256()
    own = sorted(Path(__file__).parent.glob("*.py"))
    described = [root / DIRECTORY / name for name in ("suite.toml", "requirements.txt")]
    described.append(root / "toxfile.py")
    for path in [*_files(root, _settings(root)), *described, *own]:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _settings(root: Path) -> dict[str, Any]:
    with (root / DIRECTORY / "suite.toml").open("rb") as file:
        return tomllib.load(file)


def _files(root: Path, settings: dict[str, Any]) -> Iterator[Path]:
    for name in settings["files"]:
        path = root / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(path.rglob("*.py"))
        else:
            raise ValueError(f"suite.toml, files: there is no {name!r}")


def _applies(entry: dict[str, Any], cell: Cell) -> bool:
    python = "{}.{}".format(*cell.python)
    return _holds(entry.get("gevent", ""), cell.release) and _holds(
        entry.get("python", ""), python
    )


def _holds(specifiers: str, version: str) -> bool:
    return SpecifierSet(specifiers).contains(Version(version), prereleases=True)
