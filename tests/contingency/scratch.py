"""A scratch environment, in which the page's commands run as they stand.

It has real pip, the running interpreter's, and sees no index but the test's own.
"""

from __future__ import annotations

import os
import venv
from pathlib import Path

from .shell import run_in_shell

__all__ = ["Scratch"]


class Scratch:
    """An environment and a working directory below *directory*."""

    def __init__(self, directory, index_url):
        import pip

        home = directory / "env"
        venv.EnvBuilder(symlinks=True, with_pip=False).create(str(home))
        (self.packages,) = home.glob("lib/python*/site-packages")
        # As good as installed, and without the seconds that takes.
        (self.packages / "pip").symlink_to(Path(pip.__file__).parent)
        self.directory = directory / "work"
        self.directory.mkdir()
        self.environment = {
            name: value
            for name, value in os.environ.items()
            # What the person at the keyboard has set for pip and Python is not ours;
            # nor does coverage follow into this environment.
            if not name.startswith(("PIP_", "PYTHON", "COV", "UV_"))
        }
        self.environment.update(
            PATH=os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")]),
            PIP_CONFIG_FILE=os.devnull,
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            PIP_INDEX_URL=index_url,
            PIP_NO_CACHE_DIR="1",
            PIP_NO_COLOR="1",
            PIP_RETRIES="0",
            PIP_ROOT_USER_ACTION="ignore",
            PIP_NO_COMPILE="1",
            PIP_PROGRESS_BAR="off",
            VIRTUAL_ENV=str(home),
        )

    def run(self, commands):
        """Run shell commands; returns the exit status and what they said."""
        return run_in_shell(commands, self.environment, self.directory, 60)

    def write(self, name, content):
        """Write a file of the working directory."""
        (self.directory / name).write_text(content, "utf-8")
