"""Makes a practice ground: a made-up upstream, and a copy of this checkout.

docs/fork-process.md takes over a change there, word for word. The copy's ledger is
about the made-up upstream: the real entries are in it, but claim nothing, so that a
check takes seconds and no network. Hashes are the same on every machine, since
authors and dates are made up, too.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Mapping

from maintenance.ledger import dep3, differences, entries, lock, pin

from . import git
from .errors import UpstreamError
from .known import LEDGER, Known

__all__ = ["make"]

_TESTS = Path("tests") / "differential"
_SDIST = Path(".cache") / "upstream"
_POOL = '''\
class ConnectionPool:
    """A made-up pool, for practice."""

    def __init__(self, size):
        self.size = size
        self.free = []

    def get(self):
        return self.free.pop(0)

    def put(self, connection):
        self.free.append(connection)
'''
_AVAILABLE = '''
    def available(self):
        """How many connections are free."""
        return len(self.free)
'''
_README = "A pool to practise with\n=======================\n\nIt has a sise.\n"
_NAME = "Ada Practice <ada@practice.example>"
# Far behind the real entries, so that their number does not matter.
_FIRST = "0900-practice-begins"


def make(project: Path, directory: Path) -> tuple[Path, Path]:
    """Make ``upstream`` and ``fork`` in *directory*, which must not be there yet.

    Returns both. Raises UpstreamError.
    """
    known = Known(project)
    if directory.exists() and any(directory.iterdir()):
        raise UpstreamError(
            f"{directory} is not empty; name a directory that is not there yet"
        )
    upstream, fork = directory.resolve() / "upstream", directory.resolve() / "fork"
    begun = _begin_upstream(upstream)
    _copy(project, fork)
    _rewrite_ledger(fork, known, upstream, begun)
    _commit(fork, "The practice ground", "2022-03-01")
    pool = "src/geventconnpool/pool.py"
    _commit(
        upstream, "Tell how many are free", "2022-03-02", {pool: _POOL + _AVAILABLE}
    )
    readme = {"README.rst": _README.replace("sise", "size")}
    _commit(upstream, "Mend a word", "2022-03-03", readme)
    return upstream, fork


def _begin_upstream(path: Path) -> str:
    path.mkdir(parents=True)
    _init(path)
    files = {"src/geventconnpool/pool.py": _POOL, "README.rst": _README}
    _commit(path, "Begin", "2022-03-01", files)
    return git.run(path, "rev-parse", "HEAD").strip()


def _copy(project: Path, fork: Path) -> None:
    """The files that git knows or would add, as they are now."""
    options = ("-z", "--cached", "--others", "--exclude-standard")
    for name in sorted(set(git.run(project, "ls-files", *options).split("\0"))):
        source = project / name
        if name and source.is_file():
            (fork / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, fork / name)
    if (project / _SDIST).is_dir():
        # Upstream's release, so that it is not downloaded a second time.
        shutil.copytree(project / _SDIST, fork / _SDIST)
    _init(fork)


def _rewrite_ledger(fork: Path, known: Known, upstream: Path, begun: str) -> None:
    directory = fork / LEDGER
    for test in (fork / _TESTS).glob("test_*.py"):
        test.unlink()
    for entry in entries.load(directory):
        fields = {
            name: value
            for name, value in entry.fields.items()
            if not name.startswith("X-")
        }
        if not fields["Origin"].startswith("other, "):
            fields["Origin"] = f"other, defect:{entry.name}"
        fields["X-Status"] = "not-applicable"
        fields["Description"] += "\nIt is not looked at in practice."
        entry.path.write_text(dep3.dump(fields), "utf-8")
    fields = {
        "Description": "Where practice begins\nNothing of it is needed here.",
        "Author": _NAME,
        "Origin": f"upstream, commit:{begun}",
        "Forwarded": "not-needed",
        "Last-Update": "2022-03-01",
        "X-Status": "not-applicable",
    }
    entries.add(directory, _FIRST, fields)
    locked = pin.pin(
        str(upstream),
        repository=str(upstream),
        project=known.lock.project,
        released=known.lock.releases,
    )
    (directory / lock.NAME).write_text(lock.dump(locked), "utf-8")
    page = differences.render(entries.load(directory))
    (fork / differences.PAGE).write_text(page, "utf-8")


def _init(path: Path) -> None:
    options = ("--quiet", "--template=", "--object-format=sha1")
    git.run(path, "init", *options, "--initial-branch=master")
    # Whoever practises may commit without having told git a name.
    name, address = _NAME.rstrip(">").split(" <")
    git.run(path, "config", "user.name", name)
    git.run(path, "config", "user.email", address)
    git.run(path, "config", "commit.gpgSign", "false")


def _commit(
    path: Path, subject: str, day: str, files: Mapping[str, str] | None = None
) -> None:
    for name, text in (files or {}).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")
    git.run(path, "add", "--all")
    when = f"{day}T12:00:00+0000"
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    git.run(path, "commit", "--quiet", "-m", subject, env=dates)
