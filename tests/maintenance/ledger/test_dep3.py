"""Headers are read as they were written, and entries are added whole or not at all."""

from __future__ import annotations

import pytest

from maintenance.ledger import dep3, entries

TEXT = """\
Description: Retry, and log
 The first line is the synopsis.
 .
  * indented more
Origin: upstream, pull:5
X-Tests:
 tests/a.py::test_a
 tests/b.py::test_b
"""


def test_a_header_is_written_as_it_was_read():
    assert dep3.dump(dep3.parse(TEXT, "x")) == TEXT


def test_a_value_keeps_its_lines_without_the_indent():
    header = dep3.parse(TEXT, "x")
    assert header["Description"] == (
        "Retry, and log\nThe first line is the synopsis.\n\n * indented more"
    )
    assert header.lines == {"Description": 1, "Origin": 5, "X-Tests": 6}


def test_what_a_header_cannot_hold_is_not_written():
    with pytest.raises(ValueError, match="no name of a field"):
        dep3.dump({"x status": "pending"})
    with pytest.raises(ValueError, match="single dot"):
        dep3.dump({"Description": "a\n."})


@pytest.fixture
def ledger(tmp_path):
    (tmp_path / "series").write_text("# in order\n0007-old.dep3  # first\n")
    (tmp_path / "0007-old.dep3").write_text(TEXT)
    return tmp_path


def test_an_entry_is_read_with_its_lists(ledger):
    (entry,) = entries.load(ledger)
    assert (entry.name, entry.number) == ("0007-old", "0007")
    assert entry.tests == ("tests/a.py::test_a", "tests/b.py::test_b")
    assert (entry.symbols, entry.klass, entry.fails_with) == ((), None, ())


def test_one_declared_failure_stands_for_every_test(ledger):
    path = ledger / "0007-old.dep3"
    path.write_text(TEXT + "X-Fails-With: AssertionError: no: never\n")
    (entry,) = entries.load(ledger)
    assert entry.fails_with == (("AssertionError", "no: never"),) * 2


def test_a_further_entry_gets_the_next_number_and_the_last_place(ledger):
    name = entries.next_name(ledger, "more-of-it")
    entries.add(ledger, name, {"X-Status": "pending", "Description": "More"})
    assert name == "0008-more-of-it"
    assert entries.series(ledger) == ["0007-old.dep3", "0008-more-of-it.dep3"]
    # In the order of the fields, whatever order they were given in.
    text = (ledger / "0008-more-of-it.dep3").read_text()
    assert text == "Description: More\nX-Status: pending\n"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("0008-more", {"X-Stat": "pending"}),
        ("0007-old", {"X-Status": "pending"}),
        ("0008-more", {"Description": "a\n."}),
    ],
)
def test_an_entry_that_cannot_be_added_leaves_nothing(ledger, name, fields):
    before = {path.name: path.read_text() for path in ledger.iterdir()}
    with pytest.raises(ValueError, match=r"field|already|dot"):
        entries.add(ledger, name, fields)
    assert {path.name: path.read_text() for path in ledger.iterdir()} == before


@pytest.mark.parametrize("slug", ["", "Two Words", "-x", "a--b", "a/b"])
def test_a_name_needs_a_slug(ledger, slug):
    with pytest.raises(ValueError, match="is no slug"):
        entries.next_name(ledger, slug)
