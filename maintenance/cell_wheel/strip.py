"""Makes source of today readable by Python 3.6: takes its annotations out.

Only text that types is removed, by the positions that the parser gives, and every
line stays where it was. The fields of a NamedTuple need an annotation: theirs
become ``object``. What a file is, and where it goes, is not known here.
"""

from __future__ import annotations

import ast
import io
import tokenize
from typing import Iterator, NamedTuple

__all__ = ["strip"]

OLDEST = (3, 6)


class Cut(NamedTuple):
    """Bytes to be replaced."""

    begin: int
    end: int
    text: bytes


def strip(source: str, name: str = "<source>") -> str:
    """Return *source* without annotations and the future import of them.

    ValueError where it then still uses what Python 3.6 cannot parse.
    """
    text = source.encode()
    cuts = sorted(_cuts(source, ast.parse(source, name)), reverse=True)
    for cut in cuts:
        # A line that ends inside of what goes must still end, joined or not.
        lines = text.count(b"\n", cut.begin, cut.end)
        text = text[: cut.begin] + cut.text + b"\\\n" * lines + text[cut.end :]
    stripped = text.decode()
    try:
        ast.parse(stripped, name, feature_version=OLDEST)
    except SyntaxError as error:
        raise ValueError(
            f"{name}, line {error.lineno}: Python 3.6 cannot read this: {error.msg}"
        ) from None
    return stripped


def _cuts(source: str, tree: ast.Module) -> Iterator[Cut]:
    place = _Places(source)
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            if [alias.name for alias in statement.names] == ["annotations"]:
                yield Cut(*place.of(statement), b"pass")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.returns is not None:
                end = place.of(node.returns)[1]
                yield Cut(place.arrow_before(node.returns), end, b"")
        elif isinstance(node, ast.arg):
            if node.annotation is not None:
                begin, end = place.of(node)
                yield Cut(begin + len(node.arg.encode()), end, b"")
    yield from _variables(tree, place, False)


def _variables(tree: ast.AST, place: _Places, fields: bool) -> Iterator[Cut]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.AnnAssign):
            if fields:
                yield Cut(*place.of(node.annotation), b"object")
            elif node.value is None:
                yield Cut(*place.of(node), b"pass")
            else:
                yield Cut(place.of(node.target)[1], place.of(node.annotation)[1], b"")
        else:
            named = isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id == "NamedTuple"
                for base in node.bases
            )
            yield from _variables(node, place, named)


class _Places:
    """Where in the bytes of a source something stands."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line.encode()))
        self._arrows = [
            self._starts[token.start[0] - 1]
            + len(self._lines[token.start[0] - 1][: token.start[1]].encode())
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.string == "->" and token.type == tokenize.OP
        ]

    def of(self, node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
        """Where it begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def arrow_before(self, node: ast.expr) -> int:
        """Where the ``->`` before it begins."""
        begin, _ = self.of(node)
        return max(arrow for arrow in self._arrows if arrow < begin)
