"""The site that ``nox -s docs`` makes leaves out no page and no public name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from .public_names import exported, public_names

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "geventconnpool_ext"


def listed(page):
    """The pages in the toctrees of a page, by their names from docs/ on."""
    for content in re.findall(
        r"^```\{toctree\}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S
    ):
        for line in content.splitlines():
            if line and not line.startswith(":"):
                name = re.sub(r".*<(.*)>$", r"\1", line)
                yield (page.parent / name).relative_to(DOCS).as_posix()


def pages():
    """Every page there is."""
    for path in [*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")]:
        yield path.relative_to(DOCS).with_suffix("").as_posix()


def all_listed():
    return [*listed(DOCS / "index.md"), *listed(DOCS / "api" / "index.md")]


def test_every_page_is_in_a_table_of_contents_once():
    assert sorted(all_listed()) == sorted(set(pages()) - {"index"})


def referenced():
    """Every name in the API reference, one of a class or a whole module included."""
    for page in (DOCS / "api").glob("*.rst"):
        text = page.read_text("utf-8")
        for kind, name, options in re.findall(
            r"^\.\. (?:auto)?(\w+):: (\S+)\n((?:   :.*\n)*)", text, re.M
        ):
            yield name
            if kind == "module" and "   :members:\n" in options:
                yield from (name + "." + inner for inner in exported(name))
            for inner in re.findall(r"\b_\w+", options):
                yield name + "." + inner


def test_every_public_name_is_in_the_reference():
    public = list(public_names())
    assert len(public) > 70
    assert sorted(set(public) - set(referenced())) == []


def test_a_file_of_the_root_that_is_a_page_is_included_by_it():
    conf = (DOCS / "conf.py").read_text("utf-8")
    (included,) = re.findall(r"^source_links_pages = (\{.*?^\})", conf, re.M | re.S)
    for page, name in ast.literal_eval(included).items():
        assert "```{include} ../" + name in (DOCS / (page + ".md")).read_text("utf-8")
