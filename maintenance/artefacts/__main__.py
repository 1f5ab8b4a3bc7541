"""``python -m maintenance.artefacts [DIRECTORY]``: build, judge, install.

Each step is a line. Exit status 0: all well; 1: a step failed, which says what it saw;
2: wrong arguments. The repository is the working directory, or ``--project DIR``.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from functools import partial
from pathlib import Path
from typing import Callable, Sequence, TypeVar

from maintenance.command_line import add_project, fail

from . import building, installing, judging
from .errors import ArtefactError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["main"]

Result = TypeVar("Result")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = _parser().parse_args(arguments)
    root: Path = given.project.resolve()
    try:
        _run(root, given)
    except ArtefactError as error:
        return fail(error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.artefacts",
        description="Build wheel and sdist, judge them, and install them.",
    )
    parser.add_argument(
        "directory",
        nargs="?",
        type=Path,
        default=Path(".cache", "artefacts"),
        help="where they are left (default: %(default)s)",
    )
    parser.add_argument(
        "--python",
        action="append",
        metavar="PYTHON",
        help="an interpreter to install on; may be repeated (default: this one)",
    )
    parser.add_argument(
        "--sample",
        action="store_true",
        help="install the wheel with all extras and the sdist without, and no more",
    )
    add_project(parser)
    return parser


def _run(root: Path, given: argparse.Namespace) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extras = ",".join(sorted(settings["project"]["optional-dependencies"]))
    directory = (root / given.directory).resolve()
    made = _step("build", partial(building.build, root, directory))
    _step("build again: the same", partial(building.require_same, root, made))
    _step("metadata", partial(judging.check_metadata, root, made))
    installations = [(made.wheel, extras), (made.sdist, "")]
    if not given.sample:
        installations += [(made.wheel, ""), (made.sdist, extras)]
    version = made.wheel.name.split("-")[1]
    for interpreter in given.python or [sys.executable]:
        for artefact, chosen in installations:
            kind = "sdist" if artefact is made.sdist else "wheel"
            much = "all extras" if chosen else "bare"
            _step(
                f"install {kind}, {much}: {interpreter}",
                partial(
                    installing.install_and_try, interpreter, artefact, chosen, version
                ),
            )
    tests = partial(judging.run_tests, root, sys.executable, made, extras)
    print(_step("tests from the sdist", tests))
    for path in made:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"sha256 {digest}  {path.name}")


def _step(name: str, do: Callable[[], Result]) -> Result:
    print(f"{name} ...", end=" ", flush=True)
    begun = time.monotonic()
    try:
        result = do()
    except ArtefactError:
        print("FAILED")
        raise
    print(f"{time.monotonic() - begun:.1f} s")
    return result


if __name__ == "__main__":
    sys.exit(main())
