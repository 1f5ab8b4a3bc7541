"""A pytest of its own, in a child process, whose outcomes a test looks at."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Tuple

__all__ = ["ROOT", "Ended", "pytest_in"]

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pytest", "-q", "--color=no"]
COMMAND += ["-p", "no:cacheprovider", "-p", "pytest_timeout"]


class Ended(NamedTuple):
    """How a child ended, what it said, and what became of its tests, by name."""

    status: int
    said: str
    outcomes: Dict[str, Tuple[str, str]]


def pytest_in(
    directory: Path, *arguments: str, environment: Mapping[str, str]
) -> Ended:
    """Run pytest with *arguments* in *directory*; *environment* is added to ours."""
    report = directory / "report.xml"
    done = subprocess.run(
        [*COMMAND, "--junitxml={}".format(report), *arguments],
        cwd=str(directory),
        # Where we found the package, and the test tools.
        env={
            **{name: value for name, value in os.environ.items() if name != "CI"},
            # Most of a start is plugins; pyproject.toml needs this one.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
    )
    cases = ElementTree.parse(str(report)).iter("testcase") if report.exists() else ()
    return Ended(done.returncode, done.stdout, dict(map(_outcome, cases)))


def _outcome(case: Any) -> Tuple[str, Tuple[str, str]]:
    for kind in ("failure", "error", "skipped"):
        found = case.find(kind)
        if found is not None:
            said = "{}\n{}".format(found.get("message"), found.text)
            return case.get("name"), (kind, said)
    return case.get("name"), ("passed", "")
