"""Risk: a workflow that nobody can run here calls what is not there, or may too much.

What is unsafe or malformed in itself is found by zizmor and actionlint, in ``lint``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from maintenance import interpreters, workflow_matrix

from .files import (
    FORGE,
    PATHS,
    ROOT,
    called,
    default_sessions,
    jobs,
    scripts,
    sessions,
    steps,
    workflow,
)

NAMES = {"ci", "compat", "docs", "release", "weekly"}

# What may write, and what for. All others may read the code, or nothing.
WRITERS = {
    "compat/propose": {"contents", "pull-requests"},
    "compat/report": {"issues"},
    "docs/publish": {"pages", "id-token"},
    "release/attest": {"attestations", "id-token"},
    "release/pypi": {"id-token"},
    "release/testpypi": {"id-token"},
    "weekly/report": {"issues"},
}


def supported():
    """The Pythons that the classifiers of pyproject.toml name, read by hand."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    return re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)


def test_there_is_a_workflow_for_each_purpose():
    assert {path.stem for path in PATHS} == NAMES


def test_the_page_for_contributors_says_when_each_of_them_runs():
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = page.partition("| workflow | when | what it calls |")[2]
    told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", table, re.M))
    assert set(told) == NAMES
    for path in PATHS:
        events = workflow(path)["on"]
        only_main = events.get("push", {}).get("branches") == ["main"]
        assert ("push to main" in told[path.stem]) == only_main, path.stem
        pull_request = "pull_request" in events
        assert ("pull request" in told[path.stem]) == pull_request, path.stem


# --- what they run --------------------------------------------------------------------


def test_every_session_that_a_workflow_calls_exists():
    found = {name: list(called(job)) for name, job in jobs()}
    assert sum(map(len, found.values())) > 10
    for name, wanted in found.items():
        for session in wanted:
            if session == "contract-$TRIED":
                # Made for each interpreter that is there: see the matrix below.
                continue
            if session == "lowest-3.11" and session not in sessions():
                assert (3, 11) not in interpreters.find([(3, 11)], with_venv=True)
                continue
            assert session in sessions(), f"{name} calls {session}"


def test_each_interpreter_has_the_contract_session_that_ci_calls():
    wanted = interpreters.classified(
        f"Programming Language :: Python :: {version}" for version in supported()
    )
    found = interpreters.find(wanted, with_venv=True)
    assert found
    for version in found:
        assert f"contract-{interpreters.name_of(version)}" in sessions()


def test_the_weekly_check_runs_all_that_a_change_must_pass():
    weekly = dict(jobs())["weekly/newest"]
    assert default_sessions() <= set(called(weekly))


def test_where_the_api_is_compared_all_tags_are_there():
    comparing = {name: job for name, job in jobs() if "api" in called(job)}
    assert {"ci/checks", "weekly/newest"} <= set(comparing)
    for name, job in comparing.items():
        (checkout,) = (s for s in job["steps"] if "checkout@" in s.get("uses", ""))
        assert checkout["with"].get("fetch-depth") == 0, name


def test_workflows_install_nothing_but_nox_and_uv_and_programs_for_tests():
    commands = {
        line.strip().partition(" install ")[::2]
        for _, job in jobs()
        for line in scripts(job)
        if "install" in line
    }
    programs = "--yes --no-install-recommends prometheus redis-server"
    assert commands == {
        ("python -m pip", "nox"),
        ("python -m pip", "nox uv"),
        ("sudo apt-get", programs),
    }


# --- the interpreters -----------------------------------------------------------------


