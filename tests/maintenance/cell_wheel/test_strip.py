from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from maintenance import interpreters
from maintenance.cell_wheel.strip import strip

ROOT = Path(__file__).resolve().parents[3]

SOURCE = '''\
"""Text with -> arrows: and colons."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional

LIMIT: int = 3
later: Optional[str]


class Pair(NamedTuple):
    """Two."""

    left: int
    right: Optional[str] = "ü"

    def both(self, sep: str = ": ") -> str:
        kept: Dict[
            str, int
        ] = {"a -> b": 1}
        self_typed: int
        return sep.join([str(self.left), str(self.right), *kept])


def call(
    first: Optional[
        int
    ],
    *rest: int,
    key: str = "k",
    **others: int,
) -> Dict[str,
          int]:
    return dict(others, first=first, count=len(rest), key=key)
'''


def test_what_is_stripped_behaves_as_before():
    before, after = {}, {}
    exec(compile(SOURCE, "before", "exec", dont_inherit=True), before)
    exec(compile(strip(SOURCE), "after", "exec", dont_inherit=True), after)
    for names in (before, after):
        assert names["LIMIT"] == 3
        assert "later" not in names
        assert names["Pair"](1).both() == "1: ü: a -> b"
        made = names["call"](1, 2, 3, key="x", more=4)
        assert made == {"first": 1, "count": 2, "key": "x", "more": 4}


def test_no_annotation_is_left_but_on_the_fields_of_a_named_tuple():
    tree = ast.parse(strip(SOURCE))
    variables = [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    assert [ast.unparse(node) for node in variables] == [
        "left: object",
        "right: object = 'ü'",
    ]
    for node in ast.walk(tree):
        assert getattr(node, "returns", None) is None
        assert not (isinstance(node, ast.arg) and node.annotation)
        assert not (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def test_every_line_stays_where_it_was():
    before, after = SOURCE.splitlines(), strip(SOURCE).splitlines()
    assert len(before) == len(after)
    for text in ("class Pair", "    def both", "def call(", "    return dict("):
        places = [
            [number for number, line in enumerate(lines) if line.startswith(text)]
            for lines in (before, after)
        ]
        assert places[0] == places[1] != []


@pytest.mark.parametrize(
    "newer", ["if (n := 3): pass", "def f(a, /): pass", "x = f'{x!r' '}'"]
)
def test_what_python_3_6_cannot_read_is_named_with_its_line(newer):
    with pytest.raises((ValueError, SyntaxError), match=r"odd\.py"):
        strip("import os\n" + newer + "\n", "odd.py")


def test_the_whole_package_and_the_suite_can_be_stripped(tmp_path):
    paths = [*ROOT.glob("geventconnpool_ext/**/*.py"), *ROOT.glob("compat/**/*.py")]
    assert len(paths) > 100
    for path in paths:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = strip(path.read_text(encoding="utf-8"), path.name)
        target.write_text(text, encoding="utf-8")
    python = interpreters.find([(3, 6)]).get((3, 6))
    if python is None:
        pytest.skip("there is no Python 3.6 to compile it with")
    command = [python, "-m", "compileall", "-q", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
