"""The heat map: releases down, newest on top, Pythons across, as one SVG.

Three panels beside each other, so that it is read in one look at the width of a
README (about 830 px): two of releases, one of pre-releases. Its own background and
both palettes are in it, since a page shows it without knowing its reader's.
"""

from __future__ import annotations

import textwrap
from typing import Iterator
from xml.sax.saxutils import escape

from packaging.version import Version

from maintenance.compat_pages import counts, signs
from maintenance.compat_pages.matrix import Cell, Matrix

__all__ = ["render", "title_of"]

MARGIN, GAP = 18, 26
ROW, BOX = 17, 14
LABEL, SERIES_GAP, TIER_GAP = 82, 5, 5
WIDTH = 860
PANEL = (WIDTH - 2 * MARGIN - 2 * GAP) / 3
TOP = 98
"""Where the first row begins."""
_LETTER = 5.9
"""The mean width of a letter of 11 px, for what has to be placed without measuring."""

_STYLE = """\
text {{ font: 11px system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif }}
.title {{ font-size: 15px; font-weight: 600 }}
.head {{ font-size: 12px; font-weight: 600 }}
.mark {{ font-size: 10px; font-weight: 700; text-anchor: middle }}
.end {{ text-anchor: end }}
.middle {{ text-anchor: middle }}
.small {{ font-size: 10px }}
.hover {{ fill: none; pointer-events: all }}
rect {{ stroke-width: 1 }}
path {{ fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }}
.thin {{ stroke-width: 1 }}
{light}
@media (prefers-color-scheme: dark) {{
{dark}
}}"""


def render(matrix: Matrix) -> str:
    """The picture as text, the same for the same results."""
    upper, lower = _halves(matrix.finals)
    left = [MARGIN + number * (PANEL + GAP) for number in range(3)]
    body: list[str] = []
    ends = []
    for x, title, releases in (
        (left[0], "Releases", upper),
        (left[1], "Releases, older", lower),
        (left[2], "Pre-releases", matrix.prereleases),
    ):
        if releases:
            lines, end = _panel(matrix, x, title, releases)
            body += lines
        else:
            end = TOP - 50.0
        ends.append(end)
    lines, ends[2] = _predating(matrix, left[2], ends[2] + 26)
    body += lines
    lines, height = _legend(matrix, max(ends) + 22)
    body += lines
    summary = _summary(matrix)
    root = (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}"'
        ' aria-labelledby="map-title map-summary">'
    )
    return "\n".join(
        [
            root,
            f'<title id="map-title">{escape(_heading(matrix))}</title>',
            f'<desc id="map-summary">{escape(summary)}</desc>',
            f"<style>\n{_stylesheet()}\n</style>",
            "<defs>",
            *_symbols(),
            "</defs>",
            f'<rect class="page" width="{WIDTH}" height="{height:g}" rx="6"/>',
            _text(MARGIN, 30, _heading(matrix), "ink title"),
            _text(MARGIN, 47, summary, "dim"),
            *body,
            "</svg>",
            "",
        ]
    )


def title_of(cell: Cell) -> str:
    """What a cell says when it is pointed at."""
    with_greenlet = f", greenlet {cell.greenlet}" if cell.greenlet else ""
    python = cell.python_version or cell.python
    outcome = cell.outcome.replace("-", " ") if not cell.executed else cell.outcome
    details = [", ".join(cell.loops)] if cell.loops else []
    if cell.executed and cell.kind == "sdist":
        details.append("built from source")
    more = f" ({'; '.join(details)})" if details else ""
    reason = f": {cell.reason}" if cell.reason else ""
    where = f"gevent {cell.gevent}, Python {python}{with_greenlet}"
    return f"{where}: {outcome}{more}{reason}"


def _heading(matrix: Matrix) -> str:
    version = counts.newest_version(matrix)
    return f"geventconnpool_ext {version} on every gevent and Python".replace("  ", " ")


def _summary(matrix: Matrix) -> str:
    executed = [cell for cell in matrix.cells if cell.executed]
    passed = [cell for cell in executed if cell.passed]
    _, newest = counts.dates(matrix)
    share = counts.Share(len(passed), len(executed))
    return f"{share} executed cells pass, {matrix.platform}, {newest}"


def _halves(releases: list[str]) -> tuple[list[str], list[str]]:
    """Two columns of about the same length, parted where a series ends."""
    ends = [
        place
        for place in range(1, len(releases))
        if _series(releases[place - 1]) != _series(releases[place])
    ]
    middle = len(releases) / 2
    cut = min(ends, key=lambda end: abs(end - middle), default=len(releases))
    return releases[:cut], releases[cut:]


def _series(release: str) -> tuple[int, ...]:
    """Releases of one year, or of one minor version before years were counted."""
    numbers = Version(release).release
    return numbers[:1] if numbers[0] >= 20 else numbers[:2]


def _columns(matrix: Matrix) -> list[float]:
    """Where each Python's column begins, from the left of its panel."""
    step = (PANEL - LABEL - TIER_GAP) / len(matrix.pythons)
    historical = len(counts.tier(matrix, supported=False).pythons)
    return [
        LABEL + number * step + (TIER_GAP if number >= historical else 0)
        for number in range(len(matrix.pythons))
    ]