def printed_matrix():
    finished = subprocess.run(
        [sys.executable, "-m", "nox", "-s", "ci-matrix"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    # All of the output: the workflow takes it for the value of a variable.
    assert finished.stdout.count("\n") == 1
    return json.loads(finished.stdout)["include"]


def test_ci_runs_the_contract_on_every_python_of_the_classifiers():
    matrix = printed_matrix()
    linux = [job["python"] for job in matrix if job["os"].startswith("ubuntu-")]
    assert linux == supported()
    for system in ("macos-", "windows-"):
        tried = [job["python"] for job in matrix if job["os"].startswith(system)]
        assert tried == [supported()[0], supported()[-1]]


def test_only_windows_may_fail():
    trials = {job["os"] for job in printed_matrix() if job["trial"]}
    assert trials == {workflow_matrix.WINDOWS}


def test_ci_takes_each_column_of_the_matrix_that_it_is_given():
    text = (FORGE / "workflows" / "ci.yml").read_text("utf-8")
    used = set(re.findall(r"matrix\.(\w+) }}", text))
    assert used - {"matrix"} == set(printed_matrix()[0])


def test_where_several_pythons_are_set_up_the_ends_are_among_them():
    """By hand, as only a job with a matrix could ask for them."""
    lists = [
        step["with"]["python-version"].split()
        for _, step in steps()
        if "\n" in step.get("with", {}).get("python-version", "")
    ]
    assert len(lists) >= 3
    for versions in lists:
        assert {supported()[0], supported()[-1]} <= set(versions) <= set(supported())


def test_classifiers_are_read_by_number_and_not_by_letter():
    classifiers = [
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: Implementation :: CPython",
    ]
    assert interpreters.classified(classifiers) == [(3, 9), (3, 10)]


# --- what they may --------------------------------------------------------------------


def test_a_workflow_may_nothing_that_a_job_does_not_ask_for():
    for path in PATHS:
        assert workflow(path)["permissions"] == {}, path.name
    for name, job in jobs():
        assert "permissions" in job, name


def test_a_job_may_write_what_its_work_is_and_nothing_else():
    found = {}
    for name, job in jobs():
        writes = {what for what, how in job["permissions"].items() if how == "write"}
        rest = {what for what in job["permissions"] if what not in writes}
        assert rest <= {"contents"}, name
        if writes:
            found[name] = writes
    assert found == WRITERS


def test_a_job_that_may_write_runs_no_code_of_ours_or_of_the_day():
    for name, job in jobs():
        if name in WRITERS:
            text = "\n".join(scripts(job))
            assert not re.search(r"\b(nox|pip|python|uv)\b", text), name


def test_no_secret_is_set_or_used():
    for path in PATHS:
        text = path.read_text("utf-8")
        assert not re.search(r"\bsecrets\b|^\s*(password|user):", text, re.M), path.name


def test_no_checkout_leaves_its_token_behind():
    checkouts = [s for _, s in steps() if "actions/checkout@" in s.get("uses", "")]
    assert len(checkouts) >= 8
    for step in checkouts:
        assert step["with"]["persist-credentials"] is False


def test_what_an_event_or_a_step_says_reaches_a_script_by_its_environment_only():
    for name, step in steps():
        assert "${{" not in step.get("run", ""), name


def test_every_job_ends_within_three_hours_and_no_workflow_runs_twice_at_once():
    for name, job in jobs():
        assert job["timeout-minutes"] <= 180, name
    for path in PATHS:
        assert workflow(path)["concurrency"]["group"], path.name


# --- whose code they run --------------------------------------------------------------

USE = re.compile(r"^\s*(?:- )?uses: (\S+)(.*)$", re.M)


def uses():
    for path in PATHS:
        for name, rest in USE.findall(path.read_text("utf-8")):
            yield path.name, name, rest


def test_every_action_is_pinned_by_its_commit_and_says_which_version_that_is():
    found = list(uses())
    assert len(found) == sum("uses" in step for _, step in steps()) > 20
    for path, name, rest in found:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", name), (path, name)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", rest), (path, name, rest)


def test_one_action_is_one_commit_everywhere():
    pins = {}
    for _, name, rest in uses():
        action, _, commit = name.partition("@")
        pins.setdefault(action, set()).add((commit, rest))
    assert [action for action, found in pins.items() if len(found) > 1] == []


def test_the_pins_are_kept_new():
    text = (FORGE / "dependabot.yml").read_text("utf-8")
    assert "package-ecosystem: github-actions" in text
