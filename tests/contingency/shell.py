"""Runs the commands of a page as its reader's shell does."""

from __future__ import annotations

from gevent import subprocess


def run_in_shell(commands, environment, directory, timeout):
    """Run them until one fails; return the exit status and what they said."""
    finished = subprocess.run(
        ["sh", "-e", "-c", commands],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=str(directory),
        timeout=timeout,
        check=False,
    )
    return finished.returncode, finished.stdout.decode("utf-8", "replace")