def _panel(
    matrix: Matrix, left: float, title: str, releases: list[str]
) -> tuple[list[str], float]:
    """The lines of a panel, and where it ends."""
    columns = _columns(matrix)
    lines = [
        _text(left, TOP - 24, title, "ink head"),
        _text(left + LABEL - 6, TOP - 6, "Python 3.", "dim small end"),
        *_tiers(matrix, left, columns, named=title == "Releases"),
    ]
    for python, column in zip(matrix.pythons, columns):
        minor = python.partition(".")[2]
        lines.append(_text(left + column + BOX / 2, TOP - 6, minor, "dim small middle"))
    y = float(TOP)
    for number, release in enumerate(releases):
        if number and _series(release) != _series(releases[number - 1]):
            y += SERIES_GAP
        lines.append(_text(left + LABEL - 6, y + 11, release, "ink end"))
        for cell, column in zip(matrix.rows[release], columns):
            lines.append(_box(cell, left + column, y))
        y += ROW
    return lines, y


def _tiers(
    matrix: Matrix, left: float, columns: list[float], *, named: bool
) -> Iterator[str]:
    """A line over the columns of each tier; a narrow one's name reaches beyond it."""
    parting = len(counts.tier(matrix, supported=False).pythons)
    for name, tier in (
        ("historical", columns[:parting]),
        ("supported", columns[parting:]),
    ):
        if not tier:
            continue
        start, end = left + tier[0], left + tier[-1] + BOX
        yield f'<path class="line thin" d="M{start:g} {TOP - 18.5}H{end:g}"/>'
        if named and name == "historical":
            yield _text(end, TOP - 24, name, "dim small end")
        elif named:
            yield _text(start, TOP - 24, name, "dim small")


def _box(cell: Cell, x: float, y: float) -> str:
    key = signs.sign_of(cell)
    return (
        f"<g><title>{escape(title_of(cell))}</title>"
        f'<use href="#{key}" x="{x:g}" y="{y:g}"/></g>'
    )


def _symbols() -> Iterator[str]:
    for key, sign in signs.SIGNS.items():
        dashes = f' stroke-dasharray="{sign.dashes}"' if sign.dashes else ""
        box = (
            f'<rect class="{key}" x=".5" y=".5" width="{BOX - 1}" height="{BOX - 1}"'
            f' rx="2"{dashes}/>'
        )
        if sign.mark.startswith("✓"):
            # Drawn: not every font has it.
            mark = f'<path class="{key}-mark" d="M3.8 7.4l2.3 2.4 4.3-5"/>'
        elif sign.mark == "·":
            mark = f'<circle class="{key}-ink" cx="7" cy="7" r="1.2"/>'
        else:
            mark = _text(BOX / 2, 10.6, sign.mark, f"{key}-ink mark")
        hover = f'<rect class="hover" width="{BOX}" height="{BOX}"/>'
        yield f'<g id="{key}">{hover}{box}{mark}</g>'


def _predating(matrix: Matrix, left: float, y: float) -> tuple[list[str], float]:
    """The releases that have no row, in words."""
    if not matrix.predating:
        return [], y
    number = len(matrix.predating)
    noun = "release predates" if number == 1 else "releases predate"
    lines = [_text(left, y, f"{number} {noun} Python 3", "ink head")]
    for line in textwrap.wrap(", ".join(matrix.predating), int(PANEL / 5.4)):
        y += 15
        lines.append(_text(left, y, line, "dim small"))
    return lines, y


def _legend(matrix: Matrix, y: float) -> tuple[list[str], float]:
    """Each sign that is used, with its count; returns the picture's height too."""
    keys = [signs.sign_of(cell) for cell in matrix.cells]
    lines = [f'<path class="line thin" d="M{MARGIN} {y - 9:g}H{WIDTH - MARGIN}"/>']
    x: float = MARGIN
    y += 6
    for key, sign in signs.SIGNS.items():
        number = keys.count(key)
        if not number:
            continue
        words = f"{sign.meaning} ({number})"
        width = BOX + 6 + len(words) * _LETTER
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, y = MARGIN, y + 20
        lines.append(f'<use href="#{key}" x="{x:g}" y="{y:g}"/>')
        lines.append(_text(x + BOX + 6, y + 11, words, "ink"))
        x = round(x + width + 16, 1)
    return lines, y + BOX + MARGIN


def _stylesheet() -> str:
    light = ["#fff", "#1f2328", "#59636e", "#d1d9e0"]
    dark = ["#0d1117", "#e6edf3", "#9198a1", "#3d444d"]
    return _STYLE.format(
        light="\n".join([*_page(light), *_signs(dark=False)]),
        dark="\n".join([*_page(dark), *_signs(dark=True)]),
    )


def _page(colours: list[str]) -> Iterator[str]:
    page, ink, dim, line = colours
    yield f".page {{ fill: {page}; stroke: none }}"
    yield f".ink {{ fill: {ink} }}"
    yield f".dim {{ fill: {dim} }}"
    yield f".line {{ stroke: {line} }}"


def _signs(*, dark: bool) -> Iterator[str]:
    for key, sign in signs.SIGNS.items():
        fill, stroke, ink = sign.dark if dark else sign.light
        yield f".{key} {{ fill: {fill}; stroke: {stroke} }}"
        part, name = ("stroke", "mark") if sign.mark[:1] == "✓" else ("fill", "ink")
        yield f".{key}-{name} {{ {part}: {ink} }}"


def _text(x: float, y: float, words: str, classes: str) -> str:
    return f'<text class="{classes}" x="{x:g}" y="{y:g}">{escape(words)}</text>'
