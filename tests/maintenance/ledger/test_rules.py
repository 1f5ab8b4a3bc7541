"""Each rule that reading alone can check turns red exactly what breaks it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from maintenance.ledger import checking
from maintenance.ledger.listing import listing

from . import project as made_up
from .project import CHANGELOG, DEFECT, DEFECTS, FIRST, LEDGER, PULL, SHA, WORDS


def findings(project, **options):
    """What is wrong, as far as no child has to be started."""
    read, unread = listing(project / "patches")
    return [*unread, *checking.texts(project, read, defects=DEFECTS, **options)]


def only(project, **options):
    """The one thing that is wrong."""
    (found,) = findings(project, **options)
    return found


def test_a_ledger_in_order_has_no_findings(project):
    assert findings(project) == []


def test_an_entry_from_a_mailed_patch_is_in_order(project):
    fields = {**PULL, "Origin": "other, patch:" + made_up.PATCH_ID}
    made_up.make(project, {**LEDGER, "0006-mailed": fields})
    assert findings(project) == []


TOMORROW_BUT_ONE = datetime.now(timezone.utc).date() + timedelta(days=2)
ONE_TEST = FIRST["X-Tests"]
BROKEN = [
    # an entry, a field, a value (None: no such field), what the finding says
    ("0001-first-version", "Author", None, "Author is missing"),
    ("0001-first-version", "Description", None, "Description is missing"),
    ("0001-first-version", "Last-Update", None, "Last-Update is missing"),
    ("0001-first-version", "Forwarded", None, "Forwarded is missing"),
    ("0001-first-version", "X-Status", None, "X-Status is missing"),
    ("0001-first-version", "X-Class", None, "X-Class is missing (X-Status is"),
    ("0001-first-version", "X-Symbols", None, "X-Symbols is missing (X-Status"),
    ("0001-first-version", "X-Tests", None, "X-Tests is missing (X-Status is"),
    ("0001-first-version", "Author", "", "Author is empty"),
    ("0001-first-version", "X-Clas", "parity", "unknown field X-Clas"),
    ("0001-first-version", "Reviewed-By", "Me", "unknown field Reviewed-By"),
    ("0001-first-version", "Description", "w" * 73, "has 73 characters"),
    ("0001-first-version", "Forwarded", "maybe", "Forwarded is 'maybe'"),
    ("0001-first-version", "Bug", "#5", "Bug is '#5'"),
    ("0001-first-version", "Applied-Upstream", "soon", "Applied-Upstream is 'soon'"),
    ("0001-first-version", "Last-Update", "24.11.2026", "Last-Update is '24.11.2026'"),
    ("0001-first-version", "Last-Update", str(TOMORROW_BUT_ONE), "is in the future"),
    ("0001-first-version", "X-Status", "adoptd", "X-Status is 'adoptd'"),
    ("0001-first-version", "X-Class", "parities", "X-Class is 'parities'"),
    ("0001-first-version", "X-Symbols", "gevent.sleep", "X-Symbols has 'gevent.sl"),
    ("0001-first-version", "X-Tests", ONE_TEST + "[ours]", "X-Tests has 'tests/dif"),
    ("0001-first-version", "X-Tests", f"{ONE_TEST}\n{ONE_TEST}", "twice"),
    ("0001-first-version", "X-Tests", "tests/test_own.py::test_x", "does not run over"),
    ("0001-first-version", "X-Here", "something", "X-Here belongs to a divergence"),
    ("0002-words", "Description", "A typing error", "does not say why"),
    ("0002-words", "X-Class", "parity", "X-Class without X-Tests"),
    ("0002-words", "X-Tests", "tests/test_own.py::test_x", "X-Tests without X-Class"),
    ("0003-mind", "Description", "Reads minds", "does not say why"),
    ("0004-connecting", "X-Fails-With", None, "a divergence without X-Fails-With"),
    ("0004-connecting", "X-Upstream", None, "a divergence without X-Upstream"),
    ("0004-connecting", "X-Here", None, "a divergence without X-Here"),
    ("0004-connecting", "X-Since", None, "a divergence without X-Since"),
    ("0004-connecting", "X-Since", "next", "X-Since is 'next'"),
    ("0004-connecting", "X-Here", "a | b", "X-Here is 'a | b'"),
    ("0004-connecting", "X-Tests", "tests/test_own.py::test_x", "does not run over"),
    ("0005-statistics", "Origin", "other, defect:No", "Origin is 'other, defect:No'"),
]


@pytest.mark.parametrize(("name", "field", "value", "reason"), BROKEN)
def test_a_broken_field_turns_its_entry_red_and_no_other(
    project, name, field, value, reason
):
    made_up.write(project, name, {**LEDGER[name], field: value})
    made_up.render(project)
    found = only(project)
    assert found.subject == name
    assert reason in found.reason
    assert found.remedy


UNREADABLE = [
    ("Origin: a\nOrigin: b\n", ":2: Origin stands in line 1 already"),
    ("Origin: a\n\nand so on\n", ":2: an empty line ends the header"),
    ("Origin: a\nand so on\n", ":2: 'and so on' is no 'Field: value'"),
    (" Origin: a\n", ":1: a continuation line before any"),
    ("Origin: a \n", ":1: blanks at the line's end"),
    ("", ":1: empty"),
    ("X-Tests: a\nX-Fails-With: Assertion\n", ":2: X-Fails-With: 'Assertion' is no"),
    ("X-Tests: a\nX-Fails-With: E: (\n", ":2: X-Fails-With: '(' is no regular"),
    ("X-Tests: a\nX-Fails-With: E: a\n E: b\n", ":2: X-Fails-With has 2 lines for 1"),
]


@pytest.mark.parametrize(("text", "reason"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_with_its_line(project, text, reason):
    name = "0006-broken.dep3"
    (project / "patches" / name).write_text(text)
    with (project / "patches" / "series").open("a") as series:
        series.write(name + "\n")
    found = only(project)
    assert found.subject == "0006-broken"
    assert f"patches/{name}{reason}" in found.reason


def test_a_file_in_another_encoding_is_told_with_its_line(project):
    path = project / "patches" / "0006-latin.dep3"
    path.write_bytes(b"Origin: a\nAuthor: Ren\xe9\n")
    with (project / "patches" / "series").open("a") as series:
        series.write(path.name + "\n")
    assert only(project).reason == "patches/0006-latin.dep3:2: not UTF-8"


def in_series(project, *names):
    text = "".join(f"{name}.dep3\n" for name in names)
    (project / "patches" / "series").write_text(text)


def test_a_file_that_series_does_not_list_is_red(project):
    in_series(project, *list(LEDGER)[:-1])
    assert only(project)[:2] == ("0005-statistics", "series does not list it")


def test_a_file_that_series_lists_and_is_not_there_is_red(project):
    in_series(project, *LEDGER, "0006-gone")
    assert only(project)[:2] == ("0006-gone", "series lists it; no such file")


def test_a_file_that_series_lists_twice_is_red(project):
    in_series(project, *LEDGER, "0005-statistics")
    assert only(project)[:2] == (
        "patches/series",
        "it lists 0005-statistics.dep3 2 times",
    )


def test_a_ledger_without_series_is_red(project):
    made_up.make(project, {})
    (project / "patches" / "series").unlink()
    assert "patches/series" in [found.subject for found in findings(project)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("0005-again", "number 0005 after 0005"),
        ("0006_Mind", "not a name of an entry"),
    ],
)
def test_a_name_that_breaks_the_order_or_the_form_is_red(project, name, reason):
    fields = {**PULL, "Origin": "other, defect:another"}
    made_up.make(project, {**LEDGER, name: fields})
    found = only(project)
    assert found.subject == name
    assert reason in found.reason


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("0002-words", f"commit {SHA['b'][:12]}"),
        ("0003-mind", "pull request 5"),
        ("0004-connecting", "defect U1"),
    ],
)
def test_a_commit_pull_request_or_defect_without_an_entry_is_red(
    project, name, subject
):
    (project / "patches" / f"{name}.dep3").unlink()
    in_series(project, *(other for other in LEDGER if other != name))
    (project / "CHANGELOG.md").write_text(CHANGELOG if name[3] != "4" else "")
    made_up.render(project)
    assert only(project)[:2] == (subject, "it has no entry")


@pytest.mark.parametrize("name", ["0001-first-version", "0003-mind", "0004-connecting"])
def test_a_second_entry_for_one_thing_is_red(project, name):
    fields = {**WORDS, "Origin": LEDGER[name]["Origin"]}
    made_up.make(project, {**LEDGER, "0006-again": fields})
    found = only(project)
    assert found.subject == "0006-again"
    assert f"{name} has the same Origin" in found.reason


@pytest.mark.parametrize("origin", ["commit:" + SHA["d"], "pull:6"])
def test_an_entry_for_what_the_lock_does_not_know_is_red(project, origin):
    fields = {**WORDS, "Origin": "upstream, " + origin}
    made_up.make(project, {**LEDGER, "0006-unknown": fields})
    found = only(project)
    assert found.subject == "0006-unknown"
    assert "upstream.lock has no such thing" in found.reason


def test_a_test_that_two_classes_claim_is_red(project):
    fields = {
        **FIRST,
        "Origin": "other, defect:another",
        "X-Tests": DEFECT["X-Tests"],
    }
    made_up.make(project, {**LEDGER, "0006-parity": fields})
    found = only(project)
    assert found.subject == "0006-parity"
    assert "is parity here and divergence in 0004-connecting" in found.reason


PENDING = {
    field: WORDS[field]
    for field in ("Description", "Author", "Forwarded", "Last-Update")
}
PENDING["Origin"] = "other, patch:" + made_up.PATCH_ID
PENDING["X-Status"] = "pending"


def test_a_pending_entry_is_red_unless_it_is_allowed(project):
    made_up.make(project, {**LEDGER, "0006-new": PENDING})
    assert only(project)[:2] == ("0006-new", "it is pending")
    assert findings(project, allow_pending=True) == []


def test_a_pending_entry_has_to_be_in_order_even_if_it_is_allowed(project):
    made_up.make(project, {**LEDGER, "0006-new": {**PENDING, "Author": None}})
    assert only(project, allow_pending=True).reason == "Author is missing"


def test_a_divergence_that_the_changelog_does_not_mention_is_red(project):
    (project / "CHANGELOG.md").write_text(CHANGELOG.replace("ledger", "entry"))
    found = only(project)
    assert found[:2] == ("0004-connecting", "CHANGELOG.md does not mention it")
    assert "(ledger 0004)" in found.remedy


def test_a_mark_may_name_several_entries(project):
    (project / "CHANGELOG.md").write_text("Much (ledger 0003,\n  0004).\n")
    assert findings(project) == []


def test_a_mark_in_the_changelog_that_names_no_entry_is_red(project):
    (project / "CHANGELOG.md").write_text(CHANGELOG + "More (ledger 0044).\n")
    found = only(project)
    assert found.subject == "CHANGELOG.md"
    assert "ledger 0044" in found.reason


def test_a_page_edited_by_hand_is_red(project):
    page = project / "docs" / "differences.md"
    page.write_text(page.read_text().replace("hangs for ever", "hangs"))
    found = only(project)
    assert found[:2] == ("docs/differences.md", "it is not what the ledger says")
    assert "--render" in found.remedy


def test_an_entry_that_says_something_new_makes_the_page_stale(project):
    made_up.write(project, "0004-connecting", {**DEFECT, "X-Here": "it is opened"})
    assert only(project).subject == "docs/differences.md"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"0.2.1"', '"0.3"', "VERSION is '0.3', and upstream.lock has no such"),
        ('"111', '"211', "SHA256 is 2111"),
    ],
)
def test_a_shim_for_another_release_than_the_lock_s_is_red(project, old, new, reason):
    shim = project / "tests" / "upstream" / "shim.py"
    shim.write_text(shim.read_text().replace(old, new))
    found = only(project)
    assert found.subject == "tests/upstream/shim.py"
    assert reason in found.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "is missing"),
        ("a = ", "is no TOML"),
        ("repository = 'x'\n", "lacks 'branch'"),
    ],
)
def test_a_lock_that_cannot_be_read_is_red(project, text, reason):
    path = project / "patches" / "upstream.lock"
    path.unlink() if text is None else path.write_text(text)
    found = only(project)
    assert found.subject == "patches/upstream.lock"
    assert reason in found.reason
