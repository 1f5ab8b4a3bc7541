"""Asks git about upstream's history, and gets one answer whatever git is told.

A patch-id must be the same on every machine.
"""

from __future__ import annotations

from pathlib import Path

from maintenance.git import GitError, output

__all__ = [
    "GitError",
    "ask",
    "commits",
    "date_of",
    "default_branch",
    "fetch",
    "patch_id",
    "refs",
]

# git's defaults, said aloud, against what the repository's configuration may say.
_DIFF = (
    "--diff-merges=first-parent",
    "--find-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--full-index",
    "--submodule=short",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


def ask(directory: Path, *arguments: str, remote: bool = False) -> str:
    """What ``git ARGUMENTS`` prints in *directory*; raise GitError if it fails.

    *remote* keeps the user's configuration.
    """
    return output(directory, *arguments, remote=remote).decode("utf-8", "replace")


def fetch(source: str, into: Path) -> None:
    """Bring branches, tags and pull requests' heads into the bare repository *into*.

    *source* is a URL or a directory; *into* is made if it is not there. A ref that
    was moved or deleted at the source is so afterwards here.
    """
    if not (into / "HEAD").exists():
        into.mkdir(parents=True, exist_ok=True)
        ask(into, "init", "--quiet", "--bare", ".")
    ask(
        into,
        "fetch",
        "--quiet",
        "--prune",
        "--no-auto-gc",
        _absolute(source),
        "+refs/heads/*:refs/heads/*",
        "+refs/tags/*:refs/tags/*",
        "+refs/pull/*/head:refs/pull/*/head",
        remote=True,
    )


def default_branch(source: str) -> str:
    """The branch that the HEAD of *source*, a URL or a directory, stands for."""
    source = _absolute(source)
    answer = ask(Path.cwd(), "ls-remote", "--symref", source, "HEAD", remote=True)
    for line in answer.splitlines():
        if line.startswith("ref: refs/heads/"):
            return line[len("ref: refs/heads/") :].split("\t")[0]
    raise GitError(f"{source} does not tell its default branch")


def refs(directory: Path, pattern: str) -> dict[str, str]:
    """The commit of each ref below *pattern*, by the ref's full name.

    An annotated tag stands for the commit that it names.
    """
    form = "%(refname) %(objectname) %(*objectname)"
    lines = ask(directory, "for-each-ref", f"--format={form}", pattern).splitlines()
    return {(found := line.split())[0]: found[-1] for line in lines}


def commits(directory: Path, *revisions: str) -> list[str]:
    """The commits of ``git rev-list REVISIONS``, parents before their children."""
    order = ("--topo-order", "--reverse")
    return ask(directory, "rev-list", *order, *revisions, "--").split()


def date_of(directory: Path, commit: str) -> str:
    """The day a commit was made (by its committer's clock), as ``2021-10-08``."""
    form = "--format=%cd"
    text = ask(directory, "show", "--no-patch", "--date=short", form, commit, "--")
    return text.strip()


def patch_id(directory: Path, commit: str) -> str:
    """``git patch-id --stable`` of a commit, of a merge against its first parent.

    Empty for a commit that changes no file.
    """
    # As bytes: a file of upstream's need not be UTF-8.
    shown = output(directory, "show", *_DIFF, commit, "--")
    said = output(directory, "patch-id", "--stable", data=shown).split()
    return said[0].decode() if said else ""


def _absolute(source: str) -> str:
    # git resolves a relative path against the repository it runs in.
    return str(Path(source).resolve()) if Path(source).is_dir() else source
