"""The checks a change must pass.

``nox`` runs lint, types, api, tests, patches and docs. The tests run on the wheel that
is built here: maintenance/environments.py. Only sessions live here; what they install
stands in pyproject.toml.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).resolve().parent))

from maintenance import workflow_matrix
from maintenance.environments import (
    INSTALLED,
    INTERPRETERS,
    MAIN,
    NEWEST,
    OLDEST,
    PACKAGE,
    ROOT,
    SUPPORTED,
    built_wheel,
    empty_directory,
    from_root,
    group,
    install_wheel,
    package_requirements,
    pytest,
)

nox.needs_version = ">=2025.2.9"
# Not virtualenv: its current release can no longer make environments for 3.8.
nox.options.default_venv_backend = "uv|venv"
nox.options.sessions = ["lint", "types", "api", "tests", "patches", "docs"]
# An interpreter that is not there is left out, not downloaded.
os.environ["UV_PYTHON_DOWNLOADS"] = "never"

# What the oldest dependencies need and do not say.
OLD_CONSTRAINTS = ROOT / "tests" / "constraints-oldest.txt"


# --- sessions ---------------------------------------------------------------------


@nox.session(python=INTERPRETERS[MAIN])
def lint(session: nox.Session) -> None:
    """Formatting, lint, and all below .github: its form, permissions, pins, scripts."""
    session.install(*group("lint"))
    session.run("ruff", "format", "--check")
    session.run("ruff", "check")
    session.run("zizmor", "--offline", "--no-progress", ".github")
    session.run("actionlint")
    session.run("shellcheck", ".ci/run")
    session.run("pre-commit", "validate-config")
    for schema, files in FORMS.items():
        paths = map(str, sorted((ROOT / ".github").glob(files)))
        session.run("check-jsonschema", "--builtin-schema", schema, *paths)


# What the forge reads, by the schema that it is held to.
FORMS = {
    "vendor.dependabot": "dependabot.yml",
    "vendor.github-issue-config": "ISSUE_TEMPLATE/config.yml",
    "vendor.github-issue-forms": "ISSUE_TEMPLATE/[!c]*.yml",
    "vendor.github-workflows": "workflows/*.yml",
    "custom.github-workflows-require-timeout": "workflows/*.yml",
}


@nox.session(python=INTERPRETERS[MAIN])
def types(session: nox.Session) -> None:
    """mypy --strict over everything, pyright over the package and what it shows."""
    session.install(*package_requirements(), *group("test"), *group("types"))
    session.install(*group("maintenance"))
    session.run("mypy", "--strict")
    quiet = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    session.run("pyright", env=quiet)
    # Of the installed wheel: whatever a user's checker can see has a type.
    session.install("--no-deps", "--force-reinstall", str(built_wheel(session)))
    session.chdir(empty_directory(session))
    session.run(
        "pyright",
        "--verifytypes",
        PACKAGE,
        "--ignoreexternal",
        env={**quiet, "PYTHONPATH": str(ROOT / "tests" / "typing" / "epplib_stubs")},
    )


@nox.session(python=INTERPRETERS[MAIN])
def tests(session: nox.Session) -> None:
    """The whole suite with coverage, then the contract on oldest and newest.

    Arguments after ``--`` go to pytest; then only the whole suite is run and a
    low coverage does not fail it.
    """
    # pip, because upstream's release is downloaded by it.
    install_wheel(session, "coverage", "pip", *group("release"))
    options = ["--cov", f"--cov-config={ROOT / 'pyproject.toml'}"]
    # One process per core; a file's tests stay together and in order.
    options += ["--numprocesses=auto", "--dist=loadfile"]
    if session.posargs:
        arguments = ["--cov-fail-under=0", *from_root(session.posargs)]
    else:
        arguments = [str(ROOT / "tests")]
        for version in sorted({OLDEST, NEWEST}):
            session.notify(CONTRACT_SESSIONS[version], posargs=[])
        session.notify("lowest", posargs=["--quick"])
        session.notify("compat", posargs=["--sample"])
        session.notify("artefacts", posargs=["--sample"])
        session.notify("bench", posargs=["--quick"])
    pytest(
        session,
        *options,
        *arguments,
        COVERAGE_FILE=str(ROOT / ".coverage"),
        GEVENTCONNPOOL_EXT_SOURCE=str(ROOT),
    )


# --- a release ------------------------------------------------------------------------


@nox.session(python=INTERPRETERS[MAIN])
def api(session: nox.Session) -> None:
    """The public API, compared with the last release's."""
    session.install(*group("api"))
    session.run("python", "-m", "maintenance.api", *session.posargs)


