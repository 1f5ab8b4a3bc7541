"""A link of the site that leads nowhere is found; one that leads somewhere is not."""

from __future__ import annotations

import pytest

from maintenance.docs.__main__ import main
from maintenance.docs.dead_links import find_dead, pages_of

PAGE = """<!doctype html><html><head><link rel="stylesheet" href="_static/a.css?v=1">
</head><body><h1 id="top">A page</h1><a name="old">.</a>{}</body></html>"""


@pytest.fixture
def site(tmp_path):
    """``site(body)`` makes a site of which index.html has that body."""

    def make(body):
        (tmp_path / "_static").mkdir()
        (tmp_path / "_static" / "a.css").write_text("", "utf-8")
        (tmp_path / "api").mkdir()
        (tmp_path / "api" / "index.html").write_text(
            PAGE.format('<a href="../index.html#top">up</a>').replace(
                "_static", "../_static"
            ),
            "utf-8",
        )
        (tmp_path / "index.html").write_text(PAGE.format(body), "utf-8")
        return tmp_path

    return make


def dead_in(directory):
    return [(link.target, link.reason) for link in find_dead(pages_of(directory))]


@pytest.mark.parametrize(
    "link",
    [
        "index.html",
        "#top",
        "#old",
        "#",
        "api/index.html#top",
        "api/#top",
        "api/index.html?q=1",
        "https://example.com/none#none",
        "//example.com/none",
        "mailto:nobody@example.com",
    ],
)
def test_a_link_that_leads_somewhere_or_out_of_the_site_is_no_find(site, link):
    assert dead_in(site('<a href="{}">x</a>'.format(link))) == []


@pytest.mark.parametrize(
    ("tag", "target", "reason"),
    [
        ('<a href="{}">x</a>', "none.html", "no such file"),
        ('<a href="{}">x</a>', "_static", "no such file"),
        ('<a href="{}">x</a>', "#none", "no such anchor"),
        ('<a href="{}">x</a>', "api/index.html#none", "no such anchor"),
        ('<a href="{}">x</a>', "/index.html", "begins at the root of the host"),
        ('<img src="{}">', "_images/none.svg", "no such file"),
        ('<script src="{}"></script>', "none.js", "no such file"),
        ('<img srcset="{} 2x">', "none.png", "no such file"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(site, tag, target, reason):
    ((found, why),) = dead_in(site(tag.format(target)))
    assert found == target
    assert why.startswith(reason)


def test_a_dead_link_is_told_with_its_page_and_ends_in_status_1(site, capsys):
    assert main([str(site('<a href="none.html">x</a>'))]) == 1
    said = capsys.readouterr().out
    assert "error: index.html: none.html: no such file" in said
    assert "1 of them dead" in said


def test_a_site_without_dead_links_ends_in_status_0(site, capsys):
    assert main([str(site('<a href="#top">x</a>'))]) == 0
    assert "4 links in 2 pages, 0 of them dead" in capsys.readouterr().out


def test_a_directory_that_is_no_site_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path)])
    assert ended.value.code == 2
    assert "it has no index.html" in capsys.readouterr().err
