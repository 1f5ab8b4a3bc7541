"""Installs an artefact by pip into an environment of its own, and tries it there."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from .running import run

__all__ = ["fresh_environment", "install_and_try"]

_SMOKE = Path(__file__).with_name("smoke.py")


@contextmanager
def fresh_environment(interpreter: str) -> Iterator[tuple[Path, Path]]:
    """A new environment of *interpreter* with pip in it, for as long as the block.

    Gives its Python, and an empty directory to work in.
    """
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        # uv, since some packagers leave out what the module venv needs for pip.
        uv = [sys.executable, "-m", "uv", "venv", "--quiet", "--seed", "--python"]
        run([*uv, interpreter, str(place / "environment")], cwd=place)
        work = place / "work"
        work.mkdir()
        commands = "Scripts" if os.name == "nt" else "bin"
        yield place / "environment" / commands / "python", work


def install_and_try(
    interpreter: str, artefact: Path, extras: str, version: str
) -> None:
    """Install *artefact* with *extras* (a list with commas, or empty), and use it.

    Raises ArtefactError, with what pip or the program said.
    """
    wanted = f"{artefact}[{extras}]" if extras else str(artefact)
    with fresh_environment(interpreter) as (python, work):
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        run([*pip, "--disable-pip-version-check", wanted], cwd=work)
        run([str(python), "-m", "pip", "check"], cwd=work)
        kind = "extras" if extras else "bare"
        run([str(python), "-I", str(_SMOKE), kind, version], cwd=work)