@nox.session(python=INTERPRETERS[MAIN], default=False)
def artefacts(session: nox.Session) -> None:
    """Build wheel and sdist, judge and install them: ``-- [DIRECTORY] [--sample]``."""
    session.install(*group("artefacts"))
    pythons = [f"--python={INTERPRETERS[version]}" for version in {OLDEST, NEWEST}]
    session.run(
        "python", "-m", "maintenance.artefacts", *sorted(pythons), *session.posargs
    )


@nox.session(python=INTERPRETERS[MAIN], default=False)
def release(session: nox.Session) -> None:
    """Rehearse, ``-- --dry-run VERSION`` and ``-- --yank-rehearsal``; or make one.

    ``-- --prepare VERSION`` makes its commit, ``-- --build DIR`` its files, of a tagged
    commit. docs/releasing.md is the page.
    """
    session.install(*group("release"))
    session.run("python", "-m", "maintenance.release", *session.posargs)


# --- epplib ---------------------------------------------------------------------------

EPPLIB = "https://github.com/cisagov/epplib"


# Those of the two that are there; where neither is, the one that runs the tools.
EPPLIB_VERSIONS = [v for v in ((3, 11), (3, 13)) if v in INTERPRETERS] or [MAIN]
# The first is run by its name, and runs the other.
EPPLIB_SESSIONS = {
    "epplib-{}.{}".format(*version) if number else "epplib": version
    for number, version in enumerate(EPPLIB_VERSIONS)
}


def epplib_checkout(session: nox.Session, option: str, directory: Path) -> str:
    """Where epplib is installed from: what *option* says, if it is a checkout."""
    source = (ROOT / directory).resolve()
    if not (source / "epplib" / "client.py").is_file():
        session.error(f"{option} must be a checkout of epplib, not {source}")
    return str(source)


def epplib_session(name: str, version: tuple[int, int]) -> None:
    """Define the session that runs what goes through epplib on one interpreter."""

    def epplib(session: nox.Session) -> None:
        parser = argparse.ArgumentParser(prog="nox -s epplib --")
        parser.add_argument("--source", type=Path, metavar="DIR")
        given, arguments = parser.parse_known_args(session.posargs)
        if given.source is None:
            source = f"git+{EPPLIB}"
        else:
            source = epplib_checkout(session, "--source", given.source)
        if name == "epplib":
            for other in EPPLIB_SESSIONS.keys() - {name}:
                session.notify(other, posargs=session.posargs)
        install_wheel(session, "test", "pip")
        session.install(source)
        tests = [str(ROOT / "tests" / name) for name in ("epplib", "examples")]
        tests.append(str(ROOT / "tests" / "docs" / "test_migrating_code.py"))
        pytest(session, *(from_root(arguments) if arguments else tests))

    epplib.__doc__ = "What goes through epplib: ``-- [--source DIR] [for pytest]``."
    nox.session(name=name, python=INTERPRETERS[version], default=False)(epplib)


for name, version in EPPLIB_SESSIONS.items():
    epplib_session(name, version)


# --- the site -----------------------------------------------------------------------


@nox.session(python=INTERPRETERS[MAIN])
def docs(session: nox.Session) -> None:
    """The documentation site, into .cache/docs: no warning, and no dead link in it."""
    install_wheel(session, "docs")
    site = ROOT / ".cache" / "docs"
    shutil.rmtree(site, ignore_errors=True)
    session.run(
        "sphinx-build",
        # -E, since autodoc's pages depend on more than Sphinx knows.
        *("-W", "--keep-going", "-n", "-E", "-q", "-d", "doctrees"),
        *(str(ROOT / "docs"), str(site)),
    )
    session.chdir(ROOT)
    session.run("python", "-m", "maintenance.docs", str(site))


# --- the fork -----------------------------------------------------------------------


@nox.session(python=INTERPRETERS[MAIN], default=False)
def differential(session: nox.Session) -> None:
    """One suite over geventconnpool 0.2.1, as released, and over ours."""
    install_wheel(session, "test", "pip")
    arguments = session.posargs or [str(ROOT / "tests" / "differential")]
    pytest(session, *from_root(arguments))


@nox.session(python=INTERPRETERS[MAIN])
def patches(session: nox.Session) -> None:
    """Hold the ledger of upstream's changes to the source, the tests and the pages.

    ``-- --render`` writes docs/differences.md anew instead of only comparing it.
    """
    session.install(*package_requirements(), *group("test"), "pip")
    session.install(*group("maintenance"))
    session.run("python", "-m", "maintenance.ledger", *session.posargs)


