"""Tables: Markdown whose columns are even, to be read on a page and in a terminal."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence, Tuple

from benchmarks.ratios import Claim

__all__ = ["Table", "claims_table", "render"]


class Table(NamedTuple):
    """Rows under a header; the first column is text, the others are numbers."""

    header: Tuple[str, ...]
    rows: Sequence[Tuple[str, ...]]


def claims_table(claims: Sequence[Claim]) -> Table:
    """What was promised, what was found."""
    return Table(
        ("ratio", "found (middle half)", "target", ""),
        [(c.what, str(c.found), c.target, c.verdict) for c in claims],
    )


def render(table: Table) -> Iterator[str]:
    """The lines of *table*.

    Raises ValueError for a row that is not as long as the header.
    """
    for row in table.rows:
        if len(row) != len(table.header):
            raise ValueError(f"the row {row} does not fit under {table.header}")
    texts = [[_in_a_cell(text) for text in row] for row in (table.header, *table.rows)]
    widths = [max(3, *map(len, column)) for column in zip(*texts)]
    lines = [_line(row, widths) for row in texts]
    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return iter([lines[0], "| " + " | ".join(marks) + " |", *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths)
    cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
    return f"| {' | '.join(cells)} |"


def _in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
