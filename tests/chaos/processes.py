"""Processes of a chaos run: started, spoken to in lines of JSON, measured.

A child imports the package that is imported here, the tree or the wheel, and this
directory after it: the tree's root first on sys.path would hide the wheel.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import gevent
import psutil
from gevent import subprocess
from gevent.fileobject import FileObject

__all__ = ["Child", "Sampler", "serve_lines", "tell"]

_ROOT = str(Path(__file__).resolve().parents[2])
_PROGRAM = (
    "import sys, geventconnpool_ext; sys.path.insert(0, {root!r}); "
    "from tests.chaos.{module} import main; main()"
)
_PATIENCE = 30.0


class Child:
    """The other side of ``serve_lines``: *module* of this directory, as a process."""

    def __init__(self, module: str, settings: Dict[str, Any]) -> None:
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        program = _PROGRAM.format(root=_ROOT, module=module)
        self.module = module
        self._process: Any = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", program, json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.measured = psutil.Process(self._process.pid)
        # The first line says that it is ready.
        self.started = self._read()

    def ask(self, word: str, patience: float = _PATIENCE) -> Any:
        """Send one word and return what comes back within *patience* seconds."""
        self._process.stdin.write((word + "\n").encode())
        self._process.stdin.flush()
        return self._read(patience)

    def _read(self, patience: float = _PATIENCE) -> Any:
        late = TimeoutError("{} has not answered".format(self.module))
        with gevent.Timeout(patience, late):
            line = self._process.stdout.readline()
        if not line:
            raise EOFError("{} ended without an answer".format(self.module))
        return json.loads(line.decode())

    def stop(self) -> int:
        """Let it end, and return its exit status; it is killed after 15 s."""
        self._process.stdin.close()
        try:
            status: int = self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._process.stdout.close()
        return status


class Sampler:
    """What the system says about one process, looked at a few times a second."""

    def __init__(self, process: psutil.Process, port: int) -> None:
        self._process = process
        self._port = port
        self.most_connections = 0
        self.resident: List[int] = []
        """Octets of memory, one value per look."""

    def look(self) -> None:
        """Take one sample."""
        self.resident.append(self._process.memory_info().rss)
        self.most_connections = max(self.most_connections, self.connections())

    def connections(self) -> int:
        """Connections to the registry that are neither closed nor half closed."""
        list_all = getattr(self._process, "net_connections", None)
        if list_all is None:  # psutil before 6
            list_all = self._process.connections
        return sum(
            1
            for connection in list_all(kind="tcp")
            if connection.status == psutil.CONN_ESTABLISHED
            and connection.raddr
            and connection.raddr[1] == self._port
        )

    def descriptors(self) -> int:
        """Descriptors that are open."""
        return int(self._process.num_fds())

    def growth(self) -> float:
        """MiB by which memory grew from the middle half of the run to its end."""
        count = len(self.resident)
        if count < 8:
            return 0.0
        middle = sorted(self.resident[count // 4 : count // 2])
        end = sorted(self.resident[-count // 4 :])
        grown = end[len(end) // 2] - middle[len(middle) // 2]
        return round(grown / 2**20, 1)


def tell(what: Any) -> None:
    """Write one line of JSON to the conductor."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def serve_lines(answers: Dict[str, Callable[[], Any]]) -> None:
    """Answer every line of standard input by what its word does, until it ends."""
    for word in _words():
        tell(answers[word]())


def _words() -> Iterator[str]:
    # The original is Python's own: gevent would leave it without blocking.
    for line in FileObject(os.dup(0), "rb"):
        yield line.decode().strip()