@nox.session(python=INTERPRETERS[MAIN], default=False)
def upstream(session: nox.Session) -> None:
    """Upstream since the lock: ``-- check`` or ``-- import COMMIT|FILE.patch``."""
    session.install(*group("maintenance"), "pip")
    # Not session.run, which tells a failure but not its status.
    command = [str(Path(session.bin) / "python"), "-m", "maintenance.upstream"]
    status = subprocess.call([*command, *session.posargs], cwd=ROOT)
    if status == NEWS:
        sys.exit(NEWS)
    if status:
        session.error(f"maintenance.upstream ended with status {status}")


# Upstream has changed since the lock: nox's own status tells it from a failure, 1.
NEWS = 3


@nox.session(python=INTERPRETERS[MAIN], default=False)
def changelog(session: nox.Session) -> None:
    """Write [Unreleased] from the fragments; ``-- --check`` or ``-- VERSION``."""
    session.install(*group("maintenance"))
    session.run("python", "-m", "maintenance.changelog", *session.posargs)


@nox.session(python=INTERPRETERS[MAIN], default=False)
def compat(session: nox.Session) -> None:
    """Every gevent on every Python: what is stale; see CONTRIBUTING.md."""
    session.install(*group("maintenance"))
    # After Ctrl-C the cells that run are ended: that takes a while.
    session.run(
        "python",
        "-m",
        "maintenance.compat",
        *session.posargs,
        interrupt_timeout=30,
    )


# --- downstream -----------------------------------------------------------------------

DOWNSTREAM = ROOT / "tests" / "downstream"


def downstream_session(name: str) -> str:
    """Define the session that runs one recipe, in an environment of its own."""

    def recipe(session: nox.Session) -> None:
        # No dependency group: only what a user of that package would have, and pytest.
        session.install(
            *package_requirements(),
            "--requirement",
            str(DOWNSTREAM / name / "requirements.txt"),
            *group("build"),
            "psutil",
            "pytest-timeout",
        )
        session.install("--no-deps", "--force-reinstall", str(built_wheel(session)))
        session.chdir(empty_directory(session))
        session.run("python", "-c", INSTALLED, silent=True, log=False)
        pytest(session, *session.posargs, str(DOWNSTREAM / name))

    recipe.__doc__ = f"The pool beside {name}: a smoke test in its own environment."
    session_name = f"downstream-{name}"
    nox.session(name=session_name, python=INTERPRETERS[MAIN], default=False)(recipe)
    return session_name


RECIPES = {
    path.parent.name: downstream_session(path.parent.name)
    for path in sorted(DOWNSTREAM.glob("*/requirements.txt"))
}


@nox.session(venv_backend="none", default=False)
def downstream(session: nox.Session) -> None:
    """The pool beside others, each in its own environment: ``-- NAME ...``."""
    for name in session.posargs or RECIPES:
        if name not in RECIPES:
            session.error(f"no recipe {name!r}; there are {', '.join(RECIPES)}")
        session.notify(RECIPES[name], posargs=[])


# --- longer runs ----------------------------------------------------------------------


@nox.session(python=INTERPRETERS[MAIN], default=False)
def chaos(session: nox.Session) -> None:
    """Every fault at once: ``-- --seconds N --seed S [--pool ours|upstream]``.

    The figures go to .cache/chaos-ours.json (or -upstream).
    """
    # pip, because upstream's release is downloaded by it.
    install_wheel(session, "test", "pip")
    session.run("python", "-c", CHAOS, *session.posargs)


CHAOS = f"""
import sys, {PACKAGE}
sys.path.insert(0, {str(ROOT)!r})  # after the import, or the tree's would be taken
from tests.chaos.__main__ import main
sys.exit(main())
"""


@nox.session(python=INTERPRETERS[MAIN], default=False)
def bench(session: nox.Session) -> None:
    """How fast: ``-- [epp] [SCENARIO ...] [--epplib-source DIR] [--quick]``.

    Without names all run. The numbers go into docs/performance.md, unless the run is
    a quick one, which only shows that everything works. epplib is measured where a
    checkout of it is given.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--epplib-source", type=Path, metavar="DIR")
    given, arguments = parser.parse_known_args(session.posargs)
    # pip, because upstream's release is downloaded by it.
    install_wheel(session, "bench", "pip")
    if given.epplib_source is not None:
        source = epplib_checkout(session, "--epplib-source", given.epplib_source)
        session.install(source)
        # Forced, so that neither the environment's nor a cache's older one is measured.
        session.install("--no-deps", "--force-reinstall", source)
    if "--quick" in arguments:
        # In the session tests, those that need a peer, pyperf or matplotlib skip.
        pytest(session, "-m", "not slow", str(ROOT / "tests" / "benchmarks"))
    session.run("python", "-c", BENCH, *arguments)


BENCH = f"""
import sys, {PACKAGE}
sys.path.insert(0, {str(ROOT)!r})  # after the import, or the tree's would be taken
from benchmarks.bench import main
sys.exit(main())
"""


@nox.session(python=INTERPRETERS[MAIN], default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz framing, parser and client: ``-- SECONDS`` for each property (60)."""
    install_wheel(session, "test")
    seconds = session.posargs[0] if session.posargs else "60"
    pytest(
        session,
        f"--timeout={int(seconds) + 100}",
        str(ROOT / "tests" / "fuzz"),
        GEVENTCONNPOOL_EXT_FUZZ_SECONDS=seconds,
    )


