"""What importing a part brings along, each tried in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError("blocked by the test: " + name, name=name)

sys.meta_path.insert(0, Blocked())
"""


def run(program, *, without=()):
    """What a fresh interpreter prints, in which some packages can't be imported."""
    blocked = BLOCKED.format(names=set(without)) if without else ""
    finished = subprocess.run(
        [sys.executable, "-c", blocked + program],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.split()


def loaded_by(statement):
    return run(statement + "\nimport sys\nprint(*sys.modules)")


def test_the_core_imports_where_gevent_is_all_there_is():
    names = {"lxml", "rich", "trustme", "pytest", "cryptography", "typing_extensions"}
    assert run("import geventconnpool_ext; print('imported')", without=names) == [
        "imported"
    ]


@pytest.mark.parametrize("part", ["epp", "contrib", "testing", "cli"])
def test_the_core_does_not_load_a_part_nobody_asked_for(part):
    loaded = loaded_by("import geventconnpool_ext")
    assert "geventconnpool_ext" in loaded
    unasked = "geventconnpool_ext." + part
    assert [m for m in loaded if (m + ".").startswith(unasked + ".")] == []


@pytest.mark.parametrize("package", ["lxml", "rich", "trustme", "pytest"])
def test_the_core_does_not_load_what_an_extra_brings(package):
    assert package not in loaded_by("import geventconnpool_ext")


def test_the_core_patches_nothing():
    assert run(
        "import geventconnpool_ext, gevent.monkey\n"
        "print(gevent.monkey.is_module_patched('socket'))"
    ) == ["False"]


@pytest.mark.parametrize("part", ["testing", "cli"])
def test_epp_loads_neither_the_registry_nor_the_command_line(part):
    pytest.importorskip("lxml")
    loaded = loaded_by("import geventconnpool_ext.epp")
    unasked = "geventconnpool_ext." + part
    assert [m for m in loaded if (m + ".").startswith(unasked + ".")] == []
