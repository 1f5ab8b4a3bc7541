"""Makes patches/upstream.lock from a repository and the package index.

Whether there is anything new since the lock is maintenance.upstream's question.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import requests
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedContentTypeError,
)

from . import git
from .lock import Commit, Lock, Pull, Release

__all__ = ["IndexUnreachable", "PROJECT", "REPOSITORY", "pin", "releases"]

REPOSITORY = "https://github.com/rasky/geventconnpool"
PROJECT = "geventconnpool"
_PULL = re.compile(r"refs/pull/(\d+)/head$")


class IndexUnreachable(RuntimeError):
    """The package index gave no answer."""


def pin(
    source: str,
    *,
    repository: str = REPOSITORY,
    project: str = PROJECT,
    released: tuple[Release, ...] = (),
    head: str | None = None,
) -> Lock:
    """The lock of the repository *source*, a URL or a directory.

    *repository* is the address that is written down, *head* a commit to stop at
    instead of the default branch's last. Raises git.GitError.
    """
    branch = git.default_branch(source)
    with tempfile.TemporaryDirectory(prefix="upstream-") as name:
        clone = Path(name)
        git.fetch(source, clone)
        top = git.ask(clone, "rev-parse", "--verify", head or f"refs/heads/{branch}")
        top = git.ask(clone, "rev-parse", "--verify", top.strip() + "^{commit}").strip()
        _must_be_on(clone, top, branch)
        pulls = [
            (int(match[1]), commit)
            for ref, commit in git.refs(clone, "refs/pull").items()
            if (match := _PULL.match(ref))
        ]
        return Lock(
            repository=repository,
            branch=branch,
            head=top,
            date=git.date_of(clone, top),
            project=project,
            commits=_commits(clone, top),
            tags={
                ref[len("refs/tags/") :]: commit
                for ref, commit in git.refs(clone, "refs/tags").items()
            },
            pulls=tuple(
                Pull(number, commit, _commits(clone, commit, "^" + top))
                for number, commit in sorted(pulls)
            ),
            releases=released,
        )


def releases(project: str = PROJECT, index: str | None = None) -> tuple[Release, ...]:
    """The source distributions on the index, by default the public one, by version.

    Raises IndexUnreachable, and ValueError if one comes without a sha256.
    """
    try:
        with PyPISimple(index or PYPI_SIMPLE_ENDPOINT) as client:
            page = client.get_project_page(project, timeout=60)
    except (requests.RequestException, NoSuchProjectError) as error:
        raise IndexUnreachable(f"{project}: {error}") from error
    except UnsupportedContentTypeError as error:
        raise IndexUnreachable(f"{project}: no index answers: {error}") from error
    found = []
    for package in page.packages:
        if package.package_type != "sdist":
            continue
        sha256 = package.digests.get("sha256")
        if sha256 is None or package.version is None:
            raise ValueError(f"the index tells no sha256 of {package.filename}")
        found.append(Release(package.version, package.filename, sha256))
    return tuple(sorted(found, key=_age))


def _age(release: Release) -> tuple[Version, str]:
    try:
        return Version(release.version), release.file
    except InvalidVersion:
        # Older than what the rules for versions are.
        return Version("0"), release.file


def _commits(clone: Path, *revisions: str) -> tuple[Commit, ...]:
    return tuple(
        Commit(sha, git.date_of(clone, sha), git.patch_id(clone, sha))
        for sha in git.commits(clone, *revisions)
    )


def _must_be_on(clone: Path, commit: str, branch: str) -> None:
    if commit not in git.commits(clone, f"refs/heads/{branch}"):
        raise git.GitError(f"{commit} is no commit of upstream's branch {branch}")
