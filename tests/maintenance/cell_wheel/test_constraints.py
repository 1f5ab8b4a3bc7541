from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from maintenance.cell_wheel import Cell, constraint_for
from maintenance.cell_wheel.constraints import DIRECTORY, era_of, read_eras

ROOT = Path(__file__).resolve().parents[3]
RELEASES = json.loads((ROOT / "compat" / "releases.json").read_text("utf-8"))[
    "releases"
]


@pytest.fixture
def root(tmp_path):
    """A root of its own with the real constraints."""
    shutil.copytree(ROOT / DIRECTORY, tmp_path / DIRECTORY)
    return tmp_path


def add(root, text):
    with (root / DIRECTORY / "eras.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[era]]\n" + text)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release["version"])
def test_every_cell_with_a_wheel_has_one_era_and_is_not_built(release):
    for python in release["wheels"]:
        if tuple(map(int, python.split("."))) >= (3, 6):
            era = era_of(ROOT, release["version"], python)
            assert era.file.is_file()
            assert not era.source


def test_a_release_without_a_wheel_is_built_on_3_6():
    built = [
        release["version"]
        for release in RELEASES
        if release["sdist"]
        and not release["wheels"]
        and not release["predates_python3"]
    ]
    assert len(built) == 19
    for version in built:
        assert era_of(ROOT, version, "3.6").source
    assert era_of(ROOT, "1.3.2", "3.7").source


def test_every_constraint_file_is_of_an_era():
    used = {era.file.name for era in read_eras(ROOT)}
    assert used == {path.name for path in (ROOT / DIRECTORY).glob("*.txt")}


def test_what_greenlet_a_cell_may_have_is_told_by_its_file():
    assert constraint_for(ROOT, "26.9.0", "3.11").name == "any.txt"
    assert "greenlet<2" in constraint_for(ROOT, "1.4.0", "3.6").read_text()
    assert "greenlet<0.4.17" in constraint_for(ROOT, "1.4.0", "3.7").read_text()
    assert "greenlet<0.4.14" in constraint_for(ROOT, "1.3.4", "3.7").read_text()
    assert "greenlet==0.4.16" in constraint_for(ROOT, "20.6.2", "3.9").read_text()


def test_two_eras_that_hold_a_cell_are_an_error(root):
    add(root, 'file = "any.txt"\ngevent = "==26.9.0"\npython = ["3.11", "3.12"]\n')
    with pytest.raises(ValueError, match=r"26\.9\.0 on Python 3\.11.*these hold it"):
        era_of(root, "26.9.0", "3.11")
    assert era_of(root, "26.9.0", "3.13").file.name == "any.txt"


def test_a_cell_in_no_era_is_an_error():
    with pytest.raises(ValueError, match=r"1\.1\.2 on Python 3\.8.*none holds it"):
        era_of(ROOT, "1.1.2", "3.8")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('file = "no.txt"\ngevent = "==1"\npython = ["3.6", "3.6"]', "no such"),
        ('file = "any.txt"\ngevent = "26"\npython = ["3.6", "3.6"]', "gevent: "),
        ('file = "any.txt"\ngevent = "==1"\npython = ["3.7", "3.6"]', "first"),
        ('file = "any.txt"\ngevent = "==1"\npython = ["37", "38"]', "'37'"),
        ('file = "any.txt"\ngevent = "==1"', "missing {'python'}"),
        (
            'file = "any.txt"\ngevent = "==1"\npython = ["3.6", "3.6"]\nx = 1',
            "unknown {'x'}",
        ),
    ],
)
def test_an_era_that_says_nothing_clear_is_an_error(root, text, problem):
    add(root, text + "\n")
    with pytest.raises(ValueError, match=problem):
        read_eras(root)


@pytest.mark.parametrize("name", ["py311", "gevent26_9_0", "py311-gevent26.9.0", ""])
def test_what_is_no_name_of_a_cell_says_how_one_looks(name):
    with pytest.raises(ValueError, match="py311-gevent26_9_0"):
        Cell.named(name)


@pytest.mark.parametrize("name", ["py36-gevent1_1a1", "py311-gevent23_9_0_post1"])
def test_a_cell_and_its_name_belong_together(name):
    assert Cell.named(name).name == name
