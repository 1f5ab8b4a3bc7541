"""Uploads to an index by twine, as a maintainer without the workflow would."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Sequence

from .commands import Log

__all__ = ["upload"]


def upload(url: str, files: Sequence[Path], log: Log) -> None:
    """Upload *files* to the index at *url*; raises ReleaseError if it refuses any."""
    environment = {
        # Who uploads to PyPI from this machine has a token in these.
        **{k: v for k, v in os.environ.items() if not k.startswith("TWINE_")},
        "TWINE_USERNAME": "rehearsal",
        "TWINE_PASSWORD": "rehearsal",
        "NO_COLOR": "1",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
    command += ["--disable-progress-bar", "--repository-url", url]
    # No configuration of the user's: it could name another index.
    command += ["--config-file", os.devnull, *map(str, files)]
    log.run(command, files[0].parent, environment, timeout=120)
