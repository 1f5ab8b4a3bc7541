"""Compares upstream with the lock: commits, pull requests, tags, releases, history.

What it finds is told as lines; ``new`` says whether any of it asks for work.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .known import Known
from .mirror import BRANCHES, PULLS, TAGS, Commit, Mirror
from .releases import Found

__all__ = ["News", "of_releases", "of_repository"]

_IMPORT = "nox -s upstream -- import"


@dataclass
class News:
    """Lines to print, oldest first within each kind.

    ``alarms`` and ``new`` ask for work; ``quiet`` is said so that nobody wonders.
    """

    alarms: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    quiet: list[str] = field(default_factory=list)


def of_repository(known: Known, mirror: Mirror) -> News:
    """What is new in the repository since the lock."""
    news = News()
    _history(known, mirror, news)
    _commits(known, mirror, news)
    _pulls(known, mirror, news)
    _tags(known, mirror, news)
    return news


def of_releases(known: Known, found: list[Found], news: News) -> None:
    """Add to *news* what the package index has that the lock has not."""
    locked = {release.version for release in known.lock.releases}
    for release in found:
        if release.version not in locked:
            yanked = ", yanked" if release.yanked else ""
            news.new.append(
                f"new release {release.version} ({release.date or 'undated'}{yanked});"
                " look at its commits, then move the lock: nox -s patches -- lock"
            )
    there = {release.version for release in found}
    for version in sorted(locked - there):
        news.alarms.append(f"RELEASE GONE from the index: {version}")


def _history(known: Known, mirror: Mirror, news: News) -> None:
    head, branch = known.lock.head, known.lock.branch
    branches = mirror.refs(BRANCHES)
    if branch not in branches:
        names = ", ".join(sorted(branches))
        news.alarms.append(
            f"BRANCH GONE: upstream has no {branch} any more; it has: {names}"
        )
    if any(mirror.is_ancestor(head, tip) for tip in branches.values()):
        if branch in branches and not mirror.is_ancestor(head, branches[branch]):
            news.alarms.append(
                f"HISTORY REWRITTEN: the locked head {head[:12]} is not on {branch}"
                " any more, but on another branch"
            )
        return
    news.alarms.append(
        f"HISTORY REWRITTEN: the locked head {head[:12]} of {branch} is on no branch"
        " of upstream's any more. Ask there why before anything is taken over, or"
        " check that this is the right repository"
    )


def _commits(known: Known, mirror: Mirror, news: News) -> None:
    patch_ids = known.by_patch_id(mirror)
    branches = mirror.refs(BRANCHES)
    own = known.lock.branch
    for commit in mirror.reachable(branches.values(), known.locked):
        on = [n for n, tip in branches.items() if mirror.is_ancestor(commit.sha, tip)]
        what = f"{_told(commit)} ({own if own in on else ', '.join(sorted(on))})"
        entry = known.of_commit(commit.sha)
        others = patch_ids.get(mirror.patch_id(commit.sha), [])
        if entry:
            news.quiet.append(f"in the ledger as {entry}, not in the lock: {what}")
        elif others:
            sha, name = others[0]
            under = f" under {sha[:12]}" if sha else ""
            news.quiet.append(
                f"taken already{f' as {name}' if name else ''}{under}: {what}"
                f" -> {_IMPORT} --duplicate {commit.sha[:12]}"
            )
        else:
            news.new.append(f"new commit {what} -> {_IMPORT} {commit.sha[:12]}")


def _pulls(known: Known, mirror: Mirror, news: News) -> None:
    locked = {str(pull.number): pull.head for pull in known.lock.pulls}
    found = mirror.refs(PULLS)
    branches = mirror.refs(BRANCHES).values()
    lines = []
    for number in sorted(found, key=int):
        head, entry = found[number], known.of_pull(number)
        if locked.get(number) == head:
            continue
        commits = mirror.reachable([head], [*known.locked, *branches])
        what = f"pull request {number} ({_told(mirror.commit(head))},"
        what += f" {len(commits)} unmerged)"
        if number in locked:
            old = locked[number]
            grown = mirror.is_ancestor(old, head)
            how = "has more commits" if grown else "WAS REWRITTEN"
            lines.append(
                f"{what} {how} since {old[:12]}: see {entry or 'the ledger'}, mend it,"
                " then move the lock: nox -s patches -- lock"
            )
        elif entry:
            news.quiet.append(f"in the ledger as {entry}, not in the lock: {what}")
        else:
            lines.append(f"new {what} -> {_IMPORT} pull/{number}")
    news.new += lines
    for number in sorted(set(locked) - set(found), key=int):
        news.quiet.append(f"pull request {number} can't be fetched any more")


def _tags(known: Known, mirror: Mirror, news: News) -> None:
    move = "; move the lock: nox -s patches -- lock"
    found = mirror.refs(TAGS)
    for name, sha in sorted(found.items(), key=lambda tag: mirror.commit(tag[1]).date):
        before = known.lock.tags.get(name)
        if before is None:
            news.new.append(f"new tag {name} at {_told(mirror.commit(sha))}{move}")
        elif before != sha:
            news.alarms.append(f"TAG MOVED: {name} from {before[:12]} to {sha[:12]}")
    for name in sorted(set(known.lock.tags) - set(found)):
        news.alarms.append(f"TAG GONE: {name}, which was at {known.lock.tags[name]}")


def _told(commit: Commit) -> str:
    subject = commit.subject
    if len(subject) > 60:
        subject = subject[:57] + "..."
    return f"{commit.date} {commit.sha[:12]} {subject}".rstrip()
