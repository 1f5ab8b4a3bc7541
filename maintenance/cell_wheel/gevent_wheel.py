"""A wheel of a gevent that has none for Python 3, built from its sdist and kept.

The build tools of its time come from the cell's constraint file; a Python of today
cannot build it. The recipe: no build isolation, so that setup.py finds those tools,
and the C of the time compiled without today's complaints. Wheels are kept in
.cache/compat/wheels/ by the sdist's hash, the constraints and the interpreter.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from pypi_simple import PyPISimple

from .cell import Cell
from .constraints import Era
from .keep import kept_wheel

__all__ = ["BuildError", "build_gevent"]

TOOLS = ("pip", "setuptools", "wheel", "Cython")
# -fcommon: before GCC 10 that was the default, and libev's configure counts on it.
COMPILER = {"CFLAGS": "-O0 -w -fcommon"}
TAIL = 30


class BuildError(Exception):
    """A gevent could not be built; the text ends with the tools' last words."""


def build_gevent(root: Path, cell: Cell, era: Era, interpreter: str) -> Path:
    """Return the wheel of the cell's gevent, built now or before."""
    sdist = _sdist(root, cell.release)
    recipe = hashlib.sha256()
    for part in (sdist["sha256"], json.dumps(COMPILER), "py{}{}".format(*cell.python)):
        recipe.update(part.encode())
    recipe.update(era.file.read_bytes())
    kept = root / ".cache" / "compat" / "wheels" / recipe.hexdigest()[:24]
    return kept_wheel(
        kept,
        lambda scratch: _build(scratch, cell.release, sdist, era.file, interpreter),
    )


def _sdist(root: Path, release: str) -> dict[str, str]:
    index = json.loads((root / "compat" / "releases.json").read_text(encoding="utf-8"))
    for known in index["releases"]:
        if known["version"] == release and known["sdist"] is not None:
            found: dict[str, str] = known["sdist"]
            return found
    raise BuildError(f"compat/releases.json knows no sdist of gevent {release}")


def _build(
    scratch: Path, release: str, sdist: dict[str, str], tools: Path, interpreter: str
) -> Path:
    source = scratch / sdist["filename"]
    _download(release, sdist, source)
    environment = scratch / "environment"
    python = environment / "bin" / "python"
    wheels = scratch / "wheels"
    _run("uv", "venv", "--quiet", "--python", interpreter, str(environment))
    install = ["uv", "pip", "install", "--quiet", "--python", str(python)]
    _run(*install, "--constraint", str(tools), *TOOLS)
    wheel = [str(python), "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    _run(*wheel, "--no-cache-dir", "--wheel-dir", str(wheels), str(source))
    return wheels


def _download(release: str, sdist: dict[str, str], target: Path) -> None:
    with PyPISimple() as index:
        for package in index.get_project_page("gevent").packages:
            if package.filename == sdist["filename"]:
                index.download_package(package, target)
                break
        else:
            raise BuildError(f"the index has no {sdist['filename']} any more")
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    if digest != sdist["sha256"]:
        raise BuildError(
            f"{target.name} has the sha256 {digest}, but releases.json says "
            f"{sdist['sha256']}"
        )


def _run(*command: str) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise BuildError(f"{command[0]} is not on PATH")
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    done = subprocess.run(
        [program, *command[1:]],
        env={**environment, **COMPILER, "UV_PYTHON_DOWNLOADS": "never"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-TAIL:])
        raise BuildError(f"{' '.join(command[:4])} ... failed:\n{tail}")
