"""What is gevent's own fault, shown without this package: why a cell leaves it out."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from maintenance import interpreters

IDLE = """
import gc, gevent
for _ in range(5):
    gevent.idle()
    gevent.sleep(0.001)
    gc.collect()
"""


def said_of_idle(directory, python, release):
    """What gevent, which looks at its watchers then, says of one idle() in libuv."""
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    environment.pop("VIRTUAL_ENV", None)
    inside = directory / release / "bin" / "python"
    packages = ["gevent==" + release, "greenlet<0.4.17", "cffi"]
    for command in (
        ["uv", "venv", "-q", "--python", python, directory / release],
        ["uv", "pip", "install", "-q", "--python", inside, *packages],
    ):
        subprocess.run(command, check=True, env=environment, timeout=100)
    environment.update(GEVENT_LOOP="libuv", GEVENT_DEBUG="DEBUG")
    done = subprocess.run(
        [inside, "-X", "tracemalloc", "-W", "always", "-c", IDLE],
        capture_output=True,
        text=True,
        env=environment,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
def test_idle_of_1_5a2_leaves_its_watcher_unclosed_and_of_1_5a3_does_not(tmp_path):
    found = interpreters.find([(3, 8)])
    if not found or shutil.which("uv") is None:
        pytest.skip("needs uv and Python 3.8, for which these releases have wheels")
    python = found[3, 8]
    assert "Failed to close watcher <idle" in said_of_idle(tmp_path, python, "1.5a2")
    assert "Failed to close" not in said_of_idle(tmp_path, python, "1.5a3")
