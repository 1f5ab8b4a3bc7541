"""gevent's development branch, tried from a repository: real git, real uv, real tox.

The branch is a made-up one, whose gevent builds in no time and needs no index.
"""

from __future__ import annotations

import json
import subprocess

import pytest

from .conftest import HERE, PYTHON, name_of, release

pytestmark = pytest.mark.timeout(110)

NAME = "py{}{}-master".format(*HERE)

# A build backend of its own, which writes the one module there is.
BACKEND = """
import zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    namespace = {}
    exec(open("gevent.py").read(), namespace)
    version = namespace["__version__"]
    name = f"gevent-{version}-py3-none-any.whl"
    info = f"gevent-{version}.dist-info/"
    with zipfile.ZipFile(directory + "/" + name, "w") as wheel:
        wheel.write("gevent.py")
        wheel.writestr(
            info + "METADATA",
            f"Metadata-Version: 2.1\\nName: gevent\\nVersion: {version}\\n",
        )
        wheel.writestr(
            info + "WHEEL",
            "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        )
        wheel.writestr(info + "RECORD", "")
    return name
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

# The branch's gevent, as the cell finds it installed, is what it reports.
SUITE = """
import json, os, sys, gevent
report = {"python_version": sys.version.split()[0], "gevent": gevent.__version__,
          "greenlet": None, "stage": "suite", "tail": [],
          "loops": [{"loop": "libev-cext", "passed": 1, "failed": 0,
                     "outcome": "pass", "tail": []}]}
json.dump(report, open(os.environ["GEVENTCONNPOOL_EXT_CELL_REPORT"], "w"))
"""


@pytest.fixture
def repository(tmp_path):
    """Commits a gevent of a version; returns the repository."""
    path = tmp_path / "repository"
    path.mkdir()

    def git(*arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(path), *identity, *arguments], check=True)

    git("init", "-q")
    (path / "pyproject.toml").write_text(PYPROJECT)

    def commit(version, backend=BACKEND):
        (path / "gevent.py").write_text(f'__version__ = "{version}"\n')
        (path / "backend.py").write_text(backend)
        git("add", ".")
        git("commit", "-q", "-m", f"Be {version}")
        return path

    return commit


@pytest.fixture
def branched(tree):
    """A tree that has a release and can run the branch's cell."""
    tree.has(release("2.0", PYTHON))
    tree.write("compat/suite/run.py", SUITE)
    name = name_of("3.1.dev0")
    tree.write(
        "tox.toml",
        (tree.root / "tox.toml")
        .read_text()
        .replace("env_list = [", f'env_list = ["{name}", ')
        .replace('package = "skip"', 'package = "skip"\ndeps = ["gevent==3.1.dev0"]'),
    )
    return tree


def test_the_branch_is_built_and_its_record_stands_apart(branched, repository):
    path = repository("3.1.dev0")
    done = branched.run("--master", str(path))
    assert done.returncode == 0, done.stdout
    content = json.loads(branched.results.read_text())
    assert list(content["master"]) == [NAME]
    record = content["master"][NAME]
    assert (record["gevent"], record["outcome"]) == ("master", "pass")
    assert record["artefact"]["filename"] == "gevent-3.1.dev0-py3-none-any.whl"
    head = subprocess.check_output(["git", "-C", str(path), "rev-parse", "HEAD"])
    assert record["artefact"]["commit"] == head.decode().strip()
    assert content["cells"] == {}


def test_a_branch_that_does_not_build_is_a_build_failure(branched, repository):
    path = repository("3.1.dev0", backend="raise SystemExit('no compiler')")
    done = branched.run(
        "--master", str(path), "--watch-report", str(branched.root / "report.md")
    )
    assert done.returncode == 1, done.stdout
    record = json.loads(branched.results.read_text())["master"][NAME]
    assert record["outcome"] == "build-failure"
    assert "no compiler" in "\n".join(record["tail"])
    report = (branched.root / "report.md").read_text()
    assert f"## {NAME}: build-failure instead of pass" in report
    assert "`tox run" not in report


def test_a_branch_at_a_release_is_not_mistaken_for_it(branched, repository):
    done = branched.run("--master", str(repository("2.0")))
    assert done.returncode == 2
    assert "the branch is at 2.0, which is released: run --release 2.0" in done.stdout


def test_a_repository_that_is_not_there_is_told(branched):
    done = branched.run("--master", str(branched.root / "nothing"))
    assert done.returncode == 2
    assert "git clone" in done.stdout
