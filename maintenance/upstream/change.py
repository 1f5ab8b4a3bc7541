"""One change of upstream's as it is taken over: a commit, a pull request, a patch.

Whatever it comes from, it is read into the same Change. What it means for our files
is trial.py's affair, what the ledger says of it intake.py's.
"""

from __future__ import annotations

import datetime
import email
import email.header
import email.utils
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import diff, git
from .errors import UpstreamError
from .mirror import BRANCHES, PULLS, Mirror

__all__ = ["Change", "from_commit", "from_file", "from_pull"]

_MAIL = re.compile(r"From ([0-9a-f]{40,64}) ", re.M)


@dataclass
class Change:
    """What is taken over.

    ``origin`` is the ledger's field of that name, ``notes`` what its reader must
    know, ``title`` upstream's own subject: for the terminal, not for our files.
    """

    name: str
    origin: str
    title: str
    author: str
    date: str
    patch_id: str
    files: list[diff.FileChange]
    bug: str = ""
    notes: list[str] = field(default_factory=list)


def from_commit(mirror: Mirror, name: str, branch: str) -> Change:
    """The change of a commit; of a merge, what it did to its first parent.

    Raises UpstreamError if there is no such commit.
    """
    sha = mirror.resolve(name)
    if sha is None:
        raise UpstreamError(
            f"{name!r} is no commit of {mirror.source} and no file here; right would"
            " be a hash that 'check' lists, 'pull/N', or the path of a patch"
        )
    commit = mirror.commit(sha)
    notes = []
    if len(commit.parents) > 1:
        notes.append(
            "a merge: compared with its first parent,"
            f" {commit.parents[0][:12]}; its single commits may be in the ledger"
        )
    on_branch = [
        name
        for name, tip in sorted(mirror.refs(BRANCHES).items())
        if mirror.is_ancestor(sha, tip)
    ]
    if not on_branch:
        notes.append("on no branch of upstream's: a pull request or rewritten history")
    elif branch not in on_branch:
        notes.append(f"not on {branch} but on {', '.join(on_branch)}")
    parent = commit.parents[0] if commit.parents else None
    return Change(
        name=sha[:12],
        origin=f"upstream, commit:{sha}",
        title=commit.subject,
        author=commit.author,
        date=commit.date,
        patch_id=mirror.patch_id(sha),
        files=diff.parse(mirror.diff(parent, sha), sha[:12]),
        notes=notes,
    )


def from_pull(mirror: Mirror, number: str, branch: str, repository: str) -> Change:
    """The change of a whole pull request, from where it left the branch.

    Raises UpstreamError if there is no such request.
    """
    pulls = mirror.refs(PULLS)
    head = pulls.get(number)
    if head is None:
        there = ", ".join(sorted(pulls, key=int)) or "none"
        raise UpstreamError(
            f"{mirror.source} has no pull request {number}; it has: {there}"
        )
    base = mirror.merge_base(head, mirror.refs(BRANCHES).get(branch, head))
    notes = []
    if base == head:
        # Merged: what it brought is in the branch's own commits.
        first = mirror.commit(head).parents
        base = first[0] if first else None
        notes.append(f"merged into {branch} already: only its last commit is read")
    commit = mirror.commit(head)
    text = mirror.diff(base, head)
    return Change(
        name=f"pull/{number}",
        origin=f"upstream, pull:{number}",
        title=commit.subject,
        author=commit.author,
        date=commit.date,
        patch_id=git.patch_id(text.encode("utf-8", "surrogateescape")),
        files=diff.parse(text, f"pull/{number}"),
        bug=f"{repository}/pull/{number}" if "://" in repository else "",
        notes=notes,
    )


def from_file(path: Path) -> Change:
    """The change of a patch file: as git prints one for mail, or a plain diff.

    Raises UpstreamError if it is none, or several.
    """
    raw = path.read_bytes()
    text = raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    mails = _MAIL.findall(text)
    if len(mails) > 1:
        raise UpstreamError(
            f"{path.name} holds {len(mails)} changes; split it"
            f" ('git mailsplit -o. {path.name}') and import them one by one"
        )
    files = diff.parse(text, path.name)
    if not files:
        raise UpstreamError(
            f"{path.name} is no patch: it has no 'diff --git' and no '---', '+++' and"
            " '@@' lines; right would be what 'git format-patch' or 'git diff' prints"
        )
    # git asks for 'diff --git' lines before it counts anything.
    patch_id = git.patch_id(raw) or git.patch_id(diff.dump(files))
    title, author, date = _heading(text)
    origin = f"other, patch:{patch_id}"
    notes = []
    if mails:
        origin = f"upstream, commit:{mails[0]}"
    else:
        notes.append("the patch does not say which commit it is: Origin is its id")
    if not author:
        notes.append("the patch names no author: fill in Author")
    return Change(
        name=path.name,
        origin=origin,
        title=title,
        author=author,
        date=date,
        patch_id=patch_id,
        files=files,
        notes=notes,
    )


def _heading(text: str) -> tuple[str, str, str]:
    """Subject, author and day from a mail's header; empty where there is none."""
    start = text.split("\n", 1)[1] if text.startswith("From ") else text
    if re.match(r"[A-Za-z-]+: ", start) is None:
        return "", "", ""
    message = email.message_from_string(start.split("\ndiff --git ")[0])

    def field_of(name: str) -> str:
        parts = email.header.decode_header(message.get(name, ""))
        words = (
            part.decode(charset or "utf-8", "replace")
            if isinstance(part, bytes)
            else part
            for part, charset in parts
        )
        return " ".join("".join(words).split())

    subject = re.sub(r"^\[PATCH[^]]*\] *", "", field_of("Subject"))
    day = ""
    if message.get("Date"):
        try:
            day = email.utils.parsedate_to_datetime(message["Date"]).date().isoformat()
        except (TypeError, ValueError):
            day = datetime.date.today().isoformat()
    return subject, field_of("From"), day
