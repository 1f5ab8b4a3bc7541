"""Risk: the one line that everybody reads says more than was measured."""

from __future__ import annotations

from maintenance.compat_pages import counts
from maintenance.compat_pages.matrix import read
from maintenance.compat_pages.sentence import in_short

from .made import cells, changed, record, write


def matrix_of(tmp_path, made, **more):
    return read(write(tmp_path / "results.json", made, **more))


def test_all_is_said_where_it_is_all(tmp_path):
    said = in_short(matrix_of(tmp_path, cells()))
    assert "**3 of 3** gevent releases" in said
    assert "(2 of 2 pre-releases)" in said
    assert "4 interpreters (3.6 to 3.11)" in said
    assert "**7 of 7** wheel pairs executed" in said
    assert "Failing" not in said
    assert "Not executed" not in said
    assert "not run yet" not in said


def test_a_release_that_fails_anywhere_is_not_counted_as_passing_and_is_named(tmp_path):
    failing = record("26.9.0", "3.11", "crash", "it dies")
    said = in_short(matrix_of(tmp_path, changed(**{"py311-gevent26_9_0": failing})))
    assert "**2 of 3** gevent releases" in said
    assert "**7 of 7** wheel pairs executed" in said, "a crash was executed"
    assert "Failing: 26.9.0 on 3.11." in said


def test_a_release_that_was_never_executed_does_not_pass_and_is_named(tmp_path):
    away = record("1.3.4", "3.6", "no-interpreter", "no Python 3.6 was found")
    said = in_short(matrix_of(tmp_path, changed(**{"py36-gevent1_3_4": away})))
    assert "**2 of 3** gevent releases" in said
    assert "**6 of 7** wheel pairs executed" in said
    assert "Not executed: 1.3.4." in said


def test_a_cell_that_was_not_run_yet_is_no_pass(tmp_path):
    said = in_short(matrix_of(tmp_path, changed(**{"py36-gevent1_1a1": None})))
    assert "(1 of 2 pre-releases)" in said
    assert "Not executed: 1.1a1." in said
    assert "not run yet, and in no count: 1." in said


def test_many_failures_are_counted_after_the_first_few(tmp_path):
    failing = {
        name: record(one["gevent"], one["python"], "fail", "why")
        for name, one in cells().items()
        if one["outcome"] == "pass"
    }
    assert len(failing) == 8
    said = in_short(matrix_of(tmp_path, changed(**failing)))
    assert "**0 of 3** gevent releases" in said
    assert "and 2 more." in said


def test_gevent_s_development_branch_is_in_no_count(tmp_path):
    master = {"py311-master": record("master", "3.11", "fail", "why", "git")}
    matrix = matrix_of(tmp_path, cells(), master=master)
    assert in_short(matrix) == in_short(matrix_of(tmp_path, cells()))
    assert [cell.gevent for cell in matrix.master] == ["master"]


def test_each_tier_counts_its_own_pythons(tmp_path):
    failing = record("1.3.4", "3.6", "timeout", "it hangs")
    matrix = matrix_of(tmp_path, changed(**{"py36-gevent1_3_4": failing}))
    historical = counts.tier(matrix, supported=False)
    assert historical.pythons == ("3.6",)
    assert str(historical.cells) == "3 of 4"
    supported = counts.tier(matrix, supported=True)
    assert supported.pythons == ("3.8", "3.10", "3.11")
    assert str(supported.cells) == "4 of 4"


def test_a_matrix_that_was_not_run_claims_nothing(tmp_path):
    passes = {name: None for name, one in cells().items() if one["outcome"] == "pass"}
    said = in_short(matrix_of(tmp_path, changed(**passes)))
    assert said == "The matrix was not run yet."
