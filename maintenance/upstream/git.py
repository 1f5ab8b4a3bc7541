"""git for a trial: with octets to read, and with objects that lie elsewhere.

Questions about a history alone, and the fetch, are maintenance.ledger.git's; as there,
the answer does not depend on the user's configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import Mapping

from maintenance.git import GitError, output, succeeds

__all__ = ["GitError", "patch_id", "run", "succeeds"]


def run(
    where: Path,
    *arguments: str,
    data: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> str:
    """What git prints.

    Octets that are not UTF-8 survive as surrogate escapes, so that a patch can be
    handed back. Raises GitError.
    """
    printed = output(where, *arguments, data=data, env=env)
    return printed.decode("utf-8", "surrogateescape")


def patch_id(patch: bytes) -> str:
    """The stable patch-id of a diff; empty if it changes no text."""
    said = run(Path.cwd(), "patch-id", "--stable", data=patch).split()
    return said[0] if said else ""
