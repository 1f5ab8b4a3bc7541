"""docs/compatibility.md: the table, what was run, and how to run a cell again."""

from __future__ import annotations

import textwrap
from typing import Iterator
from xml.sax.saxutils import escape

from packaging.version import Version

from maintenance.compat_pages import counts, signs
from maintenance.compat_pages.matrix import Cell, Matrix
from maintenance.compat_pages.sentence import in_short

__all__ = ["render"]

_GENERATED = (
    "<!-- Rendered from compat/results.json by"
    " `python -m maintenance.compat_pages`; do not edit. -->"
)


def render(matrix: Matrix) -> str:
    """The page's text."""
    picture = (
        "![One box for each gevent release on each Python: the tables below as a "
        "picture](compatibility.svg)"
    )
    lines = [
        "# Compatibility",
        "",
        _GENERATED,
        "",
        *_wrapped(in_short(matrix)),
        picture,
        "",
        *_wrapped(
            "`geventconnpool-ext doctor` tells about what you have installed, without "
            "a network."
        ),
        *_run(matrix),
        *_tiers(matrix),
        *_again(matrix),
        *_failures(matrix),
        *_limits(),
        *_table("Releases", matrix, matrix.finals),
        *_table("Pre-releases", matrix, matrix.prereleases),
        *_signs(matrix),
        *_predating(matrix),
        *_master(matrix),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _run(matrix: Matrix) -> Iterator[str]:
    executed = [cell for cell in matrix.cells if cell.executed]
    yield from ("## What was run", "")
    if not executed:
        yield from ("Nothing yet.", "")
        return
    yield from _wrapped(
        "A cell is one gevent release on one Python. In each, this package's wheel "
        "and that gevent are installed side by side, and the suite in `compat/suite` "
        "runs: the pool's contract, real sockets, kills, timeouts, keepalive, "
        "reconnect, fork, and EPP over TLS where lxml installs."
    )
    tests = counts.tests_per_cell(matrix)
    if tests:
        yield from _item(f"Tests passed in a cell, over all its event loops: {tests}.")
    for loops, number in _loops(executed):
        yield from _item(f"In {loops}: {number} cells.")
    yield from _item(f"Pairs of a wheel and its Python: {counts.wheel_pairs(matrix)}.")
    sources = [cell for cell in executed if cell.kind == "sdist"]
    yield from _item(
        "gevent built from source, where it has no wheel for Python 3.6 or newer: "
        f"{len(sources)} cells."
    )
    oldest, newest = counts.dates(matrix)
    when = f"on {newest}" if oldest == newest else f"from {oldest} to {newest}"
    yield from _item(
        f"Executed {when} on {matrix.platform}, with version "
        f"{counts.newest_version(matrix)} of this package."
    )
    yield ""


def _loops(cells: list[Cell]) -> list[tuple[str, int]]:
    kinds = [" and ".join(cell.loops) for cell in cells if cell.loops]
    return [(kind, kinds.count(kind)) for kind in sorted(set(kinds), reverse=True)]


def _tiers(matrix: Matrix) -> Iterator[str]:
    supported = counts.tier(matrix, supported=True)
    historical = counts.tier(matrix, supported=False)
    yield from ("## Two tiers", "")
    yield from _item(
        f"**Supported**, Python {counts.span(supported.pythons)}: every release that "
        "has a wheel, on every Python that it has one for. "
        f"{supported.cells} executed cells pass."
    )
    if historical.pythons:
        yield from _item(
            f"**Historical**, Python {counts.span(historical.pythons)}: the same "
            "source, its annotations taken out when the cell's wheel is built, so that "
            "releases which run nowhere newer are seen too. The published wheel does "
            f"not install there. {historical.cells} executed cells pass."
        )
    yield ""


def _again(matrix: Matrix) -> Iterator[str]:
    executed = [cell for cell in matrix.cells if cell.executed]
    if not executed:
        return
    newest = [cell for cell in executed if cell.gevent == executed[0].gevent][-1]
    yield from ("## Run a cell again", "")
    yield from ("    tox run -e " + newest.name, "")
    yield from _wrapped(
        f"runs gevent {newest.gevent} on Python {newest.python}. The name is made of "
        "both, with underscores for dots. `nox -s compat -- --list` tells which cells "
        "are stale, and [CONTRIBUTING.md](../CONTRIBUTING.md) where the Pythons are "
        "looked for."
    )


def _failures(matrix: Matrix) -> Iterator[str]:
    failing = counts.failing(matrix)
    yield from ("## Known failures", "")
    if failing:
        yield "| gevent | Python | greenlet | what happens | reason |"
        yield "|---|---|---|---|---|"
        for cell in failing:
            columns = (
                cell.gevent,
                cell.python,
                cell.greenlet or "",
                cell.outcome,
                _in_a_table(cell.reason),
            )
            yield f"| {' | '.join(columns)} |"
    else:
        yield "None."
    yield ""


def _limits() -> Iterator[str]:
    yield from ("## Limits", "")
    yield from _wrapped(
        "What a cell does not run, and why, stands in `compat/suite/suite.toml`. Of "
        "that, these matter to a program:"
    )
    yield from _item(
        "In gevent's libuv loop, fork before a pool is opened. Parent and child may "
        "share what the loop watches sockets by, so that the child's letting go of "
        "them can make the parent deaf to its own. The tests that fork with an open "
        "pool run in the libev loop only, gevent's default on Linux."
    )
    yield from _item(
        "On Python 3.6 nobody is told of a fork: there too, fork before a pool is "
        "opened."
    )
    yield ""


def _table(title: str, matrix: Matrix, releases: list[str]) -> Iterator[str]:
    if not releases:
        return
    yield from (f"## {title}", "")
    yield "| gevent | " + " | ".join(matrix.pythons) + " | greenlet |"
    yield "|---|" + ":-:|" * len(matrix.pythons) + "---|"
    for release in releases:
        row = matrix.rows[release]
        marks = " | ".join(signs.of(cell).mark for cell in row)
        yield f"| {release} | {marks} | {_greenlets(row)} |"
    yield ""


def _greenlets(row: tuple[Cell, ...]) -> str:
    """The greenlets a release ran with, oldest first."""
    versions = {cell.greenlet for cell in row if cell.greenlet}
    return ", ".join(sorted(versions, key=Version))


def _signs(matrix: Matrix) -> Iterator[str]:
    used = {signs.sign_of(cell) for cell in matrix.cells}
    for key, sign in signs.SIGNS.items():
        if key in used:
            yield from _item(f"{sign.mark} {sign.meaning}")
    yield ""
    yield from _wrapped(
        "Each box of the [picture](compatibility.svg) has its reason: open the picture "
        "by itself and point at the box."
    )


def _predating(matrix: Matrix) -> Iterator[str]:
    if matrix.predating:
        yield from ("## Releases that predate Python 3", "")
        yield from _wrapped(
            f"{len(matrix.predating)}, which no Python can run together with this "
            f"package: {', '.join(matrix.predating)}."
        )


def _master(matrix: Matrix) -> Iterator[str]:
    if not matrix.master:
        return
    yield from ("## gevent's development branch", "")
    yield from ("Watched next to the releases, and part of no count above.", "")
    for cell in matrix.master:
        reason = f": {cell.reason}" if cell.reason else ""
        yield from _item(
            f"Python {cell.python}, {cell.date[:10]}: {cell.outcome}{reason}"
        )
    yield ""


def _in_a_table(text: str) -> str:
    return escape(" ".join(text.split())).replace("|", "\\|")


def _wrapped(paragraph: str) -> list[str]:
    return [*_lines(paragraph), ""]


def _item(text: str) -> list[str]:
    return _lines(text, "- ", "  ")


def _lines(text: str, first: str = "", others: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        80,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
