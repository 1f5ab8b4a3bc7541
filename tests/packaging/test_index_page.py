"""The page of the package index: complete, and every link of it leads somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# [text](target), ![text](target), <target>, and HTML's two.
LINK = re.compile(
    r"\]\(([^)\s]+)[^)]*\)|<(https?://[^>]+)>|(?:src|href)=[\"']([^\"']+)"
)


@pytest.fixture
def project(metadata):
    """What the metadata say of where the project lives."""
    return dict(line.split(", ", 1) for line in metadata.get_all("Project-URL"))


@pytest.fixture
def page(metadata):
    """The text, without the blocks of code."""
    assert metadata["Description-Content-Type"] == "text/markdown"
    return re.sub(r"^```.*?^```", "", metadata.get_payload(), flags=re.M | re.S)


def links(text):
    return ["".join(found) for found in LINK.findall(text)]


def anchors(text):
    """The anchors of a Markdown page's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading).lower()
        yield re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def test_no_link_of_the_page_is_relative(page):
    found = links(page)
    assert len(found) > 10
    assert [link for link in found if not link.startswith("https://")] == []


def test_a_link_into_the_project_names_the_release_and_what_it_has(
    page, project, metadata
):
    home = project["Source"]
    own = [link for link in links(page) if link.startswith(home)]
    assert len(own) > 10
    wrong = [link for link in own if not leads_somewhere(link, home, metadata)]
    assert wrong == []


def leads_somewhere(link, home, metadata):
    path, _, anchor = link[len(home) + 1 :].partition("#")
    kind, tag, *rest = path.split("/")
    target = ROOT.joinpath(*rest)
    if tag != "v" + metadata["Version"]:
        return False
    if kind == "tree":
        return target.is_dir()
    if not target.is_file():
        return False
    if kind == "raw":
        return target.suffix in (".svg", ".png") and not anchor
    return kind == "blob" and (
        not anchor or anchor in anchors(target.read_text("utf-8"))
    )


@pytest.mark.parametrize(
    "link",
    [
        "HOME/blob/vVERSION/docs/no-such-page.md",
        "HOME/blob/vVERSION/README.md#no-such-heading",
        "HOME/blob/main/README.md",
        "HOME/blob/vVERSION/docs",
        "HOME/tree/vVERSION/README.md",
        "HOME/raw/vVERSION/README.md",
    ],
)
def test_a_link_that_leads_nowhere_would_be_found(link, project, metadata):
    home = project["Source"]
    full = link.replace("HOME", home).replace("VERSION", metadata["Version"])
    assert leads_somewhere(
        home + "/blob/v" + metadata["Version"] + "/README.md#epp", home, metadata
    )
    assert not leads_somewhere(full, home, metadata)


def test_every_picture_of_the_readme_is_shown_by_a_link_to_the_file_itself(page):
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(pictures) == len(re.findall(r"!\[", readme)) > 0
    assert all("/raw/" in picture for picture in pictures)


def test_the_page_is_the_readme_and_then_what_is_new(metadata):
    text = metadata.get_payload()
    readme, title, news = text.partition("\n# What is new\n\n")
    assert title
    own = (ROOT / "README.md").read_text("utf-8")
    headings = re.compile(r"^#+ .*$", re.M)
    assert headings.findall(readme) == headings.findall(own)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.split(r"^(?=## \[)", changelog, flags=re.M)[1:]
    first = next(s for s in sections if headings.findall(s)[1:])
    assert headings.findall(news) == headings.findall(first)
    assert "<!-- towncrier" not in news


def test_who_reads_the_page_installs_from_the_index(metadata):
    text = metadata.get_payload()
    assert 'pip install "geventconnpool_ext[epp,cli,testing]"' in text
    assert 'pip install ".' not in text
    assert "this repository" not in text, "a page of the index is in none"


@pytest.mark.parametrize("place", ["the repository", "the index"])
def test_a_command_is_said_to_need_a_checkout_if_it_does(place, metadata):
    readme = (ROOT / "README.md").read_text("utf-8")
    text = readme if place == "the repository" else metadata.get_payload()
    found = re.findall(r"(\S(?:(?!\n\n).)*)\n\n```sh\n(.*?)^```", text, re.M | re.S)
    assert len(found) == len(re.findall(r"^```sh$", text, re.M)) >= 3
    for sentence, commands in found:
        needed = re.search(r'pip install "?\.|&& nox$', commands, re.M) is not None
        assert ("checkout" in sentence) == needed, commands


@pytest.mark.parametrize("version", ["1.0.0", "1.2.3"])
def test_a_release_shows_its_own_section_and_no_older_one(version, tmp_path):
    text = page_of_a_release(tmp_path, version)
    news = text.partition("\n# What is new\n\n")[2]
    assert news == "## [{}] - 2026-11-27\n\n### Fixed\n\n- Mended.".format(version)
    assert "/blob/v{}/docs/operating.md".format(version) in text


def page_of_a_release(directory, version):
    """As the build makes it, of a changelog that has two releases."""
    builder = pytest.importorskip("hatch_fancy_pypi_readme._builder")
    config = pytest.importorskip("hatch_fancy_pypi_readme._config")
    if sys.version_info < (3, 11):
        tomllib = pytest.importorskip("tomli")
    else:
        import tomllib
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    hook = tomllib.loads(text)["tool"]["hatch"]["metadata"]["hooks"]
    (directory / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n<!-- towncrier release notes start -->\n\n"
        "## [{}] - 2026-11-27\n\n### Fixed\n\n- Mended.\n\n"
        "## [0.9.0] - 2026-01-02\n\n### Fixed\n\n- Old.\n".format(version),
        "utf-8",
    )
    settings = hook["fancy-pypi-readme"]
    for fragment in settings["fragments"]:
        if "path" in fragment:
            base = directory if fragment["path"] == "CHANGELOG.md" else ROOT
            fragment["path"] = str(base / fragment["path"])
    made = config.load_and_validate_config(settings)
    return builder.build_text(made.fragments, made.substitutions, "", version)


def test_the_projects_home_is_named_alike_wherever_it_stands(project):
    home = project["Source"]
    assert project["Homepage"] == home
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    owner, name = home.split("/")[-2:]
    named = set(re.findall(r"https://github\.com/[\w-]+/geventconnpool_ext", text))
    assert named == {home}
    assert project["Documentation"] == "https://{}.github.io/{}/".format(owner, name)
    assert project["Changelog"] == home + "/blob/main/CHANGELOG.md"
