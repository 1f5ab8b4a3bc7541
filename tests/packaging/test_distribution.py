"""What is shipped: the wheel holds the package alone, the sdist also its tests."""

from __future__ import annotations

import configparser
import io
import subprocess
from pathlib import Path

import pytest

from .conftest import BUILT

ROOT = Path(__file__).resolve().parents[2]
DIST_INFO = ".dist-info/"


def dist_info(wheel, name):
    (content,) = (wheel[path] for path in wheel if path.endswith(DIST_INFO + name))
    return content.decode()


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


def test_the_wheel_knows_which_gevents_were_tested(wheel):
    name = "geventconnpool_ext/compatibility.json"
    assert wheel[name] == (ROOT / name).read_bytes()


def test_the_wheel_carries_the_licence_by_its_spdx_name(wheel, metadata):
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    for name in ("LICENSE", "NOTICE"):
        assert dist_info(wheel, "licenses/" + name) == (ROOT / name).read_text("utf-8")
    assert not [c for c in metadata.get_all("Classifier") if c.startswith("License")]


def test_the_notice_names_where_the_interface_comes_from(wheel):
    notice = dist_info(wheel, "licenses/NOTICE")
    assert "geventconnpool, copyright (c) Giovanni Bajo, MIT License" in notice


def test_the_licence_is_the_plain_text_that_tools_know(wheel):
    # A word more in it, and they call it another licence, or none.
    paragraphs = dist_info(wheel, "licenses/LICENSE").split("\n\n")
    begins = [" ".join(text.split()[:2]) for text in paragraphs]
    assert begins == [
        "MIT License",
        "Copyright (c)",
        "Permission is",
        "The above",
        "THE SOFTWARE",
    ]


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


def test_the_sdist_has_what_is_needed_to_run_the_tests(sdist):
    here = Path(__file__).relative_to(ROOT).as_posix()
    wanted = {here, "noxfile.py", "pyproject.toml", "LICENSE"}
    wanted.add("tests/constraints-oldest.txt")
    wanted |= {"docs/monitoring/alerts.yml", "docs/monitoring/dashboard.json"}
    assert wanted - sdist == set()


def test_the_sdist_has_what_git_has_and_nothing_else(sdist):
    command = ["git", "ls-files"]
    if BUILT is None:
        # What is being written may be there before it is added.
        command += ["--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("no git checkout: there is nothing to compare with")
    names = {name for name in listed.stdout.decode().splitlines() if exists(name)}
    assert sdist - names == {"PKG-INFO"}, "built of a checkout with strange files"
    assert names - sdist == set(), "name them in pyproject.toml, for sdist"


def exists(name):
    return (ROOT / name).exists()
