"""Risk: ``nox`` runs less than the pages say, depending on what Python it runs on."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys

import pytest

from .files import ROOT, default_sessions

# What the sessions are when the interpreters are these, and nox runs on that one. Their
# paths are not looked at before a session is run.
DEFINED = """
import json, sys
from maintenance import interpreters
found, main = json.loads(sys.argv[1])
there = {tuple(version): "python{}.{}".format(*version) for version in found}
interpreters.find = lambda versions, with_venv: there
from maintenance import environments
environments.MAIN = tuple(main)
import noxfile
from nox.registry import get
sessions = get()
print(json.dumps({name: session.python for name, session in sessions.items()}))
"""


def epplib_sessions(found, main):
    """The Python of each session of epplib, by the session's name."""
    finished = subprocess.run(
        [sys.executable, "-c", DEFINED, json.dumps([found, main])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    sessions = json.loads(finished.stdout)
    return {name: p for name, p in sessions.items() if name.startswith("epplib")}


@pytest.mark.parametrize("main", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_epplib_runs_on_both_pythons_whichever_runs_nox(main):
    found = [(3, minor) for minor in range(8, 16)]
    both = {"epplib": "python3.11", "epplib-3.13": "python3.13"}
    assert epplib_sessions(found, main) == both


@pytest.mark.parametrize(
    ("found", "python"),
    [
        ([(3, 11), (3, 14)], "python3.11"),
        ([(3, 8), (3, 13)], "python3.13"),
        ([(3, 12)], "python3.12"),
    ],
)
def test_epplib_runs_on_one_python_where_the_other_is_not_found(found, python):
    assert epplib_sessions(found, found[-1]) == {"epplib": python}


def test_the_workflow_that_runs_epplib_has_both_pythons():
    text = (ROOT / ".github" / "workflows" / "weekly.yml").read_text("utf-8")
    assert "- epplib\n" in text
    (listed,) = re.findall(r"python-version: \|\n((?: +3\.\d+\n)+)", text)
    assert {"3.11", "3.13"} <= set(listed.split())


def test_the_noxfile_and_the_page_for_contributors_name_what_runs_by_default():
    source = (ROOT / "noxfile.py").read_text("utf-8")
    said = re.search(r"``nox`` runs (.*?)\.\s", ast.get_docstring(ast.parse(source)))
    assert set(re.split(r", | and ", said[1])) == default_sessions()
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = page.partition("| session | what it does |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.M)) == default_sessions()
