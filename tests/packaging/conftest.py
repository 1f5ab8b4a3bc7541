"""What is shipped: built once for all tests, or taken as it was built before.

GEVENTCONNPOOL_EXT_ARTEFACTS names a directory that holds both: ``nox -s artefacts``
judges the very files that would be uploaded.
"""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = os.environ.get("GEVENTCONNPOOL_EXT_ARTEFACTS")


def archive(target, directory):
    pattern = {"wheel": "*.whl", "sdist": "*.tar.gz"}[target]
    if BUILT is None:
        for needed in ("hatchling", "hatch_fancy_pypi_readme"):
            pytest.importorskip(needed, reason="builds what is looked at here")
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d"]
        subprocess.run(
            [*command, str(directory)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            timeout=60,
        )
    (found,) = Path(BUILT or directory).glob(pattern)
    return found


@pytest.fixture(scope="package")
def wheel(tmp_path_factory):
    """The files of the wheel."""
    path = archive("wheel", tmp_path_factory.mktemp("wheel"))
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="package")
def sdist(tmp_path_factory):
    """The names in the sdist."""
    path = archive("sdist", tmp_path_factory.mktemp("sdist"))
    with tarfile.open(path) as file:
        return {name.partition("/")[2] for name in file.getnames()}


@pytest.fixture
def metadata(wheel):
    """The wheel's METADATA."""
    (text,) = (wheel[name] for name in wheel if name.endswith(".dist-info/METADATA"))
    return email.message_from_string(text.decode("utf-8"))
