"""The two implementations that every differential test runs on.

Both look alike to a test: ``ConnectionPool``, ``retry``, and what a test must do
differently to look at them, such as letting hours pass.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator

import gevent.event

import geventconnpool_ext

from ..support.clock import VirtualClock
from ..upstream import shim

__all__ = ["NAMES", "Ours", "Upstream", "by_name"]


class Ours:
    """geventconnpool_ext as it is imported."""

    name = "ours"
    module: Any = geventconnpool_ext

    def __init__(self) -> None:
        self.ConnectionPool: Any = geventconnpool_ext.ConnectionPool
        self.retry: Any = geventconnpool_ext.retry

    def imported(self, directory: Path) -> Any:
        """The package, once a program that has imported nothing else could."""
        subprocess.run(
            [sys.executable, "-c", "import geventconnpool_ext"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=True,
            timeout=20,
        )
        return geventconnpool_ext

    def loaded(self, except_for: str) -> Any:
        """The package without the care that upstream needs for *except_for*."""
        return geventconnpool_ext

    @contextmanager
    def hurried(self) -> Iterator[Any]:
        """Pools made in here wait in virtual time: ``now()`` and ``advance()``."""
        clock = VirtualClock()
        self.ConnectionPool = type(
            "Hurried", (geventconnpool_ext.ConnectionPool,), {"_clock": clock}
        )
        yield clock


class Upstream:
    """A copy of its own of the release, put right in three names."""

    name = "upstream"

    def __init__(self) -> None:
        self.module: Any = shim.load().pool
        self.ConnectionPool = self.module.ConnectionPool
        self.retry = self.module.retry

    def imported(self, directory: Path) -> Any:
        """The release unpacked into *directory* and imported as it is."""
        where = shim.unpack(directory) / "geventconnpool" / "__init__.py"
        spec = importlib.util.spec_from_file_location(
            "geventconnpool", where, submodule_search_locations=[str(where.parent)]
        )
        assert spec is not None
        assert spec.loader is not None
        package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        return package

    def loaded(self, except_for: str) -> Any:
        """A copy in which the name *except_for* is not put right."""
        return shim.load(except_for=(except_for,))

    @contextmanager
    def hurried(self) -> Iterator[Any]:
        """As ours: the copy's own ``gevent.sleep`` sleeps in virtual time."""
        clock = VirtualClock()

        def sleep(seconds: float = 0) -> None:
            woken = gevent.event.Event()
            clock.call_later(seconds, woken.set)
            woken.wait()

        real = self.module.gevent
        self.module.gevent = SimpleNamespace(**{**vars(real), "sleep": sleep})
        yield clock
        self.module.gevent = real


NAMES = ("upstream", "ours")


def by_name(name: str) -> Any:
    """A new one of these, by the name that it has as a parameter."""
    return {"upstream": Upstream, "ours": Ours}[name]()
