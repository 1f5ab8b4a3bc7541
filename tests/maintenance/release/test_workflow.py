"""The workflow tests the sdist by making it anew: it must be the one that goes out."""

from __future__ import annotations

import os
import subprocess

import pytest

pytest.importorskip("yaml")

from maintenance.release.checksums import write_checksums

from ..workflows.files import FORGE, workflow

# Takes the place of nox -s artefacts, whose directory is its last argument.
NOX = """\
#!/bin/sh
test "$1 $2 $3" = "-s artefacts --" || exit 9
mkdir -p "$4"
printf wheel > "$4/a.whl"
printf "{sdist}" > "$4/a.tar.gz"
"""


def script():
    jobs = workflow(FORGE / "workflows" / "release.yml")["jobs"]
    (found,) = (
        step["run"]
        for step in jobs["test"]["steps"]
        if "nox -s artefacts" in step.get("run", "")
    )
    return found


@pytest.fixture
def compare(tmp_path):
    """Run the step, for this sdist that was uploaded and the one that is made anew."""

    def run(uploaded, anew, keep=("a.whl", "a.tar.gz")):
        dist = tmp_path / "release" / "dist"
        dist.mkdir(parents=True)
        (tmp_path / "release" / "bill.json").write_text("{}", "utf-8")
        for name, text in (("a.whl", "wheel"), ("a.tar.gz", uploaded)):
            if name in keep:
                (dist / name).write_text(text, "utf-8")
        write_checksums(tmp_path / "release")
        nox = tmp_path / "bin" / "nox"
        nox.parent.mkdir()
        nox.write_text(NOX.format(sdist=anew), "utf-8")
        nox.chmod(0o755)
        path = f"{nox.parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            # As the forge runs a step.
            ["bash", "-e", "-c", script()],
            cwd=str(tmp_path),
            env={**os.environ, "PATH": path, "RUNNER_TEMP": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )

    return run


def test_the_same_files_pass(compare):
    done = compare("sdist", "sdist")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines() == ["dist/a.tar.gz: OK", "dist/a.whl: OK"]


def test_another_sdist_than_the_one_that_was_tested_does_not_go_out(compare):
    done = compare("sdist", "another")
    assert done.returncode != 0
    assert "dist/a.tar.gz: FAILED" in done.stdout


def test_no_checksum_is_no_consent(compare):
    assert compare("sdist", "sdist", keep=()).returncode != 0
