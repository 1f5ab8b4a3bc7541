"""Rules of the source that no tool checks: read from the syntax, nothing is run."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "geventconnpool_ext"
PATHS = sorted((ROOT / PACKAGE).rglob("*.py"))

# A part may import the parts to its right, and itself; __main__ is the command line.
MAY_IMPORT = {
    "core": set(),
    "epp": {"core"},
    "contrib": {"core", "epp"},
    "testing": {"core", "epp"},
    "cli": {"core", "epp", "testing"},
}


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in PATHS}


def part_of(module):
    second = [*module.split("."), ""][1]
    if second == "__main__":
        return "cli"
    return second if second in MAY_IMPORT else "core"


def statements(module):
    return ast.walk(ast.parse(MODULES[module].read_text("utf-8")))


def code_of(module):
    """What a module holds; nothing for an empty __init__."""
    return (node for node in statements(module) if isinstance(node, ast.stmt))


def imports_of(module):
    """Every module named by an import, wherever it stands: lazy ones count too."""
    is_package = MODULES[module].name == "__init__.py"
    package = module if is_package else module.rpartition(".")[0]
    for node in statements(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(name, package)
            # `from package import name` may name a module or something in it.
            for alias in node.names:
                inner = base + "." + alias.name
                yield inner if inner in MODULES else base


def test_the_rules_below_have_modules_to_judge():
    assert {"_state", "errors", "epp.framing"} <= {
        name.partition(".")[2] for name in MODULES
    }


def test_modules_import_only_downwards():
    upwards = [
        "{} imports {}".format(module, name)
        for module in MODULES
        for name in sorted(set(imports_of(module)))
        if name.partition(".")[0] == PACKAGE
        and part_of(name) not in {part_of(module)} | MAY_IMPORT[part_of(module)]
    ]
    assert upwards == []


def test_the_state_of_a_pool_knows_neither_gevent_nor_a_clock_nor_io():
    outside = {name.partition(".")[0] for name in imports_of(PACKAGE + "._state")}
    forbidden = {"gevent", "greenlet", "time", "socket", "ssl", "select", "threading"}
    assert outside & forbidden == set()


def test_the_state_of_a_pool_imports_no_module_that_does():
    """What `_state` reaches at run time inside the package is as clean as itself."""
    seen, open_modules = set(), [PACKAGE + "._state"]
    while open_modules:
        module = open_modules.pop()
        seen.add(module)
        inner = {name for name in run_time_imports(module) if name in MODULES}
        open_modules += inner - seen - {PACKAGE}
    outside = {
        name.partition(".")[0] for module in seen for name in run_time_imports(module)
    }
    assert outside & {"gevent", "greenlet", "socket", "ssl"} == set()


def run_time_imports(module):
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    package = module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = "." * node.level + (node.module or "")
            yield importlib.util.resolve_name(name, package)


def test_no_module_has_its_annotations_evaluated():
    """Python 3.8 could not evaluate what newer Pythons can."""
    without = [
        module
        for module in MODULES
        if next(code_of(module), None) and "__future__" not in set(imports_of(module))
    ]
    assert without == []


def test_no_module_uses_dataclasses():
    assert [name for name in MODULES if "dataclasses" in set(imports_of(name))] == []


def test_every_module_starts_by_saying_what_lives_in_it():
    silent = [
        module
        for module in MODULES
        if next(code_of(module), None)
        and not ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8")))
    ]
    assert silent == []
