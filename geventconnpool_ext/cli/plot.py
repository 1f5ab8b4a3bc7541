"""The picture of the demo: two panels, one time axis, a lane per session.

Here stands where everything goes; its words are in ``captions``, how lanes are drawn
in ``lanes``, its colours in ``palette``. matplotlib is imported when it is drawn.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Sequence, Tuple

from . import lanes
from .captions import PAUSES, ends, figures, headline, period_rows, placed, tooltips
from .palette import LIGHT, finished

if TYPE_CHECKING:
    from .captions import Run
    from .settings import Settings
    from .timeline import Timeline

__all__ = ["draw"]

# All lengths are points, from the left upper corner.
WIDTH, LEFT, RIGHT = 648.0, 46.0, 16.0
TOP, ROW, GAP = 16.0, 12.5, 12.0
WAITING, BETWEEN = 38.0, 7.0
LANES = 150.0
"""Height of all lanes together, unless there are very many or very few."""
AXIS, KEY_ROW = 34.0, 15.0
TITLE, TEXT, SMALL = 12.0, 8.5, 7.5
_DOTS_PER_INCH = 160


def draw(ending: str, settings: Settings, direct: Run, pool: Run) -> bytes:
    """Draw both runs; *ending* is ".svg" or ".png"."""
    import matplotlib

    drawing = io.BytesIO()
    plain: Any = {
        "svg.fonttype": "none",
        "path.simplify": False,
        "lines.scale_dashes": False,
    }
    with matplotlib.rc_context(plain):
        drawn = Picture(settings, direct, pool)
        if ending == ".png":
            drawn.figure.savefig(drawing, format="png", dpi=_DOTS_PER_INCH)
            return drawing.getvalue()
        drawn.figure.savefig(
            drawing, format="svg", metadata={"Date": None, "Creator": None}
        )
    title, *lines = headline(settings, direct, pool)
    text = drawing.getvalue().decode("utf-8")
    titles = tooltips(pool.timeline)
    return finished(text, title, " ".join(lines), titles).encode("utf-8")


class Picture:
    """Draws on ``figure``, from top to bottom."""

    def __init__(self, settings: Settings, direct: Run, pool: Run) -> None:
        from matplotlib.figure import Figure

        self._settings = settings
        runs = (("Through the pool", pool), ("A connection per command", direct))
        # Never 0: of a run of one command hardly anything is seen, but that.
        self._seconds = max(max(run.timeline.ended for _, run in runs), 1e-3)
        self._scale = (WIDTH - LEFT - RIGHT) / self._seconds
        key = lanes.key_rows(ends(direct, pool), WIDTH - LEFT - RIGHT, SMALL)
        height = TOP + 3 * ROW + 6 + AXIS + len(key) * KEY_ROW + 4
        for _, run in runs:
            height += _panel_height(run.timeline)
        self._height = height
        self.figure: Any = Figure(
            figsize=(WIDTH / 72, height / 72), facecolor=LIGHT["paper"]
        )
        self._page = self._axes(0, 0, WIDTH, height)
        self._page.set(xlim=(0, WIDTH), ylim=(height, 0))
        self._page.axis("off")
        self._at = TOP
        title, story, details = headline(settings, direct, pool)
        self._write(title, TITLE, weight="bold")
        self._write(story, TEXT)
        self._write(details, TEXT, color=LIGHT["dim"])
        self._at += 6
        for number, (name, run) in enumerate(runs):
            self._panel(name, run, last=number == len(runs) - 1)
        self._at += AXIS
        for row in key:
            lanes.draw_key(self._page, row, LEFT, self._at, SMALL)
            self._at += KEY_ROW

    def _write(self, text: str, size: float, **options: Any) -> None:
        self._page.text(
            LEFT - 30,
            self._at,
            text,
            **{"fontsize": size, "color": LIGHT["ink"], "va": "center", **options},
        )
        self._at += ROW + (2.5 if size == TITLE else 0)

    def _panel(self, name: str, run: Run, last: bool) -> None:
        timeline = run.timeline
        self._at += GAP / 2
        size = SMALL + 1.5
        page, at = self._page, self._at
        page.text(
            LEFT - 30,
            at,
            name,
            fontsize=size,
            weight="bold",
            color=LIGHT["ink"],
            va="center",
        )
        page.text(
            WIDTH - RIGHT,
            at,
            figures(run.measured),
            fontsize=SMALL,
            color=LIGHT["ink"],
            va="center",
            ha="right",
        )
        self._at += ROW
        for row in period_rows(timeline):
            self._periods(row)
        waiting = self._axes(LEFT, self._at, WIDTH - LEFT - RIGHT, WAITING)
        self._at += WAITING + BETWEEN
        height = _lanes_height(timeline)
        lane = self._axes(LEFT, self._at, WIDTH - LEFT - RIGHT, height)
        self._at += height + GAP / 2
        for axes in (waiting, lane):
            axes.set_xlim(0, self._seconds)
            axes.grid(axis="x", color=LIGHT["grid"], linewidth=0.6)
            axes.set_axisbelow(True)
            for period in timeline.periods:
                if period.name in PAUSES:
                    axes.axvspan(
                        period.began,
                        period.ended,
                        facecolor=LIGHT["pause"],
                        edgecolor="none",
                        zorder=0,
                    )
        lanes.draw_waiting(waiting, timeline, self._settings.clients, SMALL)
        lanes.draw_lanes(
            lane, timeline, height, self._seconds, SMALL, each=name.startswith("T")
        )
        waiting.tick_params(axis="x", length=0, labelbottom=False)
        lane.tick_params(axis="x", length=0, labelbottom=last, labelsize=SMALL)
        if last:
            lane.set_xlabel(
                "seconds since the run began", color=LIGHT["dim"], fontsize=SMALL
            )

    def _periods(self, row: Sequence[Tuple[float, Sequence[str]]]) -> None:
        """Write what goes on above where it begins, as long as there is room."""
        starts = [LEFT + began * self._scale for began, _ in row]
        widths = [[lanes.width_of(text, SMALL) for text in texts] for _, texts in row]
        for (_, texts), place in zip(row, placed(starts, widths, WIDTH - RIGHT)):
            if place is not None:
                x, which = place
                self._page.text(
                    x,
                    self._at,
                    texts[which],
                    fontsize=SMALL,
                    color=LIGHT["dim"],
                    va="center",
                )
        self._at += ROW - 2

    def _axes(self, left: float, top: float, width: float, height: float) -> Any:
        axes = self.figure.add_axes(
            [
                left / WIDTH,
                1 - (top + height) / self._height,
                width / WIDTH,
                height / self._height,
            ],
            facecolor="none",
        )
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(colors=LIGHT["dim"])
        return axes


# Lengths.


def _lanes_height(timeline: Timeline) -> float:
    count = max(timeline.lanes, 1)
    return min(max(LANES, 5.0 * count), 15.0 * count)


def _panel_height(timeline: Timeline) -> float:
    rows = len(period_rows(timeline))
    above = GAP / 2 + ROW + rows * (ROW - 2)
    return above + WAITING + BETWEEN + _lanes_height(timeline) + GAP / 2
