"""docs/versioning.md tells the truth about this package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("griffe")
pytest.importorskip("packaging")

from packaging.version import Version

from geventconnpool_ext.compatibility import load
from maintenance.api.page import promises
from maintenance.api.surface import public_names, surface

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "versioning.md").read_text("utf-8")
SHOWN = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN += sorted((ROOT / "examples").rglob("*.py"))
IMPORT = re.compile(
    r"^\s*from (geventconnpool_ext[\w.]*) import (?:\(([^)]*)\)|([^(\n#]+))", re.M
)


def test_all_that_the_page_calls_public_is_there():
    names = public_names(surface(ROOT))
    assert "geventconnpool_ext.ConnectionPool" in names
    assert "geventconnpool_ext.retry" in names
    assert "geventconnpool_ext.testing.Server" in names
    assert "geventconnpool_ext.testing.plugin.epp_pool" in names


def test_a_program_imports_only_what_is_public_where_the_pages_show_one():
    names = public_names(surface(ROOT)) | set(promises(ROOT))
    shown = {
        f"{module}.{name.split(' as ')[0].strip()}"
        for page in SHOWN
        for module, block, line in IMPORT.findall(page.read_text("utf-8"))
        for name in (block or line).split(",")
        if name.strip()
    }
    assert len(shown) > 20
    assert shown - names == set()


def rows(title):
    table = PAGE.partition(f"| {title} |")[2].partition("\n\n")[0]
    lines = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_each_python_that_is_supported_has_a_date_and_its_oldest_gevent():
    metadata = (ROOT / "pyproject.toml").read_text("utf-8")
    classifiers = re.findall(r"Python :: (3\.\d+)\"", metadata)
    table = rows("Python")
    assert list(table) == classifiers
    matrix = load()
    for python, (_, _, oldest) in table.items():
        passing = [
            version
            for version in map(Version, matrix.passing_releases(python))
            if version >= Version("1.5") and not version.is_prerelease
        ]
        assert Version(oldest) == min(passing), python


def test_support_lasts_a_year_longer_than_the_python_itself():
    for own, here, _ in rows("Python").values():
        ends, until = (int(text.split()[1]) for text in (own, here))
        assert until == max(ends + 1, 2027)


def test_no_name_is_deprecated_that_the_page_does_not_list():
    using = [
        path.name
        for path in (ROOT / "geventconnpool_ext").rglob("*.py")
        if path.name != "_deprecation.py"
        and re.search(r"renamed_parameter|deprecated_names", path.read_text("utf-8"))
    ]
    assert ("At present nothing is deprecated." in PAGE) == (using == [])
