"""``python -m maintenance.changelog``: write [Unreleased], ``--check``, or release.

Exit status 0: done, or nothing to mend; 1: stale or malformed, and nothing written;
2: wrong arguments. The repository is the working directory, or ``--project DIR``.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, Sequence

from maintenance.command_line import add_project, fail

from . import document, fragments
from .document import Document, DocumentError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["main"]

_VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+|\.post\d+)?$")
_REMEDY = "run 'nox -s changelog', and commit CHANGELOG.md"


class _Failure(Exception):
    """Nothing was written: why not, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = _parser().parse_args(arguments)
    root: Path = given.project.resolve()
    try:
        return _run(root, given)
    except (_Failure, DocumentError) as error:
        return fail(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.changelog",
        description="Write CHANGELOG.md from the fragments in changes/.",
    )
    parser.add_argument(
        "version",
        nargs="?",
        type=_version,
        help="make a release of the fragments, and remove them",
    )
    parser.add_argument("--date", type=_date, help="the release's day (default: today)")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if it is stale"
    )
    add_project(parser)
    return parser


def _version(value: str) -> str:
    if _VERSION.match(value) is None:
        raise argparse.ArgumentTypeError(f"{value!r} is no version, as 1.2.0 is one")
    return value


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r} is no date, as 2026-11-24 is one"
        ) from None


def _run(root: Path, given: argparse.Namespace) -> int:
    settings = _settings(root)
    path = root / settings["filename"]
    if not path.exists():
        raise _Failure(f"{path} is missing")
    old = path.read_text("utf-8")
    parts = document.parse(old, path.name)
    changes = root / settings["directory"]
    types = [kind["directory"] for kind in settings["type"]]
    wrong = fragments.problems(changes, types)
    if wrong:
        raise _Failure("\n       ".join(["malformed fragments:", *wrong]))
    if given.version:
        if given.check:
            raise _Failure("--check and a version exclude each other")
        return _release(root, path, parts, changes, given)
    if given.date:
        raise _Failure("--date belongs to a version")
    new = parts._replace(unreleased=_drafted(root, changes, settings)).text()
    if given.check:
        if new != old:
            raise _Failure(f"{path.name} is not what the fragments say: {_REMEDY}")
        print(f"{path.name} is what the fragments say")
        return 0
    if new != old:
        path.write_text(new, "utf-8")
    count = len(fragments.listed(changes))
    print(f"{path.name}: [Unreleased] has {count} changes")
    return 0


def _settings(root: Path) -> dict[str, Any]:
    try:
        text = (root / "pyproject.toml").read_text("utf-8")
        settings: dict[str, Any] = tomllib.loads(text)["tool"]["towncrier"]
    except (FileNotFoundError, KeyError):
        raise _Failure(f"{root} has no pyproject.toml with [tool.towncrier]") from None
    return settings


def _drafted(root: Path, changes: Path, settings: dict[str, Any]) -> str:
    if not fragments.listed(changes):
        return ""
    said = _towncrier(root, "--draft", "--version", "Unreleased")
    # The title's line is Unreleased's own, and has no date.
    return said.lstrip("\n").partition("\n")[2].strip("\n")


def _release(
    root: Path, path: Path, parts: Document, changes: Path, given: argparse.Namespace
) -> int:
    version = given.version
    day = given.date or date.today().isoformat()
    if not fragments.listed(changes):
        raise _Failure(f"nothing to release: {changes.name}/ has no fragments")
    if f"\n## [{version}]" in "\n" + parts.releases:
        raise _Failure(f"{path.name} has a section [{version}] already")
    old = path.read_text("utf-8")
    path.write_text(parts._replace(unreleased="").text(), "utf-8")
    try:
        _towncrier(root, "--yes", "--version", version, "--date", day)
    except BaseException:
        path.write_text(old, "utf-8")
        raise
    written = document.parse(path.read_text("utf-8"), path.name)
    path.write_text(written.text(), "utf-8")
    print(f"{path.name}: released [{version}] - {day}; the fragments are removed")
    print(f"next: git add -A {path.name} {changes.name} && git commit")
    return 0


def _towncrier(root: Path, *arguments: str) -> str:
    # With --name it has no reason to import the package, and gevent with it.
    command = [sys.executable, "-m", "towncrier", "build", "--name", "-", *arguments]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        raise _Failure(f"towncrier failed: {said[-1]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
