"""Finds, by the names that a hunk touches, where the same thing is done here.

A guess for a reader, made from names alone: it never decides anything.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from pathlib import Path
from typing import Iterator, NamedTuple

from .diff import Hunk

__all__ = ["Names", "enclosing"]

_PACKAGE = "geventconnpool_ext"
_DEFINED = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_MOST = 5
_DULL = {*keyword.kwlist, *dir(builtins), "self", "cls", "args", "kwargs"}


class _Place(NamedTuple):
    qualified: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.qualified})"


class Names:
    """What *project*'s package defines, and where."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._places: dict[str, list[_Place]] = {}
        for path in sorted((project / _PACKAGE).rglob("*.py")):
            where = path.relative_to(project).as_posix()
            try:
                tree = ast.parse(path.read_text("utf-8"))
            except SyntaxError:
                continue  # half-written; its names come back with the next run
            # Of the overloads of a function, the last is the one that runs.
            last = {place.qualified: place for place in _definitions(tree, where)}
            for place in last.values():
                simple = place.qualified.split(" ")[0].rpartition(".")[2]
                self._places.setdefault(simple, []).append(place)

    def candidates(
        self, hunk: Hunk, around: list[str], targets: list[str]
    ) -> list[str]:
        """At most five places here, the likeliest first, as ``file:line (name)``.

        *around* are the definitions that the hunk lies in; *targets* the files that
        correspond to its own, which come first.
        """
        code = [name for name in targets if name.endswith(".py")]
        if targets and not code:
            lines = [place for name in targets for place in self._lines(name, hunk)]
            return lines[:_MOST]
        found: list[_Place] = []
        folders = {name.rpartition("/")[0] for name in code}
        for name in [*around, *_words(hunk)]:
            simple = name.rpartition(".")[2]
            places = self._places.get(simple, [])
            if simple.startswith("__"):
                # Every class has one: only those of the counterparts tell anything.
                places = [place for place in places if place.path in code]
            elif folders:
                places = [p for p in places if p.path.rpartition("/")[0] in folders]
            places = sorted(places, key=lambda p: (_rank(p, code, name), p.path))
            own = [place for place in places if "parameter" not in place.qualified]
            found += (own or places)[:2]
        return list(dict.fromkeys(map(str, found)))[:_MOST]

    def _lines(self, target: str, hunk: Hunk) -> Iterator[str]:
        """Where a text has a word of the hunk's; few words are rare enough to tell."""
        lines = (self._project / target).read_text("utf-8", "replace").splitlines()
        for word in _words(hunk):
            at = [n for n, line in enumerate(lines, 1) if word in line]
            if len(word) > 3 and 0 < len(at) < 5:
                yield f"{target}:{at[0]} ({word})"


def enclosing(text: str, number: int) -> list[str]:
    """The definitions around a line: ``Class.method`` before ``Class``.

    By indentation, since the text may be Python 2, which ast can't read.
    """
    lines = text.split("\n")[:number]
    names: list[str] = []
    depth = 10_000
    for line in reversed(lines):
        found = _DEFINED.match(line)
        indent = len(line) - len(line.lstrip())
        if found and indent < depth:
            names.insert(0, found[2])
            depth = indent
        elif line.strip() and not line.lstrip().startswith("#") and indent == 0:
            depth = min(depth, 1) if not names else 0
        if depth == 0:
            break
    return [".".join(names[: n + 1]) for n in reversed(range(len(names)))]


def _words(hunk: Hunk) -> list[str]:
    words = [word for line in hunk.changed_lines for word in _WORD.findall(line)]
    return [word for word in dict.fromkeys(words) if word not in _DULL]


def _rank(place: _Place, targets: list[str], name: str) -> tuple[int, int]:
    near = targets.index(place.path) if place.path in targets else len(targets)
    return (place.qualified != name) + ("parameter" in place.qualified), near


def _definitions(tree: ast.AST, path: str, prefix: str = "") -> Iterator[_Place]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield _Place(prefix + node.name, path, node.lineno)
            for argument in [*node.args.args, *node.args.kwonlyargs]:
                if argument.arg not in _DULL:
                    what = f"{argument.arg} parameter of {prefix}{node.name}"
                    yield _Place(what, path, argument.lineno)
        elif isinstance(node, ast.ClassDef):
            yield _Place(prefix + node.name, path, node.lineno)
            yield from _definitions(node, path, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield _Place(prefix + target.id, path, node.lineno)
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _definitions(node, path, prefix)
