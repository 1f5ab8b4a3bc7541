"""Where epplib is missing, or imported too early. Needs no epplib itself, mostly."""

from __future__ import annotations

import subprocess
import sys

import pytest

INSTALL = "pip install git+https://github.com/cisagov/epplib"

LOADED = "from geventconnpool_ext.epp.epplib_namespaces import use_ietf_namespaces\n"

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {!r}:
            raise ModuleNotFoundError("blocked by the test", name=name)

sys.meta_path.insert(0, Blocked())
"""


def run(program, without=None):
    """How an interpreter of its own ends, in which a package can be missing."""
    return subprocess.run(
        [sys.executable, "-c", (BLOCKED.format(without) if without else "") + program],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import geventconnpool_ext.epp.epplib",
        "from geventconnpool_ext.epp.epplib import EpplibPool",
        LOADED + "use_ietf_namespaces()",
    ],
)
def test_without_epplib_the_error_says_how_to_install_it(statement):
    finished = run(statement, without="epplib")
    assert finished.returncode == 1
    last = finished.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError:")
    assert INSTALL in last


def test_what_epplib_itself_misses_is_named():
    pytest.importorskip("epplib")
    finished = run("import geventconnpool_ext.epp.epplib", without="dateutil")
    assert finished.returncode == 1
    assert finished.stderr.strip().endswith("ModuleNotFoundError: blocked by the test")
    assert INSTALL not in finished.stderr


def test_epp_imports_no_epplib():
    """Nor does the module of the namespaces, before it is asked to."""
    finished = run(
        "import geventconnpool_ext.epp\n"
        "import geventconnpool_ext.epp.epplib_namespaces\n"
        "import sys\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'epplib'])"
    )
    assert finished.stdout.strip() == "[]", finished.stderr


@pytest.mark.parametrize(
    "early", ["import epplib.commands", "import geventconnpool_ext.epp.epplib"]
)
def test_namespaces_too_late_are_an_error(early):
    pytest.importorskip("epplib")
    finished = run("{}\n{}use_ietf_namespaces()".format(early, LOADED))
    assert finished.returncode == 1
    last = finished.stderr.strip().splitlines()[-1]
    assert last.startswith("RuntimeError: use_ietf_namespaces() must be called before")
    assert "epplib." in last


@pytest.mark.parametrize(
    "early", ["", "import epplib", "import epplib.constants", "use_ietf_namespaces()"]
)
def test_namespaces_in_time_are_no_error_and_may_be_set_again(early):
    pytest.importorskip("epplib")
    finished = run(
        LOADED
        + early
        + "\nuse_ietf_namespaces()\n"
        + "import geventconnpool_ext.epp.epplib\n"
        + "use_ietf_namespaces()\n"
        + "from epplib.commands import CheckDomain\n"
        + "print(CheckDomain(['a.example']).xml().decode())"
    )
    assert finished.returncode == 0, finished.stderr
    assert '"urn:ietf:params:xml:ns:domain-1.0"' in finished.stdout
    assert "nic.cz" not in finished.stdout


def test_without_them_epplib_keeps_its_own():
    """For the registry that it was written for."""
    pytest.importorskip("epplib")
    finished = run(
        "import geventconnpool_ext.epp.epplib\n"
        "from geventconnpool_ext.epp.requests import classify\n"
        "from epplib.commands import CheckDomain\n"
        "print(CheckDomain(['a.example']).xml().decode())\n"
        "print(classify(CheckDomain(['a.example'])))"
    )
    assert finished.returncode == 0, finished.stderr
    assert "http://www.nic.cz/xml/epp/domain-1.4" in finished.stdout
    assert finished.stdout.endswith("domain check\n")
