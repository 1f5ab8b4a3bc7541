"""Risk: the workflow that watches gevent calls what is not there any more.

What is unsafe in a workflow is zizmor's to find, in the session ``lint``.
"""

from __future__ import annotations

import re
import subprocess
import sys

from .made import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "compat.yml").read_text("utf-8")


def help_of(module):
    finished = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return finished.stdout


def test_every_nox_session_that_it_runs_exists():
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    sessions = re.findall(r"nox -s ([\w-]+)", WORKFLOW)
    assert len(sessions) >= 2
    for session in sessions:
        assert "\ndef {}(session: nox.Session)".format(session) in noxfile


def test_the_matrix_knows_every_option_that_it_gives():
    known = help_of("maintenance.compat")
    told = re.findall(r"nox -s compat -- (.*)", WORKFLOW)
    told += re.findall(r"'(--[^']*)'", WORKFLOW)
    options = set(re.findall(r"--[a-z-]+", " ".join(told)))
    assert {"--refresh", "--new", "--force", "--master", "--watch-report"} <= options
    for option in options:
        assert re.search(re.escape(option) + r"\b", known), option


def test_only_files_that_are_rendered_or_recorded_reach_a_pull_request():
    included = re.findall(r"--include='?([^' ]+)", WORKFLOW)
    assert included == [
        "compat/*.json",
        "docs/compatibility.*",
        "README.md",
        "geventconnpool_ext/compatibility.json",
    ]


def test_a_job_that_runs_code_of_the_day_may_not_write():
    jobs = re.split(r"^  (?=\w+:$)", WORKFLOW.partition("\njobs:\n")[2], flags=re.M)[1:]
    assert [job.partition(":")[0] for job in jobs] == [
        "releases",
        "master",
        "propose",
        "report",
    ]
    for job in jobs:
        runs_code = "nox" in job or "pip install" in job
        writes = ": write" in job
        assert runs_code != writes, job
        assert not runs_code or "github.token" not in job
