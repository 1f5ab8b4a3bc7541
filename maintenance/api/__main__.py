"""``python -m maintenance.api``: does what worked with the last release still work?

Exit status 0: yes, or nothing to compare, or a major release is announced; 1: no, or
it could not be told; 2: wrong arguments. The repository is the working directory, or
``--project DIR``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from packaging.version import Version

from maintenance.changelog import fragments
from maintenance.command_line import add_project, fail

from . import releases
from .errors import ApiError
from .page import PAGE, promises
from .surface import breakages, public_names, surface

__all__ = ["main"]

_REMEDY = f"""\
Keep what was there: {PAGE} says how an old name is kept for a while. Or say that the
next release is a major one, in a fragment such as changes/+what-goes.major.md: what
goes, and what to use instead."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.api",
        description="Compare the public API with the last release's.",
    )
    add_project(parser)
    given = parser.parse_args(arguments)
    try:
        return _compare(given.project.resolve())
    except ApiError as error:
        return fail(error)


def _compare(root: Path) -> int:
    here = surface(root)
    count = len(public_names(here))
    version = releases.current(root)
    release = releases.last(root, version)
    if release is None:
        print(f"{count} public names; no release yet, nothing to compare")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        then = Path(scratch)
        releases.unpack(root, release, then)
        promised = surface(then)
        broken = breakages(promised, surface(root, promises(then)))
    added = len(public_names(here) - public_names(promised))
    print(f"{count} public names, {added} of them new since {release}")
    for line in broken:
        print(f"breaks  {line}")
    if not broken:
        return 0
    reason = _announced(root, version, release)
    if reason:
        print(f"{len(broken)} incompatible changes since {release}, as {reason} says")
        return 0
    status = fail(f"{len(broken)} incompatible changes since {release}")
    print(_REMEDY, file=sys.stderr)
    return status


def _announced(root: Path, version: Version, release: Version) -> str | None:
    """What says that the next release is a major one."""
    for path in fragments.listed(root / "changes"):
        if "major" in path.name.split(".")[1:-1]:
            return f"changes/{path.name}"
    # In the release itself the fragments are in the changelog.
    if version.major > release.major and not version.is_devrelease:
        return f"version {version}"
    return None


if __name__ == "__main__":
    sys.exit(main())
