"""Whole runs of the command: real tox, real uv, processes that fail, die and hang."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

from maintenance.compat.classify import classify
from maintenance.compat.running import Runner

from .conftest import HERE, PYTHON, ROOT, make_tree, name_of, release

# Real environments on a machine that others use too.
pytestmark = pytest.mark.timeout(110)

EVERY_END = {
    "1.0": "pass",
    "2.0": "fail",
    "3.0": "crash",
    "4.0": "crash",
    "5.0": "import-failure",
    "6.0": "build-failure",
    "7.0": "pass",
}
NOT_INSTALLABLE = f"""
[env.{name_of("6.0")}]
deps = ["{{tox_root}}/a_wheel_that_is_not_there-1.0-py3-none-any.whl"]
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A run in which cells end in every way but a hang; its tree and its output."""
    tree = make_tree(tmp_path_factory.mktemp("judged"))
    tree.has(*(release(v, PYTHON) for v in EVERY_END), tox=NOT_INSTALLABLE)
    tree.behave(
        v1_0="pass-and-leave", v2_0="fail", v3_0="crash", v4_0="die", v5_0="import"
    )
    expected = [
        ("2.0", "fail", "known and gevent's own"),
        ("3.0", "fail", "it crashes instead"),
        ("7.0", "fail", "it passes instead"),
    ]
    tree.write("compat/expected.toml", "\n".join(map(entry, expected)))
    done = tree.run("--watch-report", str(tree.root / "report.md"))
    yield tree, done
    shutil.rmtree(tree.root, ignore_errors=True)


def entry(fields):
    values = dict(zip(("gevent", "outcome", "reason"), fields), python=PYTHON)
    lines = [f'{key} = "{value}"' for key, value in values.items()]
    return "\n".join(["[[expected]]", *lines])


def test_every_way_to_end_is_told_from_the_others(judged):
    tree, done = judged
    assert tree.executed() == EVERY_END, done.stdout


def test_a_crash_is_told_by_its_signal_with_and_without_a_report(judged):
    records = judged[0].records()
    died = "the interpreter died of "
    assert records[name_of("3.0")]["reason"] == died + "SIGABRT in libev-cext"
    assert records[name_of("4.0")]["reason"].startswith(died + "SIGSEGV")


def test_a_record_tells_what_ran_and_what_came_of_it(judged):
    tree, _ = judged
    record = tree.records()[name_of("1.0")]
    assert record["python_version"] == sys.version.split()[0]
    assert (record["greenlet"], record["loop"]) == ("9.9", ["libev-cext"])
    assert (record["tests"], record["version"]) == (5, "7.7")
    assert record["artefact"]["kind"] == "wheel"
    assert len(record["key"]) == len(record["source"]) == 64
    assert record["seconds"] > 0
    assert (record["reason"], record["tail"]) == ("", [])


def test_everything_but_a_pass_has_a_reason_and_its_last_lines(judged):
    for record in judged[0].records().values():
        assert record["outcome"] == "pass" or record["reason"]
    assert judged[0].records()[name_of("2.0")]["tail"][0] == (
        ".../test_it.py:3: it broke"
    )


def test_what_is_recorded_names_no_place_of_this_machine(judged):
    text = judged[0].results.read_text()
    assert str(judged[0].root) not in text
    assert sys.prefix not in text


def test_an_expected_failure_has_the_reason_that_was_given(judged):
    assert judged[0].records()[name_of("2.0")]["reason"] == "known and gevent's own"


def test_only_what_was_not_expected_is_told_and_ends_with_1(judged):
    _, done = judged
    assert done.returncode == 1
    assert f"\n{name_of('3.0')}: crash instead of fail" in done.stdout
    assert f"\n{name_of('4.0')}: crash instead of pass" in done.stdout
    assert f"\n{name_of('7.0')}: passes, but fail is expected" in done.stdout
    assert f"\n{name_of('2.0')}:" not in done.stdout
    assert "    2 crash: the interpreter died of a signal" in done.stdout


def test_the_report_for_watchers_has_each_cell_and_why_it_failed(judged):
    text = (judged[0].root / "report.md").read_text()
    assert text.startswith("# gevent ")
    assert "not as expected" in text.splitlines()[0]
    for version, outcome in EVERY_END.items():
        assert f"| `{name_of(version)}` |" in text
        assert f"| {outcome} |" in text
    assert f"## {name_of('5.0')}: import-failure instead of pass" in text
    assert "a_module_that_no_one_has" in text
    assert f"`tox run -e {name_of('5.0')}`" in text


def test_a_child_that_a_passing_cell_leaves_behind_is_ended(judged, wait_for_end):
    wait_for_end(int((judged[0].root / (name_of("1.0") + ".pid")).read_text()))


def test_no_environment_stays_on_the_disk(judged):
    assert not list((judged[0].root / ".cache" / "compat" / "runs").glob("*/*"))


def test_a_second_run_has_nothing_to_run_but_still_judges_all(judged):
    tree, _ = judged
    before = tree.results.read_text()
    done = tree.run("--watch-report", str(tree.root / "nothing.md"))
    assert "nothing to run" in done.stdout
    assert done.returncode == 1
    assert tree.results.read_text() == before
    assert not (tree.root / "nothing.md").exists()


def test_a_deleted_record_is_restored_by_new_and_nothing_else_runs(judged):
    tree, _ = judged
    content = json.loads(tree.results.read_text())
    deleted = content["cells"].pop(name_of("1.0"))
    planned = content["cells"].pop(name_of("1.0", (3, 6)))
    tree.results.write_text(json.dumps(content))
    done = tree.run("--new")
    assert done.returncode == 0, done.stdout
    restored = tree.records()
    ran = restored.pop(name_of("1.0"))
    assert {**ran, "seconds": 0, "date": 0} == {**deleted, "seconds": 0, "date": 0}
    assert restored.pop(name_of("1.0", (3, 6))) == planned
    assert restored == content["cells"]
    assert "[1/1]" in done.stdout


# --- runs of their own ----------------------------------------------------------------


def started(tree, *arguments):
    return subprocess.Popen(
        tree.command(*arguments),
        cwd=ROOT,
        env=tree.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def pid_in(tree, version, process=None):
    """The id of the child that the cell has started, once it has."""
    path = tree.root / (name_of(version) + ".pid")
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text()):
        assert process is None or process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline, "the cell did not start"
        time.sleep(0.02)
    return int(path.read_text())


def test_an_interrupt_keeps_what_has_ended_and_ends_what_runs(
    tree, wait_for_end, leftover
):
    tree.has(release("1.0", PYTHON), release("2.0", PYTHON))
    tree.behave(v2_0="hang")
    process = started(tree, "--jobs", "1")
    with process:
        leftover.append(pid_in(tree, "2.0", process))
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "what had ended is recorded" in said
    assert tree.executed() == {"1.0": "pass"}
    wait_for_end(leftover[0])
    assert tree.run("--list").stdout.splitlines()[0] == (
        f"{name_of('2.0')}  was never executed"
    )


def test_a_second_run_at_once_is_refused_and_a_cancelled_one_ends_in_order(
    tree, wait_for_end, leftover
):
    tree.has(release("2.0", PYTHON))
    tree.behave(v2_0="hang")
    process = started(tree)
    with process:
        leftover.append(pid_in(tree, "2.0", process))
        second = tree.run()
        process.terminate()
        process.communicate(timeout=30)
    assert second.returncode == 2
    assert "another run of the matrix is going on here" in second.stdout
    assert process.returncode == 130
    wait_for_end(leftover[0])


def test_a_cell_that_hangs_is_a_timeout_and_its_children_end(
    tree, wait_for_end, leftover
):
    tree.has(release("2.0", PYTHON))
    tree.behave(v2_0="hang")
    run = Runner(tree.root, {HERE: sys.executable}, limit=10).run(
        name_of("2.0"), "wheel"
    )
    leftover.append(pid_in(tree, "2.0"))
    assert classify(run).outcome == "timeout"
    wait_for_end(leftover[0])


def test_a_cell_that_ends_in_no_known_way_is_an_error_and_has_no_record(tree):
    tree.has(release("2.0", PYTHON))
    tree.behave(v2_0="mute")
    done = tree.run()
    assert done.returncode == 2
    assert "no report, and tox ended with status 7" in done.stdout
    assert tree.executed() == {}


def test_a_sample_fails_on_what_is_not_expected_and_records_nothing(tree):
    tree.has(release("2.0", PYTHON))
    tree.behave(v2_0="fail")
    done = tree.run("--sample")
    assert done.returncode == 1
    assert f"{name_of('2.0')}: fail instead of pass" in done.stdout
    assert not tree.results.exists()


def test_a_yanked_release_runs_on_request_and_stays_yanked(tree):
    tree.has(release("2.0", PYTHON, yanked=True))
    done = tree.run("--release", "2.0")
    assert done.returncode == 0, done.stdout
    assert f"{name_of('2.0')}: pass" in done.stdout
    assert tree.records()[name_of("2.0")]["outcome"] == "yanked"


def test_the_list_says_what_would_run_and_why_and_writes_nothing(tree):
    tree.has(release("2.0", PYTHON))
    done = tree.run("--list")
    assert done.returncode == 0
    assert f"{name_of('2.0')}  was never executed\n1 cells would run" in done.stdout
    assert not tree.results.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sample", "--new"], "--sample can't be combined"),
        (["--sample", "--master", "x"], "--sample can't be combined"),
        (["--release", "9"], "gevent 9 is not in compat/releases.json"),
    ],
)
def test_what_can_not_be_meant_is_refused(tree, arguments, message):
    tree.has(release("2.0", PYTHON))
    done = tree.run(*arguments)
    assert done.returncode == 2
    assert message in done.stdout
    assert "Traceback" not in done.stdout
