"""A worker as seen from outside: started, asked, ended."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, cast

from benchmarks.results import Case, Sample

__all__ = ["Worker", "WorkerFailed"]

ROOT = Path(__file__).resolve().parents[1]
# Last on the path, so that an installed wheel is measured where there is one.
_START = f"""
import sys
sys.path.append({str(ROOT)!r})
from benchmarks.worker import main
main(sys.argv[1:])
"""


class WorkerFailed(Exception):
    """A worker ended, or took too long; the message ends with its last words."""


class Worker:
    """The process of one peer in one scenario. ``with`` ends it."""

    def __init__(self, scenario: str, peer: str, timeout: float) -> None:
        self.peer = peer
        self._timeout = timeout
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, scenario, peer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )

    def loops(self, case: Case, seconds: float) -> int:
        """How many loops a sample needs to last so many seconds."""
        return int(self._ask(point=case.point, seconds=seconds))

    def sample(self, case: Case, loops: int) -> Sample:
        """One sample."""
        answer = self._ask(point=case.point, loops=loops)
        return Sample(answer["value"], answer["more"])

    def _ask(self, **what: Any) -> Any:
        stdin = cast("IO[bytes]", self._process.stdin)
        stdout = cast("IO[bytes]", self._process.stdout)
        try:
            stdin.write(json.dumps(what).encode() + b"\n")
        except BrokenPipeError:
            raise self._failed("ended") from None
        if not select.select([stdout], [], [], self._timeout)[0]:
            raise self._failed(f"took longer than {self._timeout:g} s for {what}")
        line = stdout.readline()
        if not line:
            raise self._failed(f"ended when asked for {what}")
        return json.loads(line)

    def _failed(self, how: str) -> WorkerFailed:
        self._end()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return WorkerFailed(": ".join([how, *lines[-1:]]))

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._end()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()
