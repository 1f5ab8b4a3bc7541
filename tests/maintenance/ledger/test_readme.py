"""patches/README.md names what there is: fields, words, options, and red lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maintenance.ledger import entries
from maintenance.ledger.__main__ import parser

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "patches" / "README.md").read_text("utf-8")
SOURCES = "".join(
    path.read_text("utf-8")
    for path in [
        *(ROOT / "maintenance" / "ledger").glob("*.py"),
        ROOT / "tests" / "differential" / "judge.py",
    ]
)
# A message may be broken over two lines of source.
JOINED = re.sub(r'"\s*\n\s*f?"', "", SOURCES)
RED = TEXT.partition("## What a red line means")[2]


@pytest.mark.parametrize("word", [*entries.FIELDS, *entries.STATUSES, *entries.CLASSES])
def test_every_field_and_word_is_explained(word):
    assert re.search(rf"^\|.*`{word}`.*\|", TEXT, re.M)


def test_every_command_of_the_page_is_one_that_there_is():
    lines = re.findall(r"`nox -s patches(?: -- ([^`]*))?`", TEXT)
    assert len(lines) >= 6
    for arguments in lines:
        given = parser().parse_args(arguments.split())
        assert given.project == Path()


def test_every_red_line_of_the_page_is_one_that_can_come():
    rows = re.findall(r"^\| (`.*?) \| ", RED, re.M)
    said = [words for row in rows for words in re.findall(r"`([^`]*)`", row)]
    assert len(said) >= 20
    # What varies in a line stands in the page as dots or as a made-up name.
    names = r"upstream\.lock|CHANGELOG\.md|NNNN|-slug|dep3|(?:patches|docs|tests)/"
    varies = rf"{names}|on ours|on upstream|\.\.\.|'|:|\d"
    for words in said:
        for piece in re.split(varies, words):
            piece = piece.strip(" ,")
            assert piece in JOINED, words
