"""The site that ``nox -s docs`` makes leaves out no page and no public name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "geventconnpool_ext"

# What docs/api/ is about; the modules below them count where they are named here.
DOCUMENTED = [
    "__init__",
    "epp/__init__",
    "epp/epplib",
    "testing/__init__",
    "testing/plugin",
    "compatibility",
    *sorted(
        "contrib/" + path.stem
        for path in (PACKAGE / "contrib").glob("*.py")
        if path.stem != "__init__"
    ),
]


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


def public_names(module):
    tree = ast.parse((PACKAGE / (module + ".py")).read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return [(module, name) for name in ast.literal_eval(node.value)]
    raise AssertionError("{} has no __all__".format(module))


def dotted(module):
    parts = ["geventconnpool_ext", *module.split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def referenced():
    """Every name and, by its options, every whole module in the API reference."""
    names, modules = set(), set()
    for page in (DOCS / "api").glob("*.rst"):
        text = page.read_text("utf-8")
        for kind, name, options in re.findall(
            r"^\.\. (?:auto)?(\w+):: (\S+)\n((?:   :.*\n)*)", text, re.M
        ):
            names.add(name)
            if kind == "module" and "   :members:\n" in options:
                modules.add(name)
    return names, modules


def test_every_public_name_is_in_the_reference():
    names, modules = referenced()
    public = [pair for module in DOCUMENTED for pair in public_names(module)]
    assert len(public) > 70
    missing = [
        dotted(module) + "." + name
        for module, name in public
        if dotted(module) not in modules and dotted(module) + "." + name not in names
    ]
    assert missing == []


def test_a_file_of_the_root_that_is_a_page_is_included_by_it():
    conf = (DOCS / "conf.py").read_text("utf-8")
    (included,) = re.findall(r"^source_links_pages = (\{.*?^\})", conf, re.M | re.S)
    for page, name in ast.literal_eval(included).items():
        assert "```{include} ../" + name in (DOCS / (page + ".md")).read_text("utf-8")
