"""What an installed package offers by name: a command, and fixtures for pytest."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

try:
    DISTRIBUTION = metadata.distribution("geventconnpool_ext")
except metadata.PackageNotFoundError:
    pytest.skip("entry points need the package installed", allow_module_level=True)


@pytest.mark.parametrize("group", ["console_scripts", "pytest11"])
def test_an_entry_point_names_something_that_exists(group):
    mine = [entry for entry in DISTRIBUTION.entry_points if entry.group == group]
    assert len(mine) == 1
    assert mine[0].load()


def test_a_project_that_installs_the_package_has_its_fixtures(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "--fixtures", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "epp_registry" in finished.stdout, finished.stderr
    assert "epp_pool" in finished.stdout


def test_the_command_explains_itself():
    command = Path(sys.executable).with_name("geventconnpool-ext")
    finished = subprocess.run(
        [str(command), "--help"], capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    assert "demo" in finished.stdout
