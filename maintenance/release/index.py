"""A package index on loopback, for the time of a rehearsal.

It is a process of its own, ``index_server``: pypiserver leaves traces in how a process
imports.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from .commands import Log
from .errors import ReleaseError

__all__ = ["Index"]

_ROOT = Path(__file__).resolve().parents[2]


class Index:
    """``with Index(directory, log) as index``: serves what is uploaded to it.

    The files lie below *directory*; each request is a line of the log.
    """

    def __init__(self, directory: Path, log: Log) -> None:
        self._files = directory / "files"
        self._yanked = directory / "yanked.json"
        self._log = log
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Index:
        self._files.mkdir(parents=True)
        self._yanked.write_text("{}", "utf-8")
        command = [sys.executable, "-m", "maintenance.release.index_server"]
        with self._log.path.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [*command, str(self._files), str(self._yanked)],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        # It says its port when it listens, and nothing more.
        said = self._process.stdout.readline()
        self._process.stdout.close()
        if not said:
            self.close()
            raise ReleaseError("the index has not started")
        self._port = int(said)
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; again, if it has ended, is nothing."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)

    @property
    def upload_url(self) -> str:
        """Where twine uploads to."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def url(self) -> str:
        """Where pip looks."""
        return self.upload_url + "simple/"

    def files(self) -> dict[str, Path]:
        """What was uploaded, by name."""
        return {path.name: path for path in sorted(self._files.iterdir())}

    def yank(self, version: str, reason: str) -> None:
        """Yank a release: all files of *version*, as PyPI does."""
        of_it = re.compile(rf"-{re.escape(version)}(-.*\.whl|\.tar\.gz)$")
        names = [name for name in self.files() if of_it.search(name)]
        if not names:
            raise ValueError(f"no file of {version} was uploaded")
        self._yanked.write_text(json.dumps(dict.fromkeys(names, reason)), "utf-8")
