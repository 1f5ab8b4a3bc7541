"""Steps are told in a line each, and the first that fails ends them."""

from __future__ import annotations

import sys

import pytest

from maintenance.release.errors import CommandFailed, ReleaseError
from maintenance.release.steps import Step, run


def failing(*words, log, directory):
    program = f"import sys; print({words!r}); sys.exit({words[0]!r})"
    return log.run([sys.executable, "-c", program], directory)


def test_each_step_is_a_line_with_number_title_time_and_result(capsys, log):
    run([Step("one", lambda: "done", ""), Step("longer", str, "")], log.write)
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["1", "one", "0.0", "s", "done"]
    assert second.split() == ["2", "longer", "0.0", "s"]
    assert first.index("0.0") == second.index("0.0")
    assert "=== 1 one" in log.path.read_text("utf-8")


def test_the_step_that_fails_is_the_last_and_has_a_remedy(capsys, log, tmp_path):
    done = []
    steps = [
        Step("good", lambda: "well", "x"),
        Step("bad", lambda: failing("no luck", log=log, directory=tmp_path), "try"),
        Step("never", lambda: done.append(1) or "", "x"),
    ]
    with pytest.raises(ReleaseError, match=r"failed \(status 1\): no luck") as failure:
        run(steps, log.write)
    assert failure.value.remedy == "try"
    assert done == []
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].split() == ["2", "bad", *lines[-1].split()[2:4], "FAILED"]
    assert "no luck" in log.path.read_text("utf-8")


def test_a_remedy_of_the_error_itself_comes_before_the_steps(log):
    def fail():
        raise ReleaseError("wrong", "do this")

    with pytest.raises(ReleaseError) as failure:
        run([Step("bad", fail, "do that")], log.write)
    assert failure.value.remedy == "do this"


def test_of_a_programs_words_the_error_is_told_and_all_are_kept(log, tmp_path):
    program = "print('ERROR: the reason'); print('a hint'); raise SystemExit(3)"
    with pytest.raises(CommandFailed, match=r"\(status 3\): ERROR: the reason$") as got:
        log.run([sys.executable, "-c", program], tmp_path)
    assert "a hint" in got.value.said
    assert "a hint" in log.path.read_text("utf-8")


def test_a_program_that_does_not_end_is_ended(log, tmp_path):
    program = "import time; time.sleep(30)"
    with pytest.raises(CommandFailed, match=r"\(no end after 0\.5 s\)"):
        log.run([sys.executable, "-c", program], tmp_path, timeout=0.5)


def test_what_is_indented_below_the_error_is_told_with_it(log, tmp_path):
    program = (
        "print('error: malformed:\\n   this\\n   that\\n   more'); raise SystemExit(1)"
    )
    with pytest.raises(CommandFailed, match=r"error: malformed: this that$"):
        log.run([sys.executable, "-c", program], tmp_path)


def test_nobody_reads_colours_in_a_log(log, tmp_path):
    said = log.run([sys.executable, "-c", "print('\\x1b[31mred\\x1b[0m')"], tmp_path)
    assert said.strip() == "red"
    assert "\x1b" not in log.path.read_text("utf-8")
