"""The report that a workflow puts into a pull request or an issue."""

from __future__ import annotations

from maintenance.compat.execution import Ended
from maintenance.compat.watch import report, title

RECORD = {
    "gevent": "27.1.0",
    "python": "3.11",
    "python_version": "3.11.7",
    "greenlet": "3.5",
    "tests": 7,
    "outcome": "pass",
    "reason": "",
    "tail": [],
}
FAILED = {
    **RECORD,
    "outcome": "fail",
    "reason": "1 test failed in a|b",
    "tail": ["```", "E  assert 0"],
}


def test_a_green_release_is_told_in_the_title_and_a_table():
    ended = Ended({"py311-gevent27_1_0": RECORD})
    lines = report(ended, ["27.1.0 is new"], {"pass": 1}).splitlines()
    assert lines[0] == "# gevent 27.1.0: as expected"
    assert "- gevent 27.1.0 is new" in lines
    assert "1 pass." in lines
    assert "| `py311-gevent27_1_0` | 3.11.7 | 3.5 | 7 | pass |  |" in lines
    assert not any(line.startswith("## ") for line in lines)


def test_a_red_cell_has_its_reason_its_command_and_its_last_lines():
    ended = Ended({"cell": FAILED}, {"cell": "fail instead of pass"})
    text = report(ended, [], {"fail": 1})
    assert "# gevent 27.1.0: not as expected" in text
    assert "## cell: fail instead of pass" in text
    assert "1 test failed in a|b." in text
    # A fence in what a test printed ends nothing.
    assert "````text\n```\nE  assert 0\n````" in text


def test_a_bar_in_a_reason_does_not_break_the_table():
    (row,) = [
        line
        for line in report(Ended({"cell": FAILED}), [], {}).splitlines()
        if line.startswith("| `cell`")
    ]
    assert row.endswith("| 1 test failed in a\\|b |")


def test_a_cell_without_a_class_is_in_the_report_as_an_error():
    ended = Ended(unclassified=["cell: no report"])
    assert "an error of the matrix" in report(ended, [], {})
    assert "cell: no report" in report(ended, [], {})


def test_news_alone_are_a_report_too():
    text = report(Ended(), ["1.2.0 has changed: yanked"], {})
    assert text.startswith("# gevent 1.2.0 has changed: yanked\n")


def test_many_releases_do_not_fill_the_title():
    records = {str(n): {**RECORD, "gevent": f"{n}.0"} for n in range(5)}
    assert title(Ended(records)) == "gevent 0.0, 1.0, 2.0 and others: as expected"
