"""The contract suite, whole, in every surroundings that a program may give it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from gevent import subprocess

from .run import SURROUNDINGS

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent


def run(name, arguments, at_least):
    """Run tests in these surroundings; so many must pass, and nothing else be said."""
    wanted = SURROUNDINGS[name]
    environment = dict(os.environ, **dict(wanted.environment))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, *wanted.options, str(Path(__file__).with_name("run.py"))]
    command += [name, "-q", "-p", "no:cacheprovider", "--tb=short"]
    command += ["--config-file={}".format(ROOT / "pyproject.toml")]
    command += ["--rootdir={}".format(ROOT)]
    command += arguments
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    try:
        said, complained = process.communicate()
    except BaseException:
        process.kill()
        process.communicate()
        raise
    report = said.decode() + complained.decode()
    assert process.returncode == 0, report
    assert int(re.search(r"(\d+) passed", report).group(1)) >= at_least, report
    # Nor a word at the interpreter's exit.
    assert complained == b"", report


@pytest.mark.timeout(115)
# As it is, it runs in every run of the suite anyway.
@pytest.mark.parametrize("name", sorted(set(SURROUNDINGS) - {"plain"}))
def test_the_contract_is_kept(name):
    paths = [str(TESTS / "contract"), str(TESTS / "surroundings")]
    run(name, ["-m", "contract", *paths], at_least=200)


@pytest.mark.timeout(115)
def test_forks_and_native_threads_do_no_harm_in_a_patched_program():
    """A patched os.close may put off the close; inherited descriptors cannot wait."""
    pool = TESTS / "pool"
    run("patched", [str(pool / "test_fork.py"), str(pool / "test_threads.py")], 40)
