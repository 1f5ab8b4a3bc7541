"""The page that says which test proves what names only tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_is_named_exists():
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page))
    assert len(named) > 30
    for path, test in sorted(named):
        source = (ROOT / path).read_text("utf-8")
        assert "def {}(".format(test) in source, (path, test)


def test_every_file_and_folder_that_is_named_exists():
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    for path in re.findall(r"`(tests/[\w/.]+)`", page):
        assert (ROOT / path).exists(), path
