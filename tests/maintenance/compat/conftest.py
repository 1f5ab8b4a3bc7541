"""A small tree with a matrix of its own: real tox and real uv, tiny cells.

What a cell of it does is read from ``behaviour.json``, by the cell's name.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HERE = sys.version_info[:2]
PYTHON = "{}.{}".format(*HERE)
OTHER = (3, 8) if HERE != (3, 8) else (3, 9)

# Reports as the suite of a real cell does, with the outcome it is told to have.
SUITE = """
import json, os, signal, subprocess, sys, time
name = os.environ["TOX_ENV_NAME"]
said = json.load(open("behaviour.json")).get(name, "pass")
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
report = {"python_version": sys.version.split()[0], "gevent": name, "greenlet": "9.9",
          "stage": "suite", "tail": [], "loops": []}
loop = {"loop": "libev-cext", "passed": 5, "failed": 0, "skipped": 1, "tail": [],
        "outcome": "pass"}
if said in ("hang", "pass-and-leave"):
    child = subprocess.Popen(SLEEP, start_new_session=True)
    open(name + ".pid", "w").write(str(child.pid))
if said == "hang":
    time.sleep(600)
if said == "die":
    os.kill(os.getpid(), signal.SIGSEGV)
if said == "import":
    import a_module_that_no_one_has
if said == "mute":
    sys.exit(7)
if said in ("fail", "crash"):
    code = "assert 0, __file__" if said == "fail" else "import os; os.abort()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    loop["outcome"] = "crash" if done.returncode < 0 else "fail"
    loop["failed"] = 1
    loop["tail"] = ["/home/someone/project/test_it.py:3: it broke",
                    "ended by signal %d" % -done.returncode]
report["loops"].append(loop)
json.dump(report, open(os.environ["GEVENTCONNPOOL_EXT_CELL_REPORT"], "w"))
sys.exit(loop["outcome"] != "pass")
"""

TOX = """
min_version = "4.25"
env_list = [{names}]
[env_run_base]
package = "skip"
pass_env = ["GEVENTCONNPOOL_EXT_*"]
commands = [["python", "compat/suite/run.py"]]
{more}
"""

ERAS = """
[[era]]
file = "old.txt"
gevent = "<3"
python = ["3.6", "3.99"]

[[era]]
file = "new.txt"
gevent = ">=3"
python = ["3.6", "3.99"]
"""


def wheel(version, python=PYTHON):
    return {
        "filename": f"gevent-{version}-{python}.whl",
        "sha256": f"{version}{python}",
    }


def release(version, *pythons, **fields):
    """An entry of releases.json with wheels for *pythons*."""
    return {
        "version": version,
        "prerelease": False,
        "uploaded": "2020-01-02",
        "yanked": False,
        "yanked_reason": None,
        "requires_python": None,
        "wheels": {python: wheel(version, python) for python in pythons},
        "sdist": wheel(version, "sdist"),
        "predates_python3": False,
        **fields,
    }


def name_of(version, python=HERE):
    return "py{}{}-gevent{}".format(*python, version.replace(".", "_"))


class Tree:
    """The tree, and what tests do with it."""

    def __init__(self, root):
        self.root = root
        self.results = root / "compat" / "results.json"

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def has(self, *releases, tox=""):
        """Let the index have these releases."""
        content = {"refreshed": "2020-01-02", "releases": list(releases)}
        self.write("compat/releases.json", json.dumps(content))
        names = [
            name_of(entry["version"], tuple(map(int, python.split("."))))
            for entry in releases
            for python in entry["wheels"]
        ]
        quoted = ", ".join(f'"{name}"' for name in names)
        self.write("tox.toml", TOX.format(names=quoted, more=tox))

    def behave(self, **by_version):
        """Let the cells of these versions, 2.0 written as v2_0, do this."""
        said = {
            name_of(key[1:].replace("_", ".")): what for key, what in by_version.items()
        }
        self.write("behaviour.json", json.dumps(said))

    def matrix(self, pythons=None):
        from maintenance.compat.matrix import Matrix

        return Matrix(self.root, pythons or {HERE: sys.executable})

    def records(self):
        return json.loads(self.results.read_text("utf-8"))["cells"]

    def executed(self):
        """The outcomes of the cells that this Python can run."""
        from maintenance.compat.outcomes import EXECUTED

        return {
            record["gevent"]: record["outcome"]
            for record in self.records().values()
            if record["outcome"] in EXECUTED
        }

    def command(self, *arguments):
        """The command line, as nox runs it."""
        return [
            *(sys.executable, "-m", "maintenance.compat"),
            *("--root", str(self.root)),
            *arguments,
        ]

    def run(self, *arguments):
        """Run the command; its status and output."""
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
        )

    def environment(self):
        """One in which this interpreter is the only one of the matrix."""
        env = dict(os.environ, PYENV_ROOT=str(self.root / "no-pyenv"))
        env.pop("GEVENTCONNPOOL_EXT_PYTHONS", None)
        # Without pyenv's shims, each of which takes a while to lead nowhere.
        # The real one first: uv passes over the environment that the tests run in.
        places = [os.path.realpath(sys.executable), sys.executable]
        env["PATH"] = os.pathsep.join([*map(os.path.dirname, places), "/usr/bin"])
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        return env


@pytest.fixture
def tree(tmp_path):
    """A tree with no release yet."""
    return make_tree(tmp_path)


def make_tree(root):
    made = Tree(root)
    made.write("geventconnpool_ext/__init__.py", '__version__ = "7.7"\n')
    made.write("geventconnpool_ext/cli/__init__.py", "")
    made.write("toxfile.py", "")
    made.write("behaviour.json", "{}")
    made.write("compat/suite/run.py", SUITE)
    made.write("compat/suite/suite.toml", 'files = ["compat/suite/run.py"]\n')
    made.write("compat/suite/requirements.txt", "")
    made.write("toxfile.py", "")
    made.write("compat/constraints/eras.toml", ERAS)
    made.write("compat/constraints/old.txt", "greenlet<2\n")
    made.write("compat/constraints/new.txt", "")
    return made


@pytest.fixture
def wait_for_end():
    """Wait until a process is gone; fail if it is still there after 5 s."""

    def wait(pid):
        deadline = time.monotonic() + 5
        while is_running(pid):
            assert time.monotonic() < deadline, f"process {pid} still runs"
            time.sleep(0.02)

    return wait


def is_running(pid):
    try:
        # A zombie that no one has asked for has ended all the same.
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def leftover():
    """Ends, after the test, the processes whose ids the test adds."""
    pids = []
    yield pids
    for pid in pids:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)
