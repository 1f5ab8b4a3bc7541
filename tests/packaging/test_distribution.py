"""What is shipped: the wheel holds the package alone, the sdist also its tests."""

from __future__ import annotations

import configparser
import email
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST_INFO = ".dist-info/"

pytest.importorskip("hatchling", reason="hatchling builds what is looked at here")


def build(target, directory):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", directory],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (archive,) = directory.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    path = build("wheel", tmp_path_factory.mktemp("wheel"))
    with zipfile.ZipFile(path) as archive:
        yield {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    path = build("sdist", tmp_path_factory.mktemp("sdist"))
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def dist_info(wheel, name):
    (content,) = (wheel[path] for path in wheel if path.endswith(DIST_INFO + name))
    return content.decode()


@pytest.fixture
def metadata(wheel):
    return email.message_from_string(dist_info(wheel, "METADATA"))


def test_the_wheel_holds_nothing_but_the_package_and_its_metadata(wheel):
    strangers = {
        name
        for name in wheel
        if not name.startswith("geventconnpool_ext/") and DIST_INFO not in name
    }
    assert strangers == set()


def test_every_module_of_the_tree_is_in_the_wheel(wheel):
    tree = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "geventconnpool_ext").rglob("*.py")
    }
    assert tree
    assert tree - set(wheel) == set()


def test_the_wheel_tells_type_checkers_that_it_is_typed(wheel):
    assert "geventconnpool_ext/py.typed" in wheel


def test_the_wheel_carries_the_licence_by_its_spdx_name(wheel, metadata):
    assert metadata["License-Expression"] == "MIT"
    assert "Giovanni Bajo" in dist_info(wheel, "licenses/LICENSE")
    assert not [c for c in metadata.get_all("Classifier") if c.startswith("License")]


def test_the_wheel_has_the_version_that_the_package_states(metadata):
    import geventconnpool_ext

    assert metadata["Version"] == geventconnpool_ext.__version__


def test_the_core_requires_gevent_alone_and_without_an_upper_bound(metadata):
    requirements = metadata.get_all("Requires-Dist")
    assert [r for r in requirements if "extra ==" not in r] == ["gevent>=1.5"]
    assert metadata["Requires-Python"] == ">=3.8"


def test_each_extra_brings_what_its_part_imports(metadata):
    extras = {}
    for requirement in metadata.get_all("Requires-Dist"):
        name, marker, extra = requirement.partition("; extra == ")
        if marker:
            extras.setdefault(extra.strip("'\""), set()).add(name.partition(">")[0])
    assert extras["epp"] == {"lxml"}
    assert extras["cli"] == {"cryptography", "rich"}
    assert extras["plot"] == {"matplotlib"}
    assert extras["opentelemetry"] == {"opentelemetry-api"}
    assert extras["prometheus"] == {"prometheus-client"}
    assert extras["testing"] == {"lxml", "pytest", "trustme"}


def test_the_command_and_the_pytest_plugin_are_entry_points(wheel):
    parser = configparser.ConfigParser()
    parser.read_file(io.StringIO(dist_info(wheel, "entry_points.txt")))
    assert dict(parser["console_scripts"]) == {
        "geventconnpool-ext": "geventconnpool_ext.cli:main"
    }
    assert dict(parser["pytest11"]) == {
        "geventconnpool_ext": "geventconnpool_ext.testing.plugin"
    }


def test_the_readme_is_the_page_of_the_index(metadata):
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md yet")
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().strip() == readme.read_text("utf-8").strip()


def test_the_sdist_has_what_is_needed_to_run_the_tests(sdist):
    here = Path(__file__).relative_to(ROOT).as_posix()
    wanted = {here, "noxfile.py", "pyproject.toml", "LICENSE"}
    wanted.add("tests/constraints-oldest.txt")
    wanted |= {"docs/monitoring/alerts.yml", "docs/monitoring/dashboard.json"}
    assert wanted - sdist == set()
