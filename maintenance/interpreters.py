"""Finds the Python interpreters of this machine; nothing is downloaded.

They are looked for in GEVENTCONNPOOL_EXT_PYTHONS (a list separated like PATH), in the
one that runs this, on PATH and among pyenv's. Standard library only: the noxfile
imports it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterable

__all__ = ["VARIABLE", "Version", "classified", "find", "name_of"]

VARIABLE = "GEVENTCONNPOOL_EXT_PYTHONS"
Version = tuple[int, int]

_ASK_VERSION = """
import sys, sysconfig
assert sys.implementation.name == "cpython"
assert not sysconfig.get_config_var("Py_GIL_DISABLED")
print(*sys.version_info[:2])
"""
_ASK_VENV = "import venv, ensurepip  # some packagers take them out"


def classified(classifiers: Iterable[str]) -> list[Version]:
    """The versions of Python that a package's *classifiers* name, oldest first."""
    language = re.compile(r"Programming Language :: Python :: (\d+)\.(\d+)$")
    found = (language.match(classifier) for classifier in classifiers)
    return sorted((int(one[1]), int(one[2])) for one in found if one)


def find(versions: Iterable[Version], *, with_venv: bool = False) -> dict[Version, str]:
    """One interpreter's path for each of these versions found, oldest first.

    *with_venv* leaves out those that cannot make an environment by themselves.

    Each is run, not guessed from its name: a shim may lead nowhere. Free-threaded
    builds are left out because gevent has none.
    """
    wanted = set(versions)
    found: dict[Version, str] = {}
    for path in _candidates(wanted):
        version = _version_of(path)
        if version not in wanted or version in found:
            continue
        if not with_venv or _ask(path, _ASK_VENV) is not None:
            found[version] = path
    return dict(sorted(found.items()))


def name_of(version: Version) -> str:
    """``3.11`` for (3, 11)."""
    return "{}.{}".format(*version)


def _candidates(versions: set[Version]) -> list[str]:
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    paths = [path for path in named if path]
    paths.append(sys.executable)
    for version in sorted(versions):
        on_path = shutil.which("python" + name_of(version))
        if on_path:
            paths.append(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    paths += sorted(map(str, pyenv.glob("versions/3.*/bin/python")), reverse=True)
    return paths


def _version_of(path: str) -> Version | None:
    found = re.match(r"(\d+) (\d+)$", _ask(path, _ASK_VERSION) or "")
    return (int(found[1]), int(found[2])) if found else None


def _ask(path: str, program: str) -> str | None:
    try:
        answer = subprocess.run(
            [path, "-I", "-c", program], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None
