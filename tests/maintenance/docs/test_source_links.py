"""A link that works beside the source works on the site, too."""

from __future__ import annotations

import pytest

from maintenance.docs.source_links import Links, PageLink

HOME = "https://forge.example/team/project"


@pytest.fixture
def links(tmp_path):
    for name in (
        "CHANGELOG.md",
        "docs/operating.md",
        "docs/api/pool.md",
        "docs/alerts.yml",
        "examples/app/README.md",
        "examples/two words.py",
        "package/module.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    return Links(tmp_path, HOME + "/", {"changelog": "CHANGELOG.md"})


@pytest.mark.parametrize(
    ("page", "link", "leads"),
    [
        ("operating", "../package/module.py", HOME + "/blob/main/package/module.py"),
        ("operating", "../examples/app", HOME + "/tree/main/examples/app"),
        (
            "operating",
            "../examples/app/README.md#run",
            HOME + "/blob/main/examples/app/README.md#run",
        ),
        (
            "operating",
            "../examples/two%20words.py",
            HOME + "/blob/main/examples/two%20words.py",
        ),
        ("api/pool", "../../package/module.py", HOME + "/blob/main/package/module.py"),
    ],
)
def test_a_file_that_is_no_page_is_linked_at_the_projects_home(
    links, page, link, leads
):
    assert links.follow(page, link) == leads


def test_a_file_of_the_root_that_is_a_page_is_linked_as_that_page(links):
    found = links.follow("operating", "../CHANGELOG.md#added")
    assert found == PageLink("changelog", "added")


def test_what_was_included_has_its_links_read_from_where_it_stands(links):
    found = links.follow("changelog", "docs/operating.md#leaks")
    assert found == PageLink("operating", "leaks")
    found = links.follow("changelog", "package/module.py")
    assert found == HOME + "/blob/main/package/module.py"
    assert links.follow("changelog", "../package/module.py") is None


@pytest.mark.parametrize(
    "link",
    [
        "none.md",
        "../none.md",
        "alerts.yml",  # beside the page: Sphinx offers it as a download
        "../..",
        "../../elsewhere",
        "#anchor",
    ],
)
def test_what_is_not_there_or_sphinxs_own_is_left_to_sphinx(links, link):
    assert links.follow("operating", link) is None
