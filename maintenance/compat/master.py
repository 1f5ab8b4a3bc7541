"""gevent's development branch: built from its repository, tried beside the releases.

It is no release: its records stand apart, and no count has them. It runs whenever it
is asked for, stale or not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import parse_wheel_filename
from rich.console import Console

from maintenance.compat.cells import PYTHONS, Cell, Python, cell_name
from maintenance.compat.classify import Verdict, clean
from maintenance.compat.errors import CompatError
from maintenance.compat.execution import Ended, execute, made_record
from maintenance.compat.matrix import Matrix
from maintenance.compat.outcomes import BUILD_FAILURE
from maintenance.compat.releases import File
from maintenance.compat.running import Runner
from maintenance.git import GitError, output
from maintenance.interpreters import name_of

__all__ = ["Checkout", "checkout", "pythons_for", "run"]

_BUILD_LIMIT = 1800


class _NotBuilt(Exception):
    """The branch does not build; holds what the builder said last."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


@dataclass(frozen=True)
class Checkout:
    """The branch's newest commit, and where it lies."""

    commit: str
    directory: Path


def checkout(root: Path, repository: str) -> Checkout:
    """Clone the newest commit of *repository*, a URL or a directory."""
    directory = root / ".cache" / "compat" / "master" / "repository"
    shutil.rmtree(directory, ignore_errors=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    source = repository
    if Path(repository).is_dir():
        # As a URL: a plain path would ignore the depth.
        source = Path(repository).resolve().as_uri()
    _git(root, "clone", "--quiet", "--depth", "1", "--", source, str(directory))
    return Checkout(_git(directory, "rev-parse", "HEAD"), directory)


def pythons_for(matrix: Matrix, wanted: list[str]) -> list[Python]:
    """The Pythons to try it on: *wanted*, else the newest with a released wheel."""
    able = {python for release in matrix.releases[-1:] for python in release.wheels}
    here = [python for python in PYTHONS if python in matrix.pythons]
    if wanted:
        return [python for python in here if name_of(python) in wanted]
    return [python for python in here if name_of(python) in able][-1:]


def run(
    matrix: Matrix,
    tree: Checkout,
    python: Python,
    *,
    limit: float | None,
    console: Console,
) -> Ended:
    """Build it for *python* and run its cell; the record is of gevent ``master``."""
    name = "py{}{}-master".format(*python)
    try:
        cell, directory = _built(matrix, tree, python)
    except _NotBuilt as error:
        cell = Cell(name, "master", python, None, "git")
        made = made_record(matrix, cell, error.verdict, 0.0, "")
        return Ended({name: made}, {name: "build-failure instead of pass"})
    links = [os.environ.get("UV_FIND_LINKS", ""), str(directory)]
    runner = Runner(
        matrix.root,
        matrix.pythons,
        limit=limit,
        env={"UV_FIND_LINKS": ",".join(filter(None, links))},
    )
    ended = execute(matrix, [cell], runner=runner, jobs=1, console=console, record=None)
    named = Ended(unclassified=ended.unclassified)
    if cell.name in ended.records:
        made = ended.records[cell.name]
        artefact = {**made["artefact"], "commit": tree.commit}
        named.records[name] = {**made, "gevent": "master", "artefact": artefact}
    if cell.name in ended.surprises:
        named.surprises[name] = ended.surprises[cell.name]
    return named


def _built(matrix: Matrix, tree: Checkout, python: Python) -> tuple[Cell, Path]:
    """The cell of this commit's wheel, and the directory where the wheel is kept."""
    version = matrix.python_version(python)
    directory = tree.directory.parent / f"{tree.commit[:12]}-{version}"
    if not list(directory.glob("*.whl")):
        _build(matrix.pythons[python], tree.directory, directory)
    wheels = list(directory.glob("gevent-*.whl"))
    if len(wheels) != 1:
        raise CompatError("the repository did not build one wheel of gevent")
    release = str(parse_wheel_filename(wheels[0].name)[1])
    if release in {known.version for known in matrix.releases}:
        # An installer could not tell the two apart, nor could we.
        raise CompatError(
            f"the branch is at {release}, which is released: run --release {release}"
        )
    digest = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
    artefact = File(wheels[0].name, digest)
    return Cell(cell_name(release, python), release, python, artefact, "git"), directory


def _build(interpreter: str, source: Path, directory: Path) -> None:
    command = ["uv", "build", "--wheel", "--python", interpreter]
    try:
        done = subprocess.run(
            [*command, "--out-dir", str(directory), str(source)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_BUILD_LIMIT,
        )
    except subprocess.TimeoutExpired:
        raise _NotBuilt(
            Verdict(BUILD_FAILURE, f"its build did not end within {_BUILD_LIMIT} s")
        ) from None
    if done.returncode:
        tail = [clean(line) for line in done.stdout.splitlines()[-40:]]
        raise _NotBuilt(Verdict(BUILD_FAILURE, "its wheel can't be built", tail))


def _git(where: Path, *arguments: str) -> str:
    try:
        # As the user: the branch may be behind a proxy or a credential.
        return output(where, *arguments, remote=True).decode("utf-8", "replace").strip()
    except GitError as error:
        raise CompatError(str(error)) from None
