"""The table of log lines says what the source logs, and the source logs no more."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "geventconnpool_ext"
PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")

# What begins a line: the pool's name, or what stands for it where there is no pool.
SUBJECTS = {
    "self.name",
    "self._name",
    "self._pool_name",
    "pool_name",
    "variable",
    "self.transport.hostname",
}
CONVERSION = re.compile(r"%[-+0 #]*\d*(?:\.\d+)?[a-z]")
GRAMMAR = re.compile(r"%(?:: session %)?: (?:[a-z_]|%)[^:]*(?:\([^()]*\))?(?:: %)?\Z")
LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR"}


def calls():
    """Every call of log(), as (place, call)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "_log.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "log":
                    yield "{}:{}".format(path.relative_to(ROOT), node.lineno), node


def levels(node):
    """The levels that an argument such as logging.INFO can be."""
    if isinstance(node, ast.IfExp):
        return levels(node.body) | levels(node.orelse)
    assert isinstance(node, ast.Attribute), ast.dump(node)
    assert node.attr in LEVELS
    return {node.attr}


def message(call):
    """The message of a call, which is no made-up text."""
    node = call.args[1]
    assert isinstance(node, ast.Constant), ast.dump(node)
    return node.value


def logged():
    return {
        (level, CONVERSION.sub("%", message(call)))
        for _, call in calls()
        for level in levels(call.args[0])
    }


def rows():
    section = PAGE.partition("## Log lines")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith("| level "):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def documented():
    return [
        (level, re.sub(r"\b[A-Z][A-Z_]*\b", "%", line.strip("`")))
        for level, line, *_ in rows()
    ]


def test_there_are_lines_to_compare():
    assert len(list(calls())) > 15
    assert len(list(rows())) > 15


def test_every_line_that_the_source_logs_is_in_the_table():
    assert sorted(logged() - set(documented())) == []


def test_every_line_in_the_table_is_logged_by_the_source():
    assert sorted(set(documented()) - logged()) == []


def test_no_line_stands_in_the_table_twice():
    found = documented()
    assert sorted(found) == sorted(set(found))


def test_every_line_has_a_meaning_and_a_remedy():
    for row in rows():
        assert len(row) == 4, row
        assert all(row), row


def test_every_line_follows_the_grammar():
    broken = [
        (place, message(call))
        for place, call in calls()
        if not GRAMMAR.match(CONVERSION.sub("%", message(call)))
        and not message(call).endswith("; did you mean %s?")
    ]
    assert broken == []


def test_every_line_begins_with_its_subject_and_has_a_value_for_each_placeholder():
    subjects = {ast.dump(ast.parse(name, mode="eval").body) for name in SUBJECTS}
    for place, call in calls():
        values = call.args[2:]
        assert ast.dump(values[0]) in subjects, place
        assert message(call).startswith("%s: "), place
        assert len(CONVERSION.findall(message(call))) == len(values), place


def test_an_error_and_nothing_else_has_a_traceback():
    for place, call in calls():
        traced = any(keyword.arg == "exc_info" for keyword in call.keywords)
        assert traced == (levels(call.args[0]) == {"ERROR"}), place


def test_nothing_is_logged_past_log():
    """Apart from retry, which has its caller's logger and its caller's words."""
    past = [
        "{}:{}".format(path.relative_to(ROOT), node.lineno)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in ("_log.py", "retry.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr
        in ("debug", "info", "warning", "error", "critical", "exception", "log")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("logger", "logging", "log")
    ]
    assert past == []
