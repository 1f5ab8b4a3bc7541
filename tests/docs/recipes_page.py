"""Reads docs/recipes.md, and runs its recipes in processes of their own."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import gevent
from gevent import subprocess

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "recipes.md"
RECIPES = dict(
    re.findall(r"^```python (\S+)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
)


class Program:
    """A Python program made of a recipe; what it prints is read as it comes.

    *names* are what the recipe leaves to its reader. *code* comes after it; or, with
    *expressions*, ``recipe_driver`` calls them.
    """

    def __init__(
        self, directory, recipe, *expressions, names=None, code="", environment=None
    ):
        path = directory / "recipe.py"
        given = ["{} = {!r}\n".format(*item) for item in (names or {}).items()]
        path.write_text("".join(given) + RECIPES[recipe] + code, "utf-8")
        driver = [str(HERE / "recipe_driver.py")] if expressions else []
        self.log = directory / "program.log"
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *driver, str(path), *expressions],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=str(directory),
                env=dict(os.environ, **(environment or {})),
            )
        self.pid = self._process.pid
        self.lines = []
        self._reader = gevent.spawn(self._read)

    def _read(self):
        for line in self._process.stdout:
            self.lines.append(line.decode().rstrip("\n"))

    @property
    def told(self):
        """The lines, each of which is JSON."""
        return [json.loads(line) for line in self.lines]

    def wait_for(self, condition):
        """Wait until it holds; fail if the program ends before."""
        while not condition(self):
            assert self._process.poll() is None, self.errors()
            gevent.sleep(0.02)

    def signal(self, number):
        self._process.send_signal(number)

    def terminate(self):
        """End it by SIGTERM; return its status."""
        self._process.terminate()
        return self.finish()

    def finish(self):
        status = self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        return status

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self.finish()

    def errors(self):
        return self.log.read_text("utf-8", "replace")
