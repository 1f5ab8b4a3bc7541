"""Runs git, and gets one answer whatever the user has configured.

What talks to a remote is the exception: it may need a proxy or a credential.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Mapping

__all__ = ["GitError", "output", "succeeds"]

# A project's own attributes are committed with it, a user's are not; and a repository
# may belong to another user.
_PLAIN = (
    *("-c", "safe.directory=*"),
    *("-c", "core.attributesFile=" + os.devnull),
    *("-c", "log.showSignature=false"),
)
_OWN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_SECONDS = 600
_FOR_REMOTES = {
    *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_ASKPASS"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"),
}


class GitError(RuntimeError):
    """A git command failed: the command and what it said."""


def output(
    where: Path,
    *arguments: str,
    data: bytes = b"",
    env: Mapping[str, str] | None = None,
    remote: bool = False,
) -> bytes:
    """What ``git ARGUMENTS`` prints in the directory *where*, fed with *data*.

    *env* is added to its environment; *remote* keeps the user's configuration. Raises
    GitError if it fails.
    """
    done = _run(where, arguments, data, env, remote)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise GitError(f"git {' '.join(arguments)}: {said or done.returncode}")
    return done.stdout


def succeeds(
    where: Path,
    *arguments: str,
    data: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> bool:
    """Whether git ends with status 0: for questions whose answer that is."""
    return _run(where, arguments, data, env, False).returncode == 0


def _run(
    where: Path,
    arguments: tuple[str, ...],
    data: bytes,
    env: Mapping[str, str] | None,
    remote: bool,
) -> subprocess.CompletedProcess[bytes]:
    # GIT_DIR, GIT_EXTERNAL_DIFF and the like are set when a hook runs this.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or (remote and name in _FOR_REMOTES)
    }
    own = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **({} if remote else _OWN)}
    try:
        return subprocess.run(
            ["git", *(() if remote else _PLAIN), *arguments],
            cwd=where,
            env={**inherited, **own, **(env or {})},
            input=data,
            capture_output=True,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise GitError("there is no git on PATH; install it") from None
    except subprocess.TimeoutExpired:
        raise GitError(
            f"git {' '.join(arguments)}: no end after {_SECONDS} s"
        ) from None
