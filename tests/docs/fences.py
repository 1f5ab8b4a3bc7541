"""Finds the Python that the pages show: the line that opens each block of it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Every page for a reader: those of the site, and what they include or link to.
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "docs").rglob("*.rst")),
    *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "compat").glob("*.md")),
]

# Those whose blocks of plain `python` are run by test_examples.
EXAMPLE_PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# However it is written: indented, with tildes, or as a directive of either language.
_OPENING = re.compile(r"^[ >]*(?:`{3,}|~{3,}|\.\. [\w-]+::) *(\S.*)$", re.M)
_PYTHON = re.compile(r"\b(?:i?py(?:thon)?3?|pycon)\b", re.I)


def examples(page):
    """The blocks of a page that test_examples runs."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def python_openings(text):
    """The lines that open a block of Python."""
    return [
        found.group().rstrip()
        for found in _OPENING.finditer(text)
        if _PYTHON.search(found.group(1))
    ]
