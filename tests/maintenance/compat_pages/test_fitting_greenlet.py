"""Risk: doctor misses a greenlet that does not fit, because gevent imports with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from maintenance import interpreters

from .made import ROOT


@pytest.mark.slow
def test_a_greenlet_that_does_not_fit_is_found_although_gevent_imports(tmp_path):
    """gevent 20.6.2 with greenlet 1.1 imports, with a warning, and may crash."""
    uv = shutil.which("uv")
    found = interpreters.find([(3, 8)])
    if uv is None or not found:
        pytest.skip("this takes uv and a Python 3.8")
    python = str(tmp_path / "bin" / "python")
    for command in (
        ["venv", "--python", found[3, 8], str(tmp_path)],
        ["pip", "install", "--python", python, "gevent==20.6.2", "greenlet<2"],
    ):
        subprocess.run([uv, "--quiet", *command], check=True, timeout=100)
    finished = subprocess.run(
        [python, "-m", "geventconnpool_ext", "doctor", "--json"],
        cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    assert finished.returncode == 1
    findings = json.loads(finished.stdout)["findings"]
    (finding,) = (one for one in findings if one["name"] == "greenlet")
    assert finding["level"] == "problem"
    assert "size changed" in finding["what"]
