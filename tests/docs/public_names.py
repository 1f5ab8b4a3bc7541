"""What docs/versioning.md calls public, read without importing it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def exported(module):
    """What a module names in ``__all__``."""
    path = ROOT.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.parse(source.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return ast.literal_eval(node.value)
    raise AssertionError("{} has no __all__".format(module))


def public_names():
    """Every name that the page calls public, with its module before it."""
    page = (ROOT / "docs" / "versioning.md").read_text("utf-8")
    table = page.partition("| module | public names |\n")[2].partition("\n\n")[0]
    for row in table.splitlines()[1:]:
        module, names = [
            re.findall(r"`([\w.]+)`", cell) for cell in row.split("|")[1:3]
        ]
        if "`__all__`" in row:
            names = [*exported(module[0]), *names]
        for name in names:
            if not name.startswith("__"):
                yield "{}.{}".format(module[0], name)
