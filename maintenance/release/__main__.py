"""``python -m maintenance.release``: ``--dry-run VERSION`` and what belongs to it.

Exit status 0: done; 1: a step failed, and it is said what to do; 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Callable, Sequence

from packaging.version import Version

from maintenance.command_line import add_project, fail
from maintenance.git import GitError

from . import matrix, preparation, request
from .commands import Log
from .errors import ReleaseError
from .steps import Step, run

__all__ = ["main"]

_CACHE = Path(".cache", "release")
_NOTHING_HAPPENED = "nothing was published, and the checkout is as it was"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = _parser().parse_args(arguments)
    root: Path = given.project.resolve()
    try:
        if given.prepare:
            _prepare(root, given.prepare)
        elif given.dry_run:
            _dry_run(root, given.dry_run)
        elif given.build is not None:
            _build(root, given.build)
        else:
            _yank_rehearsal(root)
    except (ReleaseError, GitError) as error:
        status = fail(error)
        if isinstance(error, ReleaseError) and error.remedy:
            print(f"what to do: {error.remedy}", file=sys.stderr)
        return status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.release",
        description="Rehearse a release, or make one: docs/releasing.md is the page.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--dry-run",
        type=_version,
        metavar="VERSION",
        help="make the release in a copy, and publish it to an index of its own",
    )
    what.add_argument(
        "--yank-rehearsal",
        action="store_true",
        help="publish a bad release to an index of its own, and take it back",
    )
    what.add_argument(
        "--prepare",
        type=_version,
        metavar="VERSION",
        help="make the release's commit here: version and changelog",
    )
    what.add_argument(
        "--build",
        type=Path,
        metavar="DIR",
        help="make what is published of the tagged commit that is checked out here",
    )
    add_project(parser)
    return parser


def _version(text: str) -> Version:
    try:
        return request.parse(text)
    except ReleaseError as error:
        raise argparse.ArgumentTypeError(f"{error}: {error.remedy}") from None


def _prepare(root: Path, version: Version) -> None:
    print("checkout", request.require_ready(root, version))
    # Before the version is written: it is part of the code.
    print("matrix", matrix.results_of_this_code(root))
    log = Log(root / _CACHE / "prepare.log")
    print("version", preparation.set_version(root, str(version), log))
    print("changelog", preparation.write_changelog(root, str(version), log))
    made = preparation.commit(root, str(version), as_nobody=False)
    print(f"commit {made}: look at it by 'git show', then see docs/releasing.md")


def _dry_run(root: Path, version: Version) -> None:
    # Imported late: --prepare needs none of pypiserver and cyclonedx.
    from .rehearsal import DryRun

    kept = root / _CACHE / str(version)
    shutil.rmtree(kept, ignore_errors=True)

    def steps(scratch: Path, log: Log, stack: ExitStack) -> list[Step]:
        return DryRun(root, version, scratch, kept, log, stack).steps()

    _run_in_scratch(root, f"{version}.log", steps)
    print(f"the files: {kept.relative_to(root)}/")
    print(_NOTHING_HAPPENED)


def _build(root: Path, directory: Path) -> None:
    from .published import Published

    if directory.exists() and any(directory.iterdir()):
        raise ReleaseError(
            f"{directory} is not empty", "name one that is not there yet"
        )

    def steps(scratch: Path, log: Log, stack: ExitStack) -> list[Step]:
        version = preparation.stated_version(root, log)

        def look() -> str:
            request.require_clean(root)
            return request.require_tagged(root, version)

        files = Published(root, version, directory.resolve(), scratch, log)
        return [Step("tag", look, "see docs/releasing.md"), *files.steps()]

    _run_in_scratch(root, "build.log", steps)


def _yank_rehearsal(root: Path) -> None:
    from .bad_release import YankRehearsal

    def steps(scratch: Path, log: Log, stack: ExitStack) -> list[Step]:
        return YankRehearsal(root, scratch, log, stack).steps()

    _run_in_scratch(root, "yank-rehearsal.log", steps)
    print(_NOTHING_HAPPENED)


def _run_in_scratch(
    root: Path, name: str, make: Callable[[Path, Log, ExitStack], list[Step]]
) -> None:
    """Run steps in a directory of their own, which is left there if one fails."""
    log = Log(root / _CACHE / name)
    scratch = Path(tempfile.mkdtemp(prefix="release-"))
    begin = time.monotonic()
    try:
        with ExitStack() as stack:
            run(make(scratch, log, stack), log.write)
    except BaseException:
        print(f"the log: {log.path.relative_to(root)}")
        print(f"left to be looked at: {scratch}")
        raise
    shutil.rmtree(scratch)
    print(f"all of it in {time.monotonic() - begin:.0f} s")
    print(f"the log: {log.path.relative_to(root)}")


if __name__ == "__main__":
    sys.exit(main())
