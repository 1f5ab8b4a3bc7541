"""A stale matrix is told before a release, and hinders none."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from maintenance.compat.digest import source_digest
from maintenance.compat.outcomes import EXECUTED
from maintenance.release.matrix import results_of_this_code

from .rehearsed import ROOT

PACKAGE = "geventconnpool_ext"


class Tree:
    """This package, with other results than its own."""

    def __init__(self, path):
        self.path = path
        self._results = path / "compat" / "results.json"
        shutil.copytree(str(ROOT / PACKAGE), str(path / PACKAGE))
        self._results.parent.mkdir()
        shutil.copy(str(ROOT / "compat" / "results.json"), str(self._results))

    def executed(self, sources):
        """Keep as many executed cells as there are *sources*, and give each its own."""
        data = json.loads(self._results.read_text("utf-8"))
        executed = {
            name: cell
            for name, cell in data["cells"].items()
            if cell["outcome"] in EXECUTED
        }
        others = {k: v for k, v in data["cells"].items() if k not in executed}
        kept = dict(zip(executed, sources))
        for name, source in kept.items():
            executed[name]["source"] = source
        data["cells"] = {**others, **{name: executed[name] for name in kept}}
        self._results.write_text(json.dumps(data), "utf-8")


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "tree")


def test_results_of_this_code_are_counted(tree):
    here = source_digest(tree.path)
    tree.executed([here] * 3)
    assert results_of_this_code(tree.path) == "all 3 results are of this code"
    tree.executed([here, "another", here])
    said = "1 of 3 results are of older code: nox -s compat"
    assert results_of_this_code(tree.path) == said
    (tree.path / PACKAGE / "added.py").write_text("", "utf-8")
    said = "3 of 3 results are of older code: nox -s compat"
    assert results_of_this_code(tree.path) == said


def test_a_new_version_makes_no_result_old(tree):
    module = tree.path / PACKAGE / "__init__.py"
    text = module.read_text("utf-8")
    tree.executed([source_digest(tree.path)])
    module.write_text(
        re.sub('__version__ = ".+"', '__version__ = "9.0.0"', text), "utf-8"
    )
    assert module.read_text("utf-8") != text
    assert results_of_this_code(tree.path) == "all 1 results are of this code"
    module.write_text(text + "ADDED = True\n", "utf-8")
    assert results_of_this_code(tree.path).startswith("1 of 1 results are of older")


def test_without_a_result_it_is_said(tree):
    tree.executed([])
    assert results_of_this_code(tree.path) == "there is no result: nox -s compat"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema": 17}'])
def test_a_matrix_that_cannot_be_read_is_told_and_hinders_nothing(tree, text):
    (tree.path / "compat" / "results.json").write_text(text, "utf-8")
    assert results_of_this_code(tree.path).startswith("cannot be read: results.json ")


def test_no_matrix_at_all_hinders_nothing(tmp_path):
    assert results_of_this_code(tmp_path) == "there is no result: nox -s compat"
