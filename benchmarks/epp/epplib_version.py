"""Which epplib is installed. Its version alone does not tell: it is not on PyPI."""

from __future__ import annotations

import json
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Optional
from urllib.parse import urlsplit
from urllib.request import url2pathname

__all__ = ["epplib_version"]

DISTRIBUTION = "fred-epplib"
DIGITS = 12


def epplib_version() -> Optional[str]:
    """``1.0.0 at bd1d503f18a6``, or the version alone; None if it is not installed."""
    try:
        found = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None
    source = json.loads(found.read_text("direct_url.json") or "{}")
    commit = source.get("vcs_info", {}).get("commit_id", "")[:DIGITS]
    commit = commit or _commit(source.get("url", ""))
    return f"{found.version} at {commit}" if commit else found.version


def _commit(url: str) -> str:
    """The commit of the checkout at *url*, if it is one here."""
    directory = Path(url2pathname(urlsplit(url).path))
    # Not that of a repository which happens to be further up.
    if not url.startswith("file:") or not (directory / ".git").exists():
        return ""
    what = ["--always", "--dirty", f"--abbrev={DIGITS}", "--exclude=*"]
    try:
        told = subprocess.run(
            ["git", "-C", str(directory), "describe", *what],
            stdout=subprocess.PIPE,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.decode().strip()
