"""git for a trial: with octets to read, and with objects that lie elsewhere.

Questions about a history alone, and the fetch, are maintenance.ledger.git's; as there,
the answer does not depend on the user's configuration.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Mapping

from maintenance.ledger.git import GitError

__all__ = ["GitError", "patch_id", "run", "succeeds"]

# A user's attributes may say how a file is merged; no configuration is needed for it.
_PLAIN = ("-c", "safe.directory=*", "-c", "core.attributesFile=" + os.devnull)
_OWN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}


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
    done = _git(where, arguments, data, env or {})
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise GitError(f"git {' '.join(arguments)}: {said or done.returncode}")
    return done.stdout.decode("utf-8", "surrogateescape")


def succeeds(
    where: Path,
    *arguments: str,
    data: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> bool:
    """Whether git ends with status 0: for questions whose answer that is."""
    return _git(where, arguments, data, env or {}).returncode == 0


def patch_id(patch: bytes) -> str:
    """The stable patch-id of a diff; empty if it changes no text."""
    said = run(Path.cwd(), "patch-id", "--stable", data=patch).split()
    return said[0] if said else ""


def _git(
    where: Path, arguments: tuple[str, ...], data: bytes, env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    # Those that a hook sets would lead to another repository.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        return subprocess.run(
            ["git", *_PLAIN, *arguments],
            cwd=where,
            env={**inherited, **_OWN, **env},
            input=data,
            capture_output=True,
            timeout=300,
        )
    except FileNotFoundError:
        raise GitError("there is no git on PATH; install it") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git {' '.join(arguments)}: no end after 300 s") from None
