"""Risk: gevent breaks us, the workflow is red, and no issue says so.

The script of the job ``report`` is run as it stands, with a ``gh`` that only notes
what it is asked.
"""

from __future__ import annotations

import os
import subprocess

import pytest

from .files import FORGE, workflow

COMPAT = workflow(FORGE / "workflows" / "compat.yml")
(SCRIPT,) = (step["run"] for step in COMPAT["jobs"]["report"]["steps"] if "run" in step)
GH = """#!/bin/sh
case "$1 $2" in
"issue list") cat "$OPEN" ;;
"issue create") echo "$4" >> "$CREATED"; test -f "$6" ;;
*) exit 1 ;;
esac
"""


@pytest.fixture
def report(tmp_path):
    """``report(reports, already=[])``: the status, and the titles of new issues.

    *reports* are the first lines of reports, by the path where each lies.
    """

    def run(reports, already=()):
        red, created = tmp_path / "red", tmp_path / "created"
        red.mkdir()
        for path, line in reports.items():
            (red / path).parent.mkdir(exist_ok=True)
            (red / path).write_text(f"# {line}\n\nThe details.\n", "utf-8")
        command = tmp_path / "bin" / "gh"
        command.parent.mkdir()
        command.write_text(GH, "utf-8")
        command.chmod(0o755)
        opened = tmp_path / "open"
        opened.write_text("".join(f"{title}\n" for title in already), "utf-8")
        created.touch()
        variables = {
            "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]]),
            "RUNNER_TEMP": str(tmp_path),
            "OPEN": str(opened),
            "CREATED": str(created),
        }
        # As a runner calls it where no shell is named.
        finished = subprocess.run(
            ["bash", "-e", "-c", SCRIPT],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            timeout=20,
        )
        return finished.returncode, sorted(created.read_text("utf-8").splitlines())

    return run


def test_one_report_alone_lies_in_the_directory_itself(report):
    assert report({"report.md": "gevent 27 is red"}) == (0, ["gevent 27 is red"])


def test_two_reports_lie_in_a_directory_each(report):
    reports = {
        "red-releases/report.md": "gevent 27 is red",
        "red-master/report.md": "gevent's master is red",
    }
    assert report(reports) == (0, ["gevent 27 is red", "gevent's master is red"])


def test_what_is_reported_already_is_not_reported_again(report):
    reports = {"red-releases/report.md": "A", "red-master/report.md": "B"}
    assert report(reports, already=["A"]) == (0, ["B"])


def test_no_report_is_a_failure_of_the_job(report):
    status, created = report({})
    assert status != 0
    assert created == []
