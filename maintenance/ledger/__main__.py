"""``python -m maintenance.ledger``: check, ``--render``, and ``lock``.

Exit status 0: all is well; 1: something is red, or could not be done; 2: wrong
arguments. The repository is the working directory, or ``--project DIR``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Sequence

from rich.console import Console

from maintenance.command_line import add_project, fail

from . import dep3, differences, entries, git, lock, pin, report
from .checking import LEDGER, check

__all__ = ["main", "parser"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = parser().parse_args(arguments)
    root: Path = given.project.resolve()
    if not (root / LEDGER).is_dir():
        return fail(f"{root} has no directory {LEDGER}/: run this from the repository")
    try:
        return _lock(root, given) if given.command == "lock" else _check(root, given)
    except (git.GitError, lock.LockError, pin.IndexUnreachable) as error:
        return fail(str(error))


def parser() -> argparse.ArgumentParser:
    """What the command line takes."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.ledger",
        description="Hold the ledger of upstream's changes to source, tests and pages.",
    )
    add_project(parser)
    parser.add_argument(
        "--render", action="store_true", help=f"write {differences.PAGE} first"
    )
    parser.add_argument(
        "--allow-pending",
        action="store_true",
        help="report entries that wait for a decision, without being red for them",
    )
    parser.add_argument(
        "--no-tests",
        action="store_true",
        help="look whether the tests are there, without running them",
    )
    commands = parser.add_subparsers(dest="command")
    locking = commands.add_parser(
        "lock", help=f"write {LEDGER}/{lock.NAME} anew from upstream's repository"
    )
    locking.add_argument(
        "--repo", help="its URL or directory (default: the URL in the lock)"
    )
    locking.add_argument(
        "--head", help="the commit to stop at (default: the branch's last)"
    )
    locking.add_argument(
        "--index", help="the package index's URL (default: the public one)"
    )
    locking.add_argument(
        "--offline",
        action="store_true",
        help="keep the releases in the lock instead of asking the package index",
    )
    return parser


def _check(root: Path, given: argparse.Namespace) -> int:
    if given.render:
        try:
            ledger = entries.load(root / LEDGER)
        except (dep3.Dep3Error, FileNotFoundError) as error:
            return fail(f"{differences.PAGE} can't be written: {error}")
        page = root / differences.PAGE
        page.parent.mkdir(exist_ok=True)
        page.write_text(differences.render(ledger), "utf-8")
    result = check(root, run=not given.no_tests, allow_pending=given.allow_pending)
    report.show(result, Console())
    return 1 if result.findings else 0


def _lock(root: Path, given: argparse.Namespace) -> int:
    directory = root / LEDGER
    path = directory / lock.NAME
    old = lock.load(directory) if path.exists() else None
    if given.offline and old is None:
        return fail("--offline needs a lock to keep the releases of; there is none")
    repository = old.repository if old else pin.REPOSITORY
    project = old.project if old else pin.PROJECT
    if given.offline and old:
        released = old.releases
    else:
        released = pin.releases(project, given.index)
    new = pin.pin(
        given.repo or repository,
        repository=repository,
        project=project,
        released=released,
        head=given.head,
    )
    path.write_text(lock.dump(new), "utf-8")
    known = {commit.sha for commit in old.commits} if old else set()
    fresh = [commit for commit in new.commits if commit.sha not in known]
    print(f"{LEDGER}/{lock.NAME}: head {new.head} of {new.date}")
    print(
        f"{len(new.commits)} commits ({len(fresh)} new), {len(new.pulls)} pull"
        f" requests, {len(new.tags)} tags, {len(new.releases)} releases"
    )
    for commit in fresh if old else ():
        print(f"new: {commit.sha} of {commit.date}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
