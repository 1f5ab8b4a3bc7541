"""Risk: the trial on Windows ends before its first test, and can never become green.

pytest reads every module before it selects the contract: one that cannot be imported
ends the run.
"""

from __future__ import annotations

import ast

import pytest

from .files import ROOT

POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}
TESTS = ROOT / "tests"
# All but those that CONTRACT in the noxfile leaves out.
READ_ON_WINDOWS = [
    path
    for path in sorted(TESTS.rglob("*.py"))
    if path.relative_to(TESTS).parts[0] != "maintenance"
]


def run_by_import(body):
    """The statements that importing a module runs, if nothing guards them."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.ClassDef, ast.With)):
            yield from run_by_import(statement.body)


def imported(source):
    """The POSIX-only modules that *source* cannot be imported without."""
    for statement in run_by_import(ast.parse(source).body):
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            names = [statement.module]
        else:
            continue
        yield from POSIX_ONLY.intersection(name.partition(".")[0] for name in names)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import json, pty", ["pty"]),
        ("from resource import getrlimit", ["resource"]),
        ("class A:\n    import grp", ["grp"]),
        ("from .pty import openpty", []),
        ("def test():\n    import pty", []),
        ("try:\n    import fcntl\nexcept ImportError:\n    fcntl = None", []),
        ("import sys\nif sys.platform != 'win32':\n    import pwd", []),
    ],
)
def test_an_import_counts_where_nothing_guards_it(source, found):
    assert list(imported(source)) == found


def test_no_test_module_needs_what_windows_has_not_to_be_imported():
    assert len(READ_ON_WINDOWS) > 100
    needed = {
        path.relative_to(ROOT).as_posix(): names
        for path in READ_ON_WINDOWS
        if (names := list(imported(path.read_text("utf-8"))))
    }
    assert needed == {}
