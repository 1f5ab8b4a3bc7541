"""What is unfit to be published is found, whatever is wrong with it."""

from __future__ import annotations

import re
import shutil
import sys
import zipfile

import pytest

# The dependency group artefacts has them.
pytest.importorskip("build")
pytest.importorskip("check_wheel_contents")
pytest.importorskip("twine")

from maintenance.artefacts.__main__ import main
from maintenance.artefacts.building import build, differences, require_same
from maintenance.artefacts.errors import ArtefactError
from maintenance.artefacts.installing import install_and_try
from maintenance.artefacts.judging import check_metadata

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "made-up"
version = "1.0"
description = "A project for a test"
readme = "README.md"

[project.optional-dependencies]
some = []
"""
# Builds what is another file every time.
CLOCK = """
[tool.hatch.build.hooks.custom]
"""
HOOK = """\
import time
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Clock(BuildHookInterface):
    def initialize(self, version, build_data):
        path = Path(self.directory) / "clock.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("NOW = %d" % time.time_ns())
        build_data["force_include"][str(path)] = "made_up/clock.py"
"""


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    (root / "made_up").mkdir(parents=True)
    (root / "made_up" / "__init__.py").write_text("HERE = True\n")
    (root / "README.md").write_text("# Made up\n")
    (root / "pyproject.toml").write_text(PYPROJECT)
    return root


def test_two_builds_are_the_same_whatever_umask_time_zone_and_hashes(project, tmp_path):
    made = build(project, tmp_path / "out")
    assert made.wheel.name.startswith("made_up-1.0-")
    require_same(project, made)


def test_a_build_that_depends_on_the_time_is_refused(project, tmp_path):
    (project / "pyproject.toml").write_text(PYPROJECT + CLOCK)
    (project / "hatch_build.py").write_text(HOOK)
    made = build(project, tmp_path / "out")
    with pytest.raises(ArtefactError, match=r"clock\.py: its content"):
        require_same(project, made)


def test_a_wheel_of_the_tree_that_is_none_of_the_sdist_is_refused(project, tmp_path):
    (project / "made_up" / "extra.py").write_text("")
    settings = '\n[tool.hatch.build.targets.sdist]\nexclude = ["extra.py"]\n'
    (project / "pyproject.toml").write_text(PYPROJECT + settings)
    made = build(project, tmp_path / "out")
    with pytest.raises(ArtefactError, match=r"extra\.py: in one of them alone"):
        require_same(project, made)


def test_stale_artefacts_do_not_stay_beside_new_ones(project, tmp_path):
    build(project, tmp_path / "out")
    (project / "pyproject.toml").write_text(PYPROJECT.replace('"1.0"', '"1.1"'))
    made = build(project, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    # hatchling keeps git from its directory.
    assert names - {".gitignore"} == {made.sdist.name, made.wheel.name}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"content": b"other"}, "a.py: its content"),
        ({"mode": 0o755}, "a.py: its mode, 100644 and 100755"),
        ({"time": (2026, 1, 1, 0, 0, 0)}, "a.py: its time"),
        ({"name": "b.py"}, "b.py: in one of them alone"),
        ({"packed": zipfile.ZIP_STORED}, "the archive itself"),
        ({"name": "first"}, "a.py: in one of them alone"),
    ],
)
def test_what_differs_between_two_archives_is_named(change, said, tmp_path):
    one, other = tmp_path / "1" / "x.whl", tmp_path / "2" / "x.whl"
    pack(one)
    pack(other, **change)
    found = differences(one, other)
    assert any(said in line for line in found), found
    shutil.copy(one, other)
    assert differences(one, other) == []


def pack(
    path,
    *,
    name="a.py",
    content=b"content" * 99,
    mode=0o644,
    time=(2020, 2, 2, 0, 0, 0),
    packed=zipfile.ZIP_DEFLATED,
):
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", packed) as file:
        entry = zipfile.ZipInfo(name, time)
        entry.external_attr = (0o100000 | mode) << 16
        entry.compress_type = packed
        file.writestr(entry, content)


def test_metadata_that_the_index_would_not_show_are_refused(project, tmp_path):
    check_metadata(project, build(project, tmp_path / "good"))
    text = PYPROJECT.replace('readme = "README.md"\n', "")
    (project / "pyproject.toml").write_text(text)
    made = build(project, tmp_path / "bad")
    with pytest.raises(ArtefactError, match="`long_description` missing"):
        check_metadata(project, made)


def test_a_wheel_that_brings_its_tests_along_is_refused(project, tmp_path):
    settings = """
[tool.hatch.build.targets.wheel]
packages = ["made_up", "tests"]

[tool.check-wheel-contents]
toplevel = ["made_up"]
"""
    (project / "tests").mkdir()
    (project / "tests" / "test_it.py").write_text("HERE = 1\n")
    (project / "pyproject.toml").write_text(PYPROJECT + settings)
    made = build(project, tmp_path / "out")
    with pytest.raises(ArtefactError, match=r"W005|W202"):
        check_metadata(project, made)


@pytest.mark.slow
def test_a_package_that_cannot_be_used_where_it_is_installed_is_refused(
    project, tmp_path
):
    made = build(project, tmp_path / "out")
    # Nothing requires gevent here, so nothing brings it.
    with pytest.raises(ArtefactError, match="No module named 'gevent'"):
        install_and_try(sys.executable, made.wheel, "", "1.0")


def test_a_step_that_fails_ends_it_and_is_named(project, tmp_path, capsys):
    (project / "pyproject.toml").write_text(PYPROJECT.replace("hatchling", "no_such"))
    status = main([str(tmp_path / "out"), "--project", str(project)])
    said = capsys.readouterr()
    assert status == 1
    assert said.out == "build ... FAILED\n"
    assert re.match("error: .* -m build .*ended with status 1:", said.err, re.S)
    assert "no_such" in said.err
