"""A made-up upstream and a made-up checkout of ours, both with real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Mapping

__all__ = ["PAGES", "Repository", "checkout", "upstream"]

POOL = """\
class ConnectionPool:
    def __init__(self, size):
        self.size = size
        self.free = []

    def get(self):
        while not self.free:
            pause(0.1)
        return self.free.pop()

    def put(self, connection):
        self.free.append(connection)

    def lose(self, connection):
        self.opened -= 1
        self.replace()

    def __len__(self):
        return len(self.free)
"""
README = "A made-up pool\n==============\n\nIt has a size and can be waited for.\n"
SETUP = "setup(name='made-up', version='0.1', requires=['waiting'])\n"
PAGES = {
    "src/geventconnpool/pool.py": POOL,
    "README.rst": README,
    "setup.py": SETUP,
}

# The same, but here a connection is got in another way, and a file is of its own.
OUR_POOL = POOL.replace(
    "        while not self.free:\n            pause(0.1)\n",
    "        self.wait_until_free(within=30)\n",
)
OUR_RETRY = "def retry(function):\n    return function\n"
OURS = {
    "geventconnpool_ext/__init__.py": "",
    "geventconnpool_ext/pool.py": OUR_POOL,
    "geventconnpool_ext/retry.py": OUR_RETRY,
    "README.md": "# Ours\n\nIt has a size and can be waited for.\n",
    "pyproject.toml": "[project]\nname = 'ours'\nversion = '0.1'\n",
    ".gitignore": ".cache/\n",
    "patches/series": "# oldest first\n",
}


class Repository:
    """A directory under git, independent of whoever runs the tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = 0
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=master", "--template=")

    def git(self, *arguments: str, data: bytes | None = None) -> str:
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        clock = f"2022-03-{self.commits % 27 + 1:02} 12:00:00 +0000"
        for who in ("AUTHOR", "COMMITTER"):
            env[f"GIT_{who}_NAME"] = "Ada Upstream"
            env[f"GIT_{who}_EMAIL"] = "ada@upstream.example"
            env[f"GIT_{who}_DATE"] = clock
        env["GIT_CONFIG_GLOBAL"] = os.devnull
        env["GIT_CONFIG_NOSYSTEM"] = "1"
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=env,
            input=data,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = content if isinstance(content, bytes) else content.encode()
            path.write_bytes(raw)

    def commit(
        self, subject: str, files: Mapping[str, str | bytes] | None = None
    ) -> str:
        """Commit these files, and what else was changed; return the hash."""
        self.write(files or {})
        self.commits += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.head

    def change(self, name: str, old: str, new: str, subject: str = "A change") -> str:
        """Commit a replacement in one file."""
        text = (self.path / name).read_text("utf-8")
        assert old in text, (old, text)
        return self.commit(subject, {name: text.replace(old, new)})

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def upstream(path: Path) -> Repository:
    """Two commits and a tag; what comes later is each test's own."""
    repository = Repository(path)
    repository.commit("Begin", {"README.rst": README})
    repository.commit("Add the pool", PAGES)
    repository.git("tag", "0.1")
    return repository


def checkout(path: Path, there: Repository) -> Repository:
    """A checkout whose ledger and lock know *there* as it is now."""
    from maintenance.ledger import entries, lock, pin

    repository = Repository(path)
    repository.write(OURS)
    released = lock.Release("0.1", "geventconnpool-0.1.tar.gz", "0" * 64)
    locked = pin.pin(str(there.path), repository=str(there.path), released=(released,))
    ledger = path / "patches"
    (ledger / lock.NAME).write_text(lock.dump(locked), "utf-8")
    for number, commit in enumerate(locked.commits, 1):
        fields = {
            "Description": "What stood there first\nNothing of it is needed here.",
            "Author": "Ada Upstream <ada@upstream.example>",
            "Origin": f"upstream, commit:{commit.sha}",
            "Forwarded": "not-needed",
            "Last-Update": "2022-03-09",
            "X-Status": "not-applicable",
        }
        entries.add(ledger, f"{number:04}-first-{number}", fields)
    repository.commit("Ours")
    return repository
