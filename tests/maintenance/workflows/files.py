"""The workflows and what stands beside them, read as the forge reads them."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
FORGE = ROOT / ".github"
PATHS = sorted((FORGE / "workflows").glob("*.yml"))


@lru_cache(maxsize=None)
def workflow(path):
    """A workflow. YAML takes its key ``on`` for a truth value."""
    content = yaml.safe_load(path.read_text("utf-8"))
    content["on"] = content.pop(True)
    return content


def jobs():
    """``file/job`` and the job, of all workflows."""
    for path in PATHS:
        for name, job in workflow(path)["jobs"].items():
            yield f"{path.stem}/{name}", job


def steps():
    """``file/job`` and the step, of all workflows."""
    for name, job in jobs():
        for step in job["steps"]:
            yield name, step


def scripts(job):
    """The lines that a job runs."""
    text = "\n".join(step["run"] for step in job["steps"] if "run" in step)
    return text.replace("\\\n", " ").splitlines()


@lru_cache(maxsize=None)
def listed():
    """``*`` or ``-`` and the name of each session: is it run by ``nox`` alone?"""
    finished = subprocess.run(
        [sys.executable, "-m", "nox", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return re.findall(r"^([*-]) (\S+)", finished.stdout, re.M)


def sessions():
    """The names of all sessions of the noxfile that can be defined on this machine."""
    return {name for _, name in listed()}


def default_sessions():
    """The names of those that are run where none is named."""
    return {name for sign, name in listed() if sign == "*"}


def called(job):
    """The names of the sessions that a job runs, with what the matrix puts in."""
    for line in scripts(job):
        if line.strip() == "nox":
            yield from default_sessions()
        for words in re.findall(r"\bnox -s (.*)", line):
            for word in words.split(" -- ")[0].replace('"', "").split():
                if word == "${sessions[@]}":
                    for several in job["strategy"]["matrix"]["sessions"]:
                        yield from several.split()
                else:
                    yield word.rstrip(")")
