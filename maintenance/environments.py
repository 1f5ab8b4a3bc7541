"""What sessions run in: the interpreters found here, and the wheel under test.

The wheel is built once for all sessions of a run, and the tests run on it from an empty
directory, never on the source tree. What is installed stands in pyproject.toml.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

from maintenance import interpreters

__all__ = [
    "INSTALLED",
    "INTERPRETERS",
    "MAIN",
    "NEWEST",
    "OLDEST",
    "PACKAGE",
    "ROOT",
    "SUPPORTED",
    "built_wheel",
    "empty_directory",
    "from_root",
    "group",
    "install_wheel",
    "package_requirements",
    "pytest",
]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "geventconnpool_ext"
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
SUPPORTED = interpreters.classified(PROJECT["project"]["classifiers"])
# A wheel to test instead of one built here: what is released is what was tested.
GIVEN_WHEEL = os.environ.get("GEVENTCONNPOOL_EXT_WHEEL")

INTERPRETERS = interpreters.find(SUPPORTED, with_venv=True)
if not INTERPRETERS:
    among = "{} .. {}".format(*map(interpreters.name_of, (SUPPORTED[0], SUPPORTED[-1])))
    sys.exit(f"no Python among {among} was found that can make environments")
OLDEST, NEWEST = min(INTERPRETERS), max(INTERPRETERS)
# The tools and the widest choice of test peers need 3.10.
OWN = sys.version_info[:2]
MAIN = OWN if OWN in INTERPRETERS and OWN >= (3, 10) else NEWEST


def group(name: str) -> tuple[str, ...]:
    """The requirements of a dependency group of pyproject.toml."""
    return tuple(nox.project.dependency_groups(PROJECT, name))


def package_requirements() -> list[str]:
    """What the package needs with all its extras, without the package."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    return [*project["dependencies"], *(name for extra in extras for name in extra)]


def built_wheel(session: nox.Session) -> Path:
    """The wheel of this run: given, or built by the first session that asks for it."""
    if GIVEN_WHEEL:
        return Path(GIVEN_WHEEL).resolve(strict=True)
    directory = Path(session.cache_dir).resolve() / f"wheel-{os.getpid()}"
    if not list(directory.glob("*.whl")):
        for stale in directory.parent.glob("wheel-*"):
            shutil.rmtree(stale)
        session.chdir(ROOT)
        session.run(
            "python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)
        )
    (wheel,) = directory.glob("*.whl")
    return wheel


def install_wheel(session: nox.Session, groups: str, *options: str) -> None:
    """Install the built wheel, all extras and a dependency group."""
    session.install(*options, *package_requirements(), *group(groups))
    # Forced, so that a reused environment (nox -r) never tests a stale wheel.
    session.install("--no-deps", "--force-reinstall", str(built_wheel(session)))
    session.chdir(empty_directory(session))
    session.run("python", "-c", INSTALLED, silent=True, log=False)


def empty_directory(session: nox.Session) -> Path:
    """A fresh directory to run from: the working directory is on sys.path."""
    directory = Path(session.cache_dir).resolve() / f"empty-{session.name}"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


INSTALLED = f"""
import pathlib, {PACKAGE}
where = pathlib.Path({PACKAGE}.__file__)
assert "site-packages" in where.parts, f"not the wheel but {{where}} is imported"
"""


def pytest(session: nox.Session, *arguments: str, **env: str) -> None:
    """Run pytest on the wheel, from the session's own empty directory."""
    session.run(
        "pytest",
        "-c",
        str(ROOT / "pyproject.toml"),
        f"--rootdir={ROOT}",
        "-p",
        "no:cacheprovider",
        "--tb=short",
        *arguments,
        env=env,
    )


def from_root(arguments: list[str]) -> list[str]:
    """Paths below tests/ made absolute, since the tests run elsewhere.

    Without a path among the arguments, the whole suite is meant.
    """
    absolute = [
        str(ROOT / argument) if argument.startswith("tests") else argument
        for argument in arguments
    ]
    return absolute if absolute != arguments else [*arguments, str(ROOT / "tests")]
