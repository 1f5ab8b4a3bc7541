"""Risk: the page leaves out a release, or a failure, or its reason."""

from __future__ import annotations

from maintenance.compat_pages import page
from maintenance.compat_pages.matrix import read

from .made import RELEASES, cells, changed, record, write


def rendered(tmp_path, made, **more):
    return page.render(read(write(tmp_path / "results.json", made, **more)))


def test_every_release_has_its_row_or_its_place_among_the_old(tmp_path):
    text = rendered(tmp_path, cells())
    rows = [line.split(" | ")[0][2:] for line in text.splitlines() if "✓" in line]
    table = [row for row in rows if row in RELEASES]
    assert table == ["26.9.0", "20.6.2", "1.3.4", "1.5a4", "1.1a1"]
    assert "2, which no Python can run together with this package: 1.0, 0.13.8." in text
    assert "| 1.1a1 | ✓s | · | · | · | 3.5.6 |" in text


def test_a_known_failure_is_listed_with_its_reason(tmp_path):
    assert "## Known failures\n\nNone.\n" in rendered(tmp_path, cells())
    failing = record("26.9.0", "3.11", "fail", "a | b\nand <c>")
    text = rendered(tmp_path, changed(**{"py311-gevent26_9_0": failing}))
    assert "| 26.9.0 | 3.11 | 3.5.6 | fail | a \\| b and &lt;c&gt; |" in text
    assert "| 26.9.0 | · | · | ✓ | F | 3.5.6 |" in text


def test_it_says_what_ran_where_and_when(tmp_path):
    later = record("26.9.0", "3.11", tests=275, date="2026-12-01T10:00:00")
    text = rendered(tmp_path, changed(**{"py311-gevent26_9_0": later}))
    said = " ".join(text.split())
    assert "over all its event loops: 261 to 275." in said
    assert "In libev-cext and libuv-cffi: 7 cells." in said
    assert "In libev-cext: 1 cells." in said
    assert "from 2026-11-25 to 2026-12-01 on linux-x86_64" in said
    assert "    tox run -e py311-gevent26_9_0\n" in text


def test_gevent_s_development_branch_is_told_apart_from_the_releases(tmp_path):
    master = {"py311-master": record("master", "3.11", "fail", "a test fails", "git")}
    text = rendered(tmp_path, cells(), master=master)
    assert "- Python 3.11, 2026-11-25: fail: a test fails\n" in text
    assert "Known failures\n\nNone." in text
