"""Makes the release's commit: its version, its section of the changelog, its tag.

The same is done in the rehearsal's copy and, by ``--prepare``, in the checkout.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from maintenance.ledger.git import ask

from .commands import Log
from .errors import ReleaseError

__all__ = [
    "NOBODY",
    "clone",
    "commit",
    "commit_all",
    "set_version",
    "stated_version",
    "tag",
    "write_changelog",
]

NOBODY = ("-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.invalid")
"""Options of git: a copy's commits are nobody's, and go where the copy goes."""
_VERSION = (sys.executable, "-m", "hatchling", "version")
# A patch release is below the version that main states: what is too low is decided by
# the tags. hatchling's --force does nothing where the version stands in a module.
_ANY_NUMBER = {"HATCH_VERSION_VALIDATE_BUMP": "false"}


def clone(root: Path, copy: Path, *, tags: bool = True) -> None:
    """Clone HEAD of the checkout *root* to *copy*."""
    options = ("--quiet", "--no-checkout", *(() if tags else ("--no-tags",)))
    ask(root, "clone", *options, str(root), str(copy), remote=True)
    head = ask(root, "rev-parse", "HEAD", remote=True).strip()
    ask(copy, "checkout", "--quiet", "--detach", head)


def stated_version(root: Path, log: Log) -> str:
    """The version that the package in *root* states."""
    return log.run(_VERSION, root).strip().splitlines()[-1]


def set_version(root: Path, version: str, log: Log) -> str:
    """Write the version where hatchling finds it; return both, as ``old -> new``."""
    old = stated_version(root, log)
    log.run([*_VERSION, version], root, {**os.environ, **_ANY_NUMBER})
    new = stated_version(root, log)
    if new != version:
        raise ReleaseError(f"the package states {new} where {version} was written")
    return f"{old} -> {new}"


def write_changelog(root: Path, version: str, log: Log) -> str:
    """Make the release's section of the fragments; return its title."""
    command = [sys.executable, "-m", "maintenance.changelog", "--project", str(root)]
    # From here, not from the copy: its own maintenance/ would be imported.
    here = Path(__file__).resolve().parents[2]
    log.run([*command, version], here)
    log.run([*command, "--check"], here)
    text = (root / "CHANGELOG.md").read_text("utf-8")
    title = re.search(rf"^## (\[{re.escape(version)}\] - \S+)$", text, re.M)
    if title is None:
        raise ReleaseError(f"CHANGELOG.md has no section [{version}]")
    return title[1]


def commit(root: Path, version: str, *, as_nobody: bool) -> str:
    """Commit the release; return the short hash."""
    return commit_all(root, f"Release {version}", as_nobody=as_nobody)


def commit_all(root: Path, message: str, *, as_nobody: bool) -> str:
    """Commit whatever has changed; return the short hash."""
    ask(root, "add", "--all", remote=not as_nobody)
    options = ("--quiet", "-m", message)
    if as_nobody:
        ask(root, *NOBODY, "commit", "--no-gpg-sign", *options)
    else:
        ask(root, "commit", *options, remote=True)
    return ask(root, "rev-parse", "--short", "HEAD", remote=True).strip()


def tag(root: Path, version: str) -> str:
    """Make the annotated tag in a copy; return its name."""
    name = f"v{version}"
    options = ("--annotate", "--no-sign", "-m", f"Release {version}")
    ask(root, *NOBODY, "tag", *options, name)
    kind = ask(root, "cat-file", "-t", name).strip()
    if kind != "tag":
        raise ReleaseError(f"{name} is a {kind}, not an annotated tag")
    return name
