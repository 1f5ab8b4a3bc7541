"""What becomes of a cell is judged from its report, else from what tox said."""

from __future__ import annotations

import json

import pytest

from maintenance.compat.classify import Run, classify, clean
from maintenance.compat.errors import UnclassifiedError
from maintenance.compat.outcomes import EXECUTED


def loop(outcome="pass", name="libev-cext", **fields):
    return {
        "loop": name,
        "outcome": outcome,
        "passed": 5,
        "failed": 0,
        "tail": [],
        **fields,
    }


def judged(*loops, status=None, output="", report=True, **fields):
    content = {"stage": "suite", "loops": loops, "greenlet": "3.1", **fields}
    if status is None:
        status = int(any(part["outcome"] != "pass" for part in loops) or not loops)
    text = json.dumps(content) if report is True else report
    return classify(Run("a-cell", status, output, text, 60))


def test_a_cell_passes_when_every_loop_does():
    verdict = judged(loop(), loop(name="libuv-cffi"))
    assert (verdict.outcome, verdict.reason, verdict.tail) == ("pass", "", [])
    assert verdict.tests == 10
    assert verdict.loops == ["libev-cext", "libuv-cffi"]
    assert verdict.greenlet == "3.1"


@pytest.mark.parametrize("heavier", EXECUTED)
@pytest.mark.parametrize("lighter", EXECUTED)
def test_the_heaviest_outcome_of_the_loops_is_the_cells(heavier, lighter):
    if EXECUTED.index(heavier) <= EXECUTED.index(lighter):
        assert judged(loop(lighter), loop(heavier)).outcome == heavier


def test_a_failure_says_how_many_tests_failed_and_where():
    verdict = judged(loop(), loop("fail", "libuv-cffi", failed=2, tail=["a", "b"]))
    assert verdict.reason == "2 tests failed in libuv-cffi"
    assert verdict.tail == ["a", "b"]


def test_a_crash_names_its_signal():
    verdict = judged(loop("crash", tail=["Fatal Python error", "ended by signal 11"]))
    assert verdict.reason == "the interpreter died of SIGSEGV in libev-cext"


def test_a_hang_that_the_suite_saw_itself_is_a_timeout():
    assert judged(loop("timeout")).outcome == "timeout"


def test_a_cell_that_had_to_be_killed_is_a_timeout_whatever_its_report_says():
    run = Run("a-cell", None, "the last line", json.dumps({"loops": [loop()]}), 60)
    verdict = classify(run)
    assert (verdict.outcome, verdict.tail) == ("timeout", ["the last line"])
    assert verdict.reason == "it did not end within 60 s"


def test_what_can_not_be_imported_is_told_with_the_last_line_it_said():
    verdict = judged(stage="import", tail=["Traceback", "ImportError: no such thing"])
    assert verdict.outcome == "import-failure"
    assert verdict.reason == "ImportError: no such thing"


@pytest.mark.parametrize(
    ("output", "outcome"),
    [
        ("  x No solution\npy: exit 1 (0.50 seconds) /a> uv pip install g", "build"),
        ("py: exit 1 (0.50 seconds) /a> /b/uv build --wheel", "build"),
        ("ROOT: HandledError| gevent 1.1 cannot be built: no cc", "build"),
        ("py: exit -11 (0.02 seconds) /a> python run.py pid=7", "crash"),
        ("Traceback\nModuleNotFoundError: No module named 'gevent'\n", "import"),
    ],
)
def test_without_a_report_the_output_of_tox_decides(output, outcome):
    verdict = judged(status=1, output=output, report=None)
    assert verdict.outcome.split("-")[0] == outcome
    assert verdict.reason


@pytest.mark.parametrize(
    "fields",
    [
        {"report": None, "output": "something else", "status": 1},
        {"report": None, "output": "all is well", "status": 0},
        {"report": "{", "status": 0},
        {"report": "[]", "status": 0},
        {"stage": "nowhere", "status": 1},
    ],
)
def test_what_fits_no_outcome_is_an_error(fields):
    with pytest.raises(UnclassifiedError, match="a-cell"):
        judged(**fields)


def test_an_outcome_that_no_one_knows_is_an_error():
    with pytest.raises(UnclassifiedError, match="the outcome 'well', none of crash"):
        judged(loop("well"))


def test_a_pass_without_a_test_is_an_error():
    with pytest.raises(UnclassifiedError, match="without a single test"):
        judged(loop(passed=0))


@pytest.mark.parametrize(("outcome", "status"), [("pass", 1), ("fail", 0)])
def test_a_report_that_tox_contradicts_is_an_error(outcome, status):
    with pytest.raises(UnclassifiedError, match="but tox ended with status"):
        judged(loop(outcome), status=status)


@pytest.mark.parametrize(
    ("line", "anywhere"),
    [
        (
            'File "/home/me/.tox/py311/lib/python3.11/site-packages/gevent/hub.py"',
            'File "site-packages/gevent/hub.py"',
        ),
        ("E   OSError: /var/lib/me/socket is gone", "E   OSError: .../socket is gone"),
        ("from https://index.example/simple/gevent/", "from <url>"),
        ("tests/pool/test_fork.py:12: 1/2 of a/b", None),
        ("libuv [100%] and/or", None),
    ],
)
def test_what_is_recorded_names_no_machine_and_no_index(line, anywhere):
    assert clean(line) == (anywhere or line)


def test_only_the_last_lines_are_kept():
    verdict = judged(loop("fail", failed=1, tail=[str(n) for n in range(500)]))
    assert verdict.tail[-1] == "499"
    assert len(verdict.tail) < 60
