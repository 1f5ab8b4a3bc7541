"""The matrix in one paragraph, for the README and the top of the page.

It says 'all' only where it is all, and names what is not.
"""

from __future__ import annotations

from maintenance.compat_pages import counts
from maintenance.compat_pages.matrix import Matrix

__all__ = ["block", "in_short"]

_NAMED = 6
"""More cells than this are counted, not named."""


def in_short(matrix: Matrix) -> str:
    """One paragraph of Markdown."""
    pairs = counts.wheel_pairs(matrix)
    ran = tuple(
        python
        for place, python in enumerate(matrix.pythons)
        if any(row[place].executed for row in matrix.rows.values())
    )
    if not ran:
        return "The matrix was not run yet."
    prereleases = matrix.prereleases
    also = (
        f" ({counts.passing(matrix, prereleases)} pre-releases)" if prereleases else ""
    )
    first = (
        f"**{counts.passing(matrix, matrix.finals)}** gevent releases that run on"
        f" Python 3{also} pass on every Python they were tried on, of {len(ran)}"
        f" interpreters ({counts.span(ran)}); **{pairs}** wheel pairs executed."
    )
    parts = [first]
    failing = [f"{cell.gevent} on {cell.python}" for cell in counts.failing(matrix)]
    if failing:
        parts.append(f"Failing: {_named(failing)}.")
    missing = counts.unexecuted(matrix)
    if missing:
        parts.append(f"Not executed: {_named(missing)}.")
    waiting = counts.not_run(matrix)
    if waiting:
        parts.append(f"Cells that are not run yet, and in no count: {waiting}.")
    return " ".join(parts)


def block(matrix: Matrix) -> str:
    """The README's part: the picture, which leads to the page, and the paragraph."""
    return (
        "[![Which gevent passes on which Python](docs/compatibility.svg)]"
        f"(docs/compatibility.md)\n\n{in_short(matrix)}\n"
    )


def _named(names: list[str]) -> str:
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
