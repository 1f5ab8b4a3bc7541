"""Plots as SVG, each readable on a light page and on a dark one.

matplotlib draws in the colours of the light palette; the SVG gets a style that puts
the dark ones in their place where the reader prefers that.
"""

from __future__ import annotations

import io
from typing import Any, NamedTuple, Sequence, Tuple, Union

__all__ = ["Bars", "Line", "Lines", "Plot", "figure", "svg"]

# Light, and what it becomes in the dark. Ours and the peers are told apart by
# lightness, too, and lines also by their marks.
PAPER, INK, FAINT = (
    ("#ffffff", "#0d1117"),
    ("#1f2329", "#e6edf4"),
    ("#d1d9e1", "#30363e"),
)
OURS = ("#0969db", "#58a6fe")
OTHER = ("#8c959e", "#6e7682")
SERIES = (
    OURS,
    ("#bc4c01", "#f0883f"),
    ("#1a7f38", "#3fb951"),
    ("#8250de", "#bc8cfe"),
    ("#6e7780", "#8b949d"),
)
MARKS = "osD^v"

Line = Tuple[str, Sequence[float], Sequence[float]]
"""What it is, where it was measured, what was found."""


class Bars(NamedTuple):
    """One bar for each thing; those in *ours* stand out."""

    title: str
    axis: str
    bars: Sequence[Tuple[str, float]]
    ours: Sequence[str] = ()
    logarithmic: bool = False


class Lines(NamedTuple):
    """A line for each thing over a logarithmic axis; those in *ours* stand out.

    *limit* is a level to compare them with, and what it is called. *across* and *up*
    say whether the axes are logarithmic.
    """

    title: str
    across_axis: str
    up_axis: str
    lines: Sequence[Line]
    ours: Sequence[str] = ()
    across: bool = True
    up: bool = True


Plot = Union[Bars, Lines]


def svg(plot: Plot) -> str:
    """The picture of *plot*, the same for the same values."""
    import matplotlib

    drawing = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": plot.title, "svg.fonttype": "none"}):
        figure(plot).savefig(
            drawing, format="svg", metadata={"Date": None, "Creator": None}
        )
    lines = [line.rstrip() for line in drawing.getvalue().splitlines()]
    first = next(n for n, line in enumerate(lines) if line.startswith("<svg"))
    while not lines[first].endswith(">"):
        first += 1
    lines[first + 1 : first + 1] = [
        f"<title>{plot.title}</title>",
        "<style>",
        "@media (prefers-color-scheme: dark) {",
        *(_darkened(light, dark) for light, dark in _palette()),
        "}",
        "</style>",
    ]
    return "\n".join(lines) + "\n"


def figure(plot: Plot) -> Any:
    """The matplotlib figure of *plot*, in the light palette."""
    from matplotlib.figure import Figure

    is_bars = isinstance(plot, Bars)
    height = 1.5 + 0.32 * len(plot.bars) if isinstance(plot, Bars) else 4.4
    drawn = Figure(figsize=(8.2, height), layout="constrained", facecolor=PAPER[0])
    axes = drawn.add_subplot(facecolor=PAPER[0])
    if isinstance(plot, Bars):
        _draw_bars(axes, plot)
    else:
        _draw_lines(axes, plot)
    axes.set_title(plot.title, color=INK[0], loc="left", fontsize=12, pad=10)
    axes.tick_params(which="both", color=FAINT[0], labelcolor=INK[0], labelsize=9)
    for side in ("top", "right", *(["left"] if is_bars else [])):
        axes.spines[side].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(FAINT[0])
    return drawn


def _draw_bars(axes: Any, plot: Bars) -> None:
    names = [name for name, _ in plot.bars]
    values = [value for _, value in plot.bars]
    colours = [OURS[0] if name in plot.ours else OTHER[0] for name in names]
    drawn = axes.barh(range(len(names)), values, color=colours, height=0.68)
    texts = [f"{value:,.3g}" if value < 100 else f"{value:,.0f}" for value in values]
    axes.bar_label(drawn, texts, padding=4, color=INK[0], fontsize=9)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(plot.axis, color=INK[0], fontsize=9)
    if plot.logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 2, max(values) * 2.5)
    else:
        axes.set_xlim(min(0, *values), max(values) * 1.12)
    _plain(axes.xaxis)
    _grid(axes, "x")


def _draw_lines(axes: Any, plot: Lines) -> None:
    others = iter(SERIES[1:] * len(plot.lines))
    for number, (name, across, up) in enumerate(plot.lines):
        ours = name in plot.ours
        axes.plot(
            across,
            up,
            label=name,
            color=OURS[0] if ours else next(others)[0],
            marker=MARKS[number % len(MARKS)],
            linewidth=2.4 if ours else 1.6,
            markersize=5,
            zorder=3 if ours else 2,
        )
    if plot.across:
        axes.set_xscale("log")
    if plot.up:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel(plot.across_axis, color=INK[0], fontsize=9)
    axes.set_ylabel(plot.up_axis, color=INK[0], fontsize=9)
    for axis in (axes.xaxis, axes.yaxis):
        _plain(axis)
    axes.figure.legend(
        loc="outside right upper", frameon=False, labelcolor=INK[0], fontsize=9
    )
    _grid(axes, "both")


def _plain(axis: Any) -> None:
    """Numbers as people write them, not powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if axis.get_scale() == "log":
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def _grid(axes: Any, which: str) -> None:
    axes.grid(axis=which, color=FAINT[0], linewidth=0.8)
    axes.set_axisbelow(True)


def _palette() -> Sequence[Tuple[str, str]]:
    return (PAPER, INK, FAINT, OTHER, *SERIES)


def _darkened(light: str, dark: str) -> str:
    kinds = ("fill", "stroke")
    return "\n".join(
        f'[style*="{kind}: {light}"] {{ {kind}: {dark} !important }}' for kind in kinds
    )
