"""The command line as processes, run by gevent so that a server here can answer."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from gevent import subprocess

import geventconnpool_ext

WHERE = str(Path(geventconnpool_ext.__file__).resolve().parents[1])
MODULE = ("-m", "geventconnpool_ext")


class Finished(NamedTuple):
    """How a process ended and what it wrote."""

    status: int
    out: str
    err: str


def environment(**variables):
    """This process's environment, plain, with the package on the path."""
    own = dict(os.environ, PYTHONPATH=WHERE, PYTHONIOENCODING="utf-8")
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "EPP_PASSWORD"):
        own.pop(name, None)
    own.update(variables)
    return own


def start(*arguments, python=MODULE, stderr=subprocess.PIPE, **variables):
    """Start the command line, or *python*'s arguments; its output is for pipes."""
    return subprocess.Popen(
        [sys.executable, *python, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment(**variables),
    )


def run(*arguments, python=MODULE, **variables):
    """Run it to its end."""
    encoding = variables.get("PYTHONIOENCODING", "utf-8")
    return finish(start(*arguments, python=python, **variables), encoding)


def finish(process, encoding="utf-8"):
    """Wait for its end; kill it if the wait is interrupted."""
    try:
        out, err = process.communicate()
    except BaseException:
        process.kill()
        raise
    return Finished(
        process.returncode, out.decode(encoding), (err or b"").decode(encoding)
    )
