"""Runs one cell: tox with its name, bounded, and nothing of it left afterwards.

What the outcome means is judged in `classify`; which cells run, in `selection`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Mapping

from maintenance import interpreters
from maintenance.compat.classify import Run

__all__ = ["Runner", "Stopped"]

REPORT = "GEVENTCONNPOOL_EXT_CELL_REPORT"
# A source cell compiles gevent, for minutes on a busy machine.
LIMITS = {"wheel": 420.0, "sdist": 1200.0}


class Stopped(Exception):
    """The cell was ended because the whole run is."""


class Runner:
    """Runs cells of a tree, several at a time if called from several threads."""

    def __init__(
        self,
        root: Path,
        pythons: Mapping[tuple[int, int], str],
        *,
        limit: float | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._root = root
        self._pythons = pythons
        self._limit = limit
        self._env = dict(env or {})
        self._running: dict[int, str] = {}
        self._lock = threading.Lock()
        self._stopped = False
        runs = root / ".cache" / "compat" / "runs"
        self._scratch = runs / str(os.getpid())
        _remove_left_behind(runs)

    def run(self, name: str, kind: str) -> Run:
        """Run the cell with that name; an ``"sdist"`` has more time than a wheel."""
        limit = self._limit or LIMITS.get(kind, LIMITS["wheel"])
        self._scratch.mkdir(parents=True, exist_ok=True)
        directory = Path(tempfile.mkdtemp(prefix=name + "-", dir=self._scratch))
        try:
            report = directory / "report.json"
            log = directory / "log"
            status = self._tox(name, directory, report, log, limit)
            output = log.read_text("utf-8", "replace")
            written = report.read_text("utf-8") if report.exists() else None
            return Run(name, status, output, written, limit)
        finally:
            # Hundreds of environments would fill the disk; uv makes one in a second.
            shutil.rmtree(directory, ignore_errors=True)

    def stop(self) -> None:
        """End what runs; every `run` that was cut short raises Stopped."""
        with self._lock:
            self._stopped = True
            running = dict(self._running)
        for report in running.values():
            _end(report)

    def _tox(
        self, name: str, directory: Path, report: Path, log: Path, limit: float
    ) -> int | None:
        command = [sys.executable, "-m", "tox", "run", "-e", name]
        command += ["--workdir", str(directory / "tox"), "--colored", "no"]
        with log.open("wb") as output, self._lock:
            if self._stopped:
                raise Stopped(name)
            # In a session of its own: a Ctrl-C is for us, who end it in order.
            process = subprocess.Popen(
                command,
                cwd=self._root,
                env=self._environment(report),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running[process.pid] = str(report)
        try:
            status: int | None = process.wait(limit)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            # Also after an orderly end: a crashed suite leaves children behind.
            _end(str(report))
            process.wait()
            with self._lock:
                del self._running[process.pid]
        if self._stopped:
            raise Stopped(name)
        return status

    def _environment(self, report: Path) -> dict[str, str]:
        # What tells tox or Python of the environment that runs *us* is not the cell's.
        env = {
            key: value
            for key, value in os.environ.items()
            if key not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "FORCE_COLOR")
            and not key.startswith(("TOX_", "COVERAGE_", "COV_CORE_", "PYTEST_"))
        }
        # The real ones: uv passes over an environment's, and one of these runs us.
        real = map(os.path.realpath, self._pythons.values())
        env[interpreters.VARIABLE] = os.pathsep.join(real)
        env["UV_PYTHON_DOWNLOADS"] = "never"
        env["UV_PYTHON_PREFERENCE"] = "system"
        env[REPORT] = str(report)
        env.update(self._env)
        return env


def _remove_left_behind(runs: Path) -> None:
    """Remove the environments of runs that were killed before they could."""
    for directory in runs.glob("*"):
        if not Path("/proc", directory.name).exists():
            shutil.rmtree(directory, ignore_errors=True)


def _end(report: str) -> None:
    """Kill tox, and whatever it has started and left.

    A process group would not do: the suite starts sessions of its own. What a child
    can't shed is its environment, and the report's path in it is this run's alone.
    """
    mark = f"{REPORT}={report}".encode()
    deadline = time.monotonic() + 10
    while True:
        found = _with_environment(mark)
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        # One that was forked meanwhile is found by the next look.
        if not found or time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _with_environment(mark: bytes) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                # Gone, or another user's.
                continue
    return found
