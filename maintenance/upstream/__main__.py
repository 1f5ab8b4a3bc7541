"""The command: ``python -m maintenance.upstream check``, ``import``, ``practice``.

``check`` ends with 0 if there is nothing new, with 3 if there is, and with 4 if
nothing new was found but the package index could not be asked. Anything else is a
failure: 1 with a message, 2 for wrong arguments.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn, Sequence

from maintenance.command_line import add_project
from maintenance.git import GitError

from . import change, intake, news, practice, releases, report, trial
from .errors import UpstreamError
from .known import Known
from .mirror import Mirror

__all__ = ["FAILED", "INCOMPLETE", "NEWS", "NOTHING_NEW", "main"]

NOTHING_NEW, FAILED, NEWS, INCOMPLETE = 0, 1, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (UpstreamError, GitError) as error:
        print(f"upstream: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("upstream: interrupted; nothing was written", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.upstream",
        description="Upstream since the lock: what is new, and taking it over.",
    )
    commands = parser.add_subparsers(required=True, metavar="check|import|practice")
    check = commands.add_parser(
        "check",
        help="tell what is new",
        description="Tell what is new since patches/upstream.lock. Exit status: 0"
        " nothing, 3 something, 4 nothing found but the index was out of reach,"
        " other: failure.",
    )
    check.add_argument(
        "--offline", action="store_true", help="do not ask the package index"
    )
    check.add_argument("--index", metavar="URL", help="another package index")
    check.set_defaults(run=_check)
    take = commands.add_parser(
        "import",
        help="take in one change",
        description="Try a change on our files, and write a pending entry, a failing"
        " test and a changelog fragment for it.",
    )
    take.add_argument(
        "change",
        metavar="COMMIT|pull/N|FILE.patch",
        help="a commit that check lists, a pull request, or a patch",
    )
    take.add_argument("--name", metavar="SLUG", help="the entry's name: a-z, 0-9, -")
    take.add_argument(
        "--kind",
        choices=intake.KINDS,
        default="changed",
        help="the changelog's heading for it (changed)",
    )
    take.add_argument(
        "--duplicate",
        action="store_true",
        help="take in a commit whose change has an entry under another hash",
    )
    take.set_defaults(run=_import)
    ground = commands.add_parser(
        "practice",
        help="make a practice ground",
        description="Make a made-up upstream and a copy of this checkout, to follow"
        " docs/fork-process.md without touching anything.",
    )
    ground.add_argument("directory", metavar="DIR", type=Path)
    ground.set_defaults(run=_practice)
    for command in (check, take):
        command.add_argument(
            "--repo",
            metavar="URL_OR_DIR",
            help="upstream's repository (by default what the lock says)",
        )
    for command in (check, take, ground):
        add_project(command)
    return parser


def _check(options: argparse.Namespace) -> int:
    project = options.project.resolve()
    known = Known(project)
    mirror = Mirror(project, options.repo or known.lock.repository)
    mirror.update()
    found = news.of_repository(known, mirror)
    unasked = ""
    if options.offline:
        found.quiet.append("the package index was not asked (--offline)")
    else:
        try:
            there = releases.versions(known.lock.project, options.index)
            news.of_releases(known, there, found)
        except releases.IndexUnreachable as error:
            unasked = f"the package index could not be asked: {error}"
    for line in [*found.alarms, *found.new, *found.quiet]:
        print(line)
    if unasked:
        print(f"NOT CHECKED: releases; {unasked}")
    if found.alarms or found.new:
        return NEWS
    if unasked:
        return INCOMPLETE
    print(f"nothing new since {known.lock.head[:12]} ({known.lock.date})")
    return NOTHING_NEW


def _import(options: argparse.Namespace) -> int:
    project = options.project.resolve()
    known = Known(project)
    mirror = Mirror(project, options.repo or known.lock.repository)
    file = Path(options.change)
    if file.is_file():
        # Upstream's objects help the merge, but a patch stands by itself.
        if options.repo:
            mirror.update()
        wanted = change.from_file(file)
    else:
        mirror.update()
        wanted = _from_mirror(options.change, mirror, known)
    same_as = _refuse_what_is_there(wanted, known, mirror, options.duplicate)
    results = trial.try_out(project, wanted, mirror if mirror.exists else None)
    taken = intake.prepare(
        project,
        wanted,
        report.full(wanted, results),
        slug=options.name,
        kind=options.kind,
        same_as=same_as,
    )
    taken.write(project)
    print("\n".join(report.summary(wanted, results)), end="\n\n")
    print("\n".join(intake.steps(taken)))
    return 0


def _practice(options: argparse.Namespace) -> int:
    upstream, fork = practice.make(options.project.resolve(), options.directory)
    print(f"a made-up upstream: {upstream}")
    print(f"a copy of this checkout, for practice: {fork}")
    return 0


def _from_mirror(name: str, mirror: Mirror, known: Known) -> change.Change:
    lock = known.lock
    kind, _, number = name.partition("/")
    if kind == "pull" and number.isdigit():
        return change.from_pull(mirror, number, lock.branch, lock.repository)
    if mirror.resolve(name) is None and ("/" in name or name.endswith(".patch")):
        raise UpstreamError(f"there is no file {name}, and no such commit either")
    return change.from_commit(mirror, name, lock.branch)


def _refuse_what_is_there(
    wanted: change.Change, known: Known, mirror: Mirror, duplicate: bool
) -> str | None:
    """The entry that has the change under another hash, if that is asked for."""
    entry = known.of_origin(wanted.origin)
    if entry:
        raise UpstreamError(f"{wanted.name} is in the ledger already: {entry}")
    if wanted.origin.startswith("upstream, pull:"):
        # A pull request has an entry of its own, whatever its commits have.
        return None
    same = known.by_patch_id(mirror).get(wanted.patch_id, [])
    named = [name for _, name in same if name]
    if named and not duplicate:
        raise UpstreamError(
            f"{wanted.name} is the change of entry {named[0]}, under another hash;"
            " to write an entry that says so, once it is needed for the lock:"
            f" import --duplicate {wanted.name}"
        )
    if duplicate and not named:
        raise UpstreamError(
            f"{wanted.name}: no entry has this change; omit --duplicate"
        )
    return named[0] if named else None


def _terminated(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    # A run that is terminated takes its worktree along.
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(main())
