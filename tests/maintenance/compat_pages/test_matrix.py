"""Risk: results that could not be shown truly are shown all the same."""

from __future__ import annotations

import pytest

from maintenance.compat_pages.errors import PagesError
from maintenance.compat_pages.matrix import NOT_RUN, read

from .made import cells, changed, record, write


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (record("26.9.0", "3.11", "flaky", "why"), "'flaky'"),
        (record("26.9.0", "3.11", "fail", ""), "gives no reason"),
        (record("26.9.0", "3.10"), "are the same cell"),
        (record("newest", "3.11"), "newest"),
        ({"gevent": "26.9.0"}, "has no 'python'"),
    ],
)
def test_a_record_that_cannot_be_shown_is_an_error_that_names_it(tmp_path, made, words):
    results = changed(**{"py311-gevent26_9_0": made})
    with pytest.raises(PagesError) as raised:
        read(write(tmp_path / "results.json", results))
    assert words in str(raised.value)
    assert "26_9_0" in str(raised.value) or "newest" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "nox -s compat"),
        ("{", "not JSON"),
        ('{"schema": 2}', "schema 1"),
        ('{"schema": 1, "platform": "linux-x86_64", "cells": {}}', "no cell"),
    ],
)
def test_a_file_that_is_no_results_is_an_error_that_says_what_is_wrong(
    tmp_path, text, words
):
    path = tmp_path / "results.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(PagesError, match=words):
        read(path)


def test_a_pair_without_a_record_is_shown_as_not_run(tmp_path):
    results = changed(**{"py311-gevent26_9_0": None})
    matrix = read(write(tmp_path / "results.json", results))
    assert [cell.outcome for cell in matrix.rows["26.9.0"]] == [
        "no-artefact",
        "no-artefact",
        "pass",
        NOT_RUN,
    ]


def test_releases_come_newest_first_and_those_that_predate_python_3_apart(tmp_path):
    matrix = read(write(tmp_path / "results.json", cells()))
    assert list(matrix.rows) == ["26.9.0", "20.6.2", "1.5a4", "1.3.4", "1.1a1"]
    assert matrix.predating == ("1.0", "0.13.8")
    assert matrix.pythons == ("3.6", "3.8", "3.10", "3.11")
    assert matrix.prereleases == ["1.5a4", "1.1a1"]
