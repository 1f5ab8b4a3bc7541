"""What a release needs before anything is made: a version, and a fit checkout."""

from __future__ import annotations

from pathlib import Path

from packaging.version import InvalidVersion, Version

from maintenance.changelog import fragments
from maintenance.ledger.git import ask

from .errors import ReleaseError

__all__ = [
    "last_release",
    "parse",
    "require_clean",
    "require_fitting",
    "require_fragments",
    "require_newer",
    "require_ready",
    "require_tagged",
]

_CHANGES = "changes"
# What a fragment's type asks of the number, as docs/versioning.md says; the others
# tell of mended defects, for which a patch release is enough.
_MINOR = ("added", "changed", "deprecated", "removed")


def parse(text: str) -> Version:
    """The version that *text* is, in its normal form of three numbers.

    Raises ReleaseError.
    """
    right = "write it as 1.2.0, 1.2.0rc1 or 1.2.0.post1"
    try:
        version = Version(text)
    except InvalidVersion:
        raise ReleaseError(f"{text!r} is no version by PEP 440", right) from None
    if version.dev is not None or version.local is not None:
        raise ReleaseError(f"{text!r} is no version to publish", right)
    if len(version.release) != 3 or version.epoch:
        raise ReleaseError(f"{text!r} has not three numbers", right)
    if str(version) != text:
        raise ReleaseError(f"{text!r} is not in its normal form", f"write {version}")
    return version


def require_ready(root: Path, version: Version) -> str:
    """Raises ReleaseError unless *version* can be made of the checkout as it is.

    Returns what there is, in words.
    """
    head = require_clean(root)
    before = require_newer(root, version)
    count = require_fragments(root)
    require_fitting(root, version)
    return f"clean at {head}, {count} changes, {before}"


def last_release(root: Path, *, final: bool = False) -> Version | None:
    """The newest release among the tags that HEAD builds on; None before the first.

    *final* leaves pre-releases out.
    """
    found = []
    # With the user's configuration: a checkout may belong to somebody else.
    tags = ask(root, "tag", "--list", "v*", "--merged", "HEAD", remote=True)
    for tag in tags.split():
        try:
            found.append(Version(tag[1:]))
        except InvalidVersion:
            continue  # a tag of another kind
    fit = (one for one in found if not (final and one.is_prerelease))
    return max(fit, default=None)


def require_tagged(root: Path, version: str) -> str:
    """Raises ReleaseError unless HEAD has the tag of *version*; a .dev needs none."""
    if Version(version).is_devrelease:
        return f"{version} is for trials, and needs no tag"
    tags = ask(root, "tag", "--points-at", "HEAD", remote=True).split()
    if f"v{version}" not in tags:
        raise ReleaseError(
            f"the package states {version}, but HEAD has {', '.join(tags) or 'no tag'}",
            f"tag the commit 'Release {version}' as v{version}, or mend __version__",
        )
    return f"v{version} is HEAD's tag and the package's version"


def require_newer(root: Path, version: Version) -> str:
    """Tell the release before. Raises ReleaseError if *version* is not above it."""
    last = last_release(root)
    if last is None:
        return "no release before"
    if version <= last:
        raise ReleaseError(
            f"{version} is not newer than the last release, {last}",
            f"choose a version above {last}, as docs/versioning.md says",
        )
    return f"after {last}"


def require_clean(root: Path) -> str:
    """The short hash of HEAD. Raises ReleaseError if anything is not committed."""
    changed = ask(root, "status", "--porcelain", remote=True).splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise ReleaseError(
            f"not committed: {names}{more}; a release is made of a commit",
            "commit them, or put them away with 'git stash --include-untracked'",
        )
    return ask(root, "rev-parse", "--short", "HEAD", remote=True).strip()


def require_fragments(root: Path) -> int:
    """How many changes are told. Raises ReleaseError if there is none."""
    count = len(fragments.listed(root / _CHANGES))
    if not count:
        raise ReleaseError(
            f"{_CHANGES}/ has no fragment: nothing is said to have changed",
            f"write what changed for users, as {_CHANGES}/README.md says",
        )
    return count


def require_fitting(root: Path, version: Version) -> None:
    """Raises ReleaseError if a fragment tells of more than the number does."""
    last = last_release(root, final=True)
    if last is None:
        return
    for path in fragments.listed(root / _CHANGES):
        kinds = path.name.split(".")
        if "major" in kinds:
            least = Version(f"{last.major + 1}.0.0")
        elif any(kind in kinds for kind in _MINOR):
            least = Version(f"{last.major}.{last.minor + 1}.0")
        else:
            continue
        if version.release < least.release:
            raise ReleaseError(
                f"{path.name} tells of more than {version}, after {last}, does",
                f"release it as {least} or above",
            )
