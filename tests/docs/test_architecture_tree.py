"""The tree in docs/architecture.md names each module, and says what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
TREE = PAGE.partition("\n## The rooms\n")[2].split("```\n")[1]
ENTRY = re.compile(
    r"(?P<indent> *)(?P<names>[\w.]+/?(?:, [\w.]+)*)(?: +(?P<words>\S.*))?\Z"
)
# Each module of these has its place in the tree. Of any other directory the tree tells
# in one line, and its modules tell of themselves.
SHOWN = [
    "geventconnpool_ext",
    "geventconnpool_ext/contrib",
    "geventconnpool_ext/epp",
    "maintenance",
]


def entries():
    """What the tree names, as (path without suffix, words)."""
    top = room = ""
    for line in filter(None, TREE.splitlines()):
        entry = ENTRY.match(line)
        assert entry, line
        depth = len(entry.group("indent")) // 2
        names = [name.rstrip("/") for name in entry.group("names").split(", ")]
        if depth == 0:
            top = room = names[0]
            yield top, entry.group("words") or "the package"
            continue
        if depth == 1:
            # What is further in belongs to a module, or is in a directory.
            is_directory = entry.group("names").endswith("/")
            room = "{}/{}".format(top, names[0]) if is_directory else top
        for name in names:
            where = top if depth == 1 else room
            path = "{}/{}".format(where, re.sub(r"\.py\Z", "", name))
            yield path, entry.group("words")


def inside(directory):
    """The modules and packages of a directory, as the tree names them."""
    for path in (ROOT / directory).iterdir():
        if path.is_dir() and (path / "__init__.py").exists():
            yield "{}/{}".format(directory, path.name)
        elif path.suffix == ".py" and path.name != "__init__.py":
            yield "{}/{}".format(directory, path.stem)


@pytest.mark.parametrize("directory", SHOWN)
def test_the_tree_has_every_module_of_a_directory_and_no_other(directory):
    named = [path for path, _ in entries() if path.rpartition("/")[0] == directory]
    assert sorted(named) == sorted(inside(directory))


def test_the_tree_says_of_every_entry_what_it_is_for():
    assert [path for path, words in entries() if not words] == []
    for path, _ in entries():
        assert path.rpartition("/")[0] in ["", *SHOWN], path
        assert (ROOT / path).is_dir() or (ROOT / (path + ".py")).is_file(), path
