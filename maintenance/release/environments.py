"""Fresh environments, and pip in them: from the index of the rehearsal, or PyPI's.

What comes from which index is never left to pip's choice. The release is installed
with an index that has nothing else, and without dependencies; these are installed
afterwards, from where pip is configured to look, when the release is there already.
"""

from __future__ import annotations

import json
import os
import sys
import venv
from pathlib import Path
from typing import NamedTuple

from .commands import Log

__all__ = ["PACKAGE", "Environment", "Installed"]

PACKAGE = "geventconnpool_ext"


class Installed(NamedTuple):
    """What pip took: the file's address and SHA-256, both empty if it took nothing."""

    url: str
    sha256: str
    said: str


class Environment:
    """A fresh environment in *directory*, without pip: the running one's installs."""

    def __init__(self, directory: Path, log: Log) -> None:
        venv.EnvBuilder(symlinks=True, with_pip=False).create(str(directory))
        self.directory = directory
        self.python = directory / "bin" / "python"
        self._log = log

    def install(self, url: str, *arguments: str) -> Installed:
        """Install from the index at *url* and no other, without dependencies."""
        report = self.directory / "report.json"
        report.unlink(missing_ok=True)
        said = self._pip(
            ["install", "--no-deps", "--index-url", url, "--report", str(report)],
            [*arguments],
            _of_this_index_alone(),
        )
        taken = json.loads(report.read_text("utf-8"))["install"]
        if not taken:
            return Installed("", "", said)
        origin = taken[0]["download_info"]
        return Installed(
            origin["url"], origin["archive_info"]["hashes"]["sha256"], said
        )

    def require(self, *requirements: str) -> str:
        """Install what is missing of *requirements*, from where pip is told to look."""
        return self._pip(["install"], [*requirements], dict(os.environ))

    def check(self) -> None:
        """Raises ReleaseError if a requirement of what is installed is not met."""
        self._pip(["check"], [], dict(os.environ))

    def version(self) -> str:
        """Which version of the package is installed."""
        program = (
            f"from importlib import metadata; print(metadata.version({PACKAGE!r}))"
        )
        return self.run("-c", program).strip()

    def run(self, *arguments: str, timeout: float = 120) -> str:
        """Run its Python, from a directory with nothing to import."""
        empty = self.directory / "empty"
        empty.mkdir(exist_ok=True)
        command = [str(self.python), "-I", *arguments]
        return self._log.run(command, empty, timeout=timeout)

    def _pip(
        self, verb: list[str], arguments: list[str], environment: dict[str, str]
    ) -> str:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), *verb]
        environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        environment["PIP_NO_INPUT"] = "1"
        return self._log.run([*command, *arguments], self.directory, environment)


def _of_this_index_alone() -> dict[str, str]:
    """No setting of pip's: neither another index, nor a directory, nor a cache."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    # A yank must be seen at once, so nothing is remembered either.
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    return {**kept, **own, "NO_PROXY": "127.0.0.1"}
