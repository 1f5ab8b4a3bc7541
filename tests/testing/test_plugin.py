from __future__ import annotations

import os
import subprocess
import sys

import pytest

import geventconnpool_ext

ROOT = os.path.dirname(os.path.dirname(geventconnpool_ext.__file__))

LOOK = """
import sys
import pytest
import geventconnpool_ext
before = set(sys.modules)
import geventconnpool_ext.testing.plugin
print(sorted(
    name for name in set(sys.modules) - before
    if name.partition(".")[0] in ("gevent", "lxml", "trustme", "cryptography", "ssl")
    or name.startswith("geventconnpool_ext.") and name.count(".") > 1
))
"""

SUITE = """
from geventconnpool_ext.testing import Fault

def test_registry(epp_registry):
    assert epp_registry.running
    assert epp_registry.port
    epp_registry.registry.faults.next(Fault.garbage)

def test_another_gets_a_fresh_one(epp_registry):
    assert epp_registry.registry.faults.pending == 0
"""


def run(*arguments, **options):
    environment = dict(os.environ, PYTHONPATH=ROOT)
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        **options,
    )


def run_suite(directory):
    """Run the tests in *directory*, with the plugin named, installed or not."""
    return run(
        "-m",
        "pytest",
        "-q",
        # Installed, it would be there twice.
        "-p",
        "no:geventconnpool_ext",
        "-p",
        "geventconnpool_ext.testing.plugin",
        "-p",
        "no:cacheprovider",
        str(directory),
        cwd=str(directory),
    )


def test_the_plugin_brings_nothing_heavy_before_a_fixture_is_used():
    done = run("-c", LOOK)
    assert done.stdout == "['geventconnpool_ext.testing.plugin']\n"


def test_its_fixture_gives_each_test_a_registry_of_its_own(tmp_path):
    (tmp_path / "test_user.py").write_text(SUITE)
    done = run_suite(tmp_path)
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("missing", "module"),
    [("trustme", "Certificates"), ("lxml", "Registry")],
)
def test_a_missing_dependency_is_named_with_the_extra_that_brings_it(missing, module):
    program = (
        "import sys; sys.modules[{!r}] = None\n"
        "from geventconnpool_ext.testing import {}\n"
        "Certificates()"
    ).format(missing, module)
    done = run("-c", program)
    assert done.returncode == 1
    assert "ImportError" in done.stdout
    assert 'pip install "geventconnpool_ext[testing]"' in done.stdout


POOL = """
def test_pool(epp_pool, epp_registry):
    assert epp_pool.send(b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><command>'
        b'<poll op="req"/></command></epp>').code == 1300
    assert epp_registry.registry.counters().most_sessions <= 2
"""


def test_its_pool_is_logged_in_at_its_registry(tmp_path):
    (tmp_path / "test_user.py").write_text(POOL)
    done = run_suite(tmp_path)
    assert "1 passed" in done.stdout, done.stdout
