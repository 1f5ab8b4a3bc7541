"""What other people's tools and our own tests say of the artefacts."""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path
from typing import Sequence

from .building import Artefacts
from .installing import fresh_environment
from .running import run

__all__ = ["check_metadata", "run_tests"]

# The variable by which tests/packaging/conftest.py takes what is built already.
_BUILT = "GEVENTCONNPOOL_EXT_ARTEFACTS"
_OF_THE_FILES = ("test_distribution.py", "test_index_page.py")
# All that a test imports.
_GROUPS = ("artefacts", "maintenance", "test")
SAMPLE = (
    "tests/deprecation",
    "tests/docs/test_examples.py",
    "tests/epp/test_framing.py",
    "tests/packaging",
    "tests/retry",
)
"""Tests that run from the unpacked sdist: they read pages, data and examples."""


def check_metadata(root: Path, artefacts: Artefacts) -> None:
    """Have twine, check-wheel-contents and validate-pyproject look at them."""
    module = [sys.executable, "-m"]
    files = [str(path) for path in artefacts]
    run([*module, "twine", "check", "--strict", *files], cwd=root)
    run([*module, "check_wheel_contents", str(artefacts.wheel)], cwd=root)
    run([*module, "validate_pyproject", "pyproject.toml"], cwd=root)


def run_tests(root: Path, interpreter: str, artefacts: Artefacts, extras: str) -> str:
    """Run the tests about the files, and a sample of all from the unpacked sdist.

    Returns pytest's last line. In one environment, made from the sdist.
    """
    with fresh_environment(interpreter) as (python, work):
        uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python"]
        wanted = f"{artefacts.sdist}[{extras}]"
        with tarfile.open(artefacts.sdist) as sdist:
            sdist.extractall(work, filter="data")
        (unpacked,) = work.iterdir()
        settings = unpacked / "pyproject.toml"
        groups = [f"--group={settings}:{name}" for name in _GROUPS]
        run([*uv, str(python), wanted, *groups], cwd=work)
        built = {_BUILT: str(artefacts.wheel.parent)}
        here = [str(root / "tests" / "packaging" / name) for name in _OF_THE_FILES]
        _pytest(python, root, here, built)
        # All of it can be collected, and some of it is run.
        _pytest(python, unpacked, ["--collect-only", "-q", "tests"], built)
        return _pytest(python, unpacked, SAMPLE, built).splitlines()[-1]


def _pytest(
    python: Path, cwd: Path, arguments: Sequence[str], env: dict[str, str]
) -> str:
    options = ["-q", "-p", "no:cacheprovider", "--tb=short"]
    return run([str(python), "-m", "pytest", *options, *arguments], cwd=cwd, env=env)