# --- for the workflows ----------------------------------------------------------------


@nox.session(name="ci-matrix", venv_backend="none", default=False)
def ci_matrix(session: nox.Session) -> None:
    """Print, as JSON, on what the contract is run by .github/workflows/ci.yml."""
    print(json.dumps(workflow_matrix.of(SUPPORTED)))


@nox.session(name="trial-version", python=INTERPRETERS[MAIN], default=False)
def trial_version(session: nox.Session) -> None:
    """Commit a version for trials: ``-- NUMBER``, above the one for the last push."""
    try:
        (number,) = map(int, session.posargs)
    except ValueError:
        session.error("give one number: nox -s trial-version -- 17")
    session.install(*group("build"))
    hatchling = ("python", "-m", "hatchling", "version")
    stated = str(session.run(*hatchling, silent=True)).split()[-1]
    base, dev, _ = stated.partition(".dev")
    # After a release its own trials come, until the next version is written.
    session.run(
        *hatchling, f"{base}.dev{number}" if dev else f"{base}.post0.dev{number}"
    )
    nobody = (
        "-c",
        "user.name=trial-version",
        "-c",
        "user.email=nobody@example.invalid",
    )
    commit = ("commit", "--all", "--quiet", "--no-gpg-sign", "--message", "For trials")
    session.run("git", *nobody, *commit, external=True)


# --- every interpreter ----------------------------------------------------------------

# What maintainers run needs newer Pythons, and is no part of the contract.
CONTRACT = ("-m", "contract", f"--ignore={ROOT / 'tests' / 'maintenance'}")


def contract_session(version: tuple[int, int]) -> str:
    """Define the session that runs the contract suite on one interpreter."""

    def contract(session: nox.Session) -> None:
        install_wheel(session, "test")
        pytest(session, *CONTRACT, *session.posargs, str(ROOT / "tests"))

    contract.__doc__ = "The contract suite on Python {}.{}.".format(*version)
    name = "contract-{}.{}".format(*version)
    nox.session(name=name, python=INTERPRETERS[version], default=False)(contract)
    return name


def lowest_session(version: tuple[int, int]) -> str:
    """Define the session that runs with the oldest dependencies on one interpreter."""

    def lowest(session: nox.Session) -> None:
        session.install(*group("lowest"))
        given = Path(session.create_tmp(), "direct.txt")
        given.write_text("\n".join(package_requirements()), encoding="utf-8")
        pins = given.with_name("lowest.txt")
        session.run(
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--resolution=lowest-direct",
            # The oldest that has a wheel for this Python.
            "--no-build",
            f"--python={INTERPRETERS[version]}",
            f"--constraint={OLD_CONSTRAINTS}",
            f"--output-file={pins}",
            str(given),
        )
        install_wheel(session, "lowest", f"--constraint={pins}")
        # pytest 7 cannot import a package of tests by importlib.
        appended = "--import-mode=append"
        pytest(session, appended, *CONTRACT, str(ROOT / "tests"))
        quick = session.posargs == ["--quick"]
        tests = LOWEST_SAMPLE if quick else [*LOWEST_TESTS, *session.posargs]
        pytest(session, appended, *from_root(tests))

    lowest.__doc__ = "The oldest dependencies allowed, on Python {}.{}.".format(
        *version
    )
    name = "lowest" if version == OLDEST else "lowest-{}.{}".format(*version)
    nox.session(name=name, python=INTERPRETERS[version], default=False)(lowest)
    return name


# The tests of what each extra brings; and, for each, a few that call much of it.
LOWEST_TESTS = ["tests/cli", "tests/contrib", "tests/epp", "tests/testing"]
LOWEST_SAMPLE = [
    "tests/cli/test_demo.py::test_the_table_is_plain_text_within_80_columns",
    "tests/cli/test_demo.py::test_on_a_terminal_it_shows_its_progress_on_stderr",
    "tests/cli/test_plot.py::test_a_png_is_drawn_where_the_ending_says_so",
    "tests/contrib",
    "tests/epp/test_xml.py",
    "tests/testing/test_plugin.py",
]

CONTRACT_SESSIONS = {version: contract_session(version) for version in INTERPRETERS}
LOWEST_SESSIONS = [
    lowest_session(version) for version in INTERPRETERS if version in (OLDEST, (3, 11))
]
