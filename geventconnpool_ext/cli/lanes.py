"""The parts of the demo's picture: lanes, waiting clients, and the key to them.

What is what shows without colours: busy is a full bar, opening a striped one,
closing a dotted one, idle a thin line; hello is a dot, a probe a diamond, and an end
a disk with a letter, filled where the session was lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Sequence, Tuple

from .palette import LIGHT
from .timeline import BUSY, CLOSING, HELLO, IDLE, OPENING, PROBE

if TYPE_CHECKING:
    from .timeline import Life, Timeline

__all__ = ["draw_key", "draw_lanes", "draw_waiting", "key_rows", "name_of", "width_of"]

# The share of a lane's height, and the dashes in points.
_BARS: Dict[str, Tuple[float, Any]] = {
    BUSY: (0.72, "solid"),
    OPENING: (0.5, (0, (1.2, 0.8))),
    CLOSING: (0.26, (0, (1.0, 0.8))),
}
_MARKS = {HELLO: "o", PROBE: "D"}
_LETTERS = {
    "closed": "C",
    "drained": "D",
    "eof": "E",
    "error": "R",
    "idle_timeout": "I",
    "interrupted": "X",
    "max_age": "A",
    "max_commands": "M",
    "not opened": "N",
    "login": "N",
    "ping": "P",
    "server_ended": "S",
    "session_gone": "G",
    "stray": "Y",
    "timeout": "T",
    "unparsable": "U",
    "wrong_tr_id": "W",
}
_LANE = 13.0
"""Height of a lane in the key, in points."""
_ROOM_FOR_A_LABEL = 40.0
_LINE, _LARGEST_DISK = 1.1, 9.5


class Item(NamedTuple):
    """An entry of the key: *kind* and *name* say what is drawn before *text*."""

    kind: str
    name: str
    text: str
    planned: bool = True


def name_of(life: Life) -> str:
    """The id of a session's group in the SVG."""
    return "session-{}".format(life.number)


def width_of(text: str, size: float) -> float:
    """The width of *text* in points, in the font that matplotlib brings."""
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=size).get_extents().width)


def draw_waiting(axes: Any, timeline: Timeline, clients: int, size: float) -> None:
    """Draw how many clients wait, as an area; *clients* is the most there can be."""
    ended = timeline.ended
    points = timeline.waiting_at_most(ended / 600)
    times = [at for at, _ in points] + [ended]
    counts = [count for _, count in points] + [points[-1][1] if points else 0]
    axes.fill_between(
        times, counts, step="post", facecolor=LIGHT["waiting"], edgecolor="none"
    )
    axes.step(times, counts, where="post", color=LIGHT["dim"], linewidth=0.8)
    axes.set_ylim(0, clients * 1.04)
    axes.set_yticks([0, clients])
    axes.tick_params(axis="y", length=0, pad=3, labelsize=size)
    axes.set_ylabel("waiting", color=LIGHT["dim"], fontsize=size, labelpad=3)
    axes.yaxis.set_label_coords(-0.052, 0.5)


def draw_lanes(
    axes: Any,
    timeline: Timeline,
    height: float,
    seconds: float,
    size: float,
    each: bool,
) -> None:
    """Draw every session of *timeline* into lanes of *height* points together.

    *seconds* is the length of the axis. *each*: a session is a group of its own and
    every end is shown; otherwise a lane is, and only ends of lost sessions are.
    """
    count = max(timeline.lanes, 1)
    lane = height / count
    least = seconds / 900
    groups: Dict[str, List[Life]] = {}
    for life in timeline.lives:
        name = name_of(life) if each else "lane-{}".format(life.lane + 1)
        groups.setdefault(name, []).append(life)
    for name, lives in groups.items():
        whole = [(life.lane, life.began, life.ended or seconds) for life in lives]
        _bars(axes, whole, LIGHT["idle"], _LINE, "solid", name, 2)
        for state, (share, dashes) in _BARS.items():
            bars = [
                (life.lane, span.began, span.ended)
                for life in lives
                for span in life.spans(least)
                if span.state == state
            ]
            if bars:
                _bars(axes, bars, LIGHT[state], share * lane, dashes, "", 3)
    disk = min(0.86 * lane, _LARGEST_DISK)
    for kind, shape in _MARKS.items():
        marked = [
            (mark.at, life.lane + 0.5)
            for life in timeline.lives
            for mark in life.marks
            if mark.kind == kind
        ]
        _points(axes, marked, shape, LIGHT[kind], LIGHT[kind], 0.42 * disk, 4)
    for planned in (True, False):
        ends = [
            (life.ended or seconds, life.lane + 0.5, life.reason)
            for life in timeline.lives
            if life.planned == planned and (each or not planned)
        ]
        _disks(axes, ends, disk, planned)
    axes.set_ylim(count, 0)
    axes.set_yticks(sorted({0.5, count - 0.5}), sorted({"1", str(count)}, key=int))
    axes.tick_params(axis="y", length=0, pad=3, labelsize=size)
    # Or it would meet the label above.
    if height >= _ROOM_FOR_A_LABEL:
        axes.set_ylabel("sessions", color=LIGHT["dim"], fontsize=size)
        axes.yaxis.set_label_coords(-0.052, 0.5)


def key_rows(
    ends: Sequence[Tuple[str, bool, int, int]], width: float, size: float
) -> List[List[Tuple[float, Item]]]:
    """The key to it all, in rows of at most *width* points: where, and what."""
    states = [Item("bar", state, state) for state in (OPENING, BUSY, CLOSING)]
    states.insert(2, Item("bar", IDLE, IDLE))
    states += [Item("mark", kind, "answered " + kind) for kind in (HELLO, PROBE)]
    reasons = [
        Item(
            "end",
            reason,
            "{} {:,} | {:,}".format(reason.replace("_", " "), pooled, plain),
            planned,
        )
        for reason, planned, pooled, plain in ends
    ]
    heading = Item("", "", "sessions ended, with the pool | without:")
    return _flow(states, width, size) + _flow([heading, *reasons], width, size)


def draw_key(
    page: Any, row: Sequence[Tuple[float, Item]], left: float, at: float, size: float
) -> None:
    """Draw one row of the key on *page*, whose unit is the point."""
    for offset, item in row:
        x = left + offset
        # As in a lane: there a lane is the unit.
        if item.name == IDLE:
            _bars(page, [(at - 0.5, x, x + 20)], LIGHT["idle"], _LINE, "solid", "", 2)
        elif item.kind == "bar":
            share, dashes = _BARS[item.name]
            bar = [(at - 0.5, x, x + 20)]
            _bars(page, bar, LIGHT[item.name], share * _LANE, dashes, "", 3)
        elif item.kind == "mark":
            colour = LIGHT[item.name]
            shape = _MARKS[item.name]
            _points(page, [(x + 5, at)], shape, colour, colour, 4.2, 4)
        elif item.kind == "end":
            _disks(page, [(x + 5, at, item.name)], _LARGEST_DISK, item.planned)
        page.text(
            x + _room(item),
            at,
            item.text,
            fontsize=size,
            color=LIGHT["ink"],
            va="center_baseline",
        )


def _room(item: Item) -> float:
    """How much is needed before the text."""
    return {"bar": 24.0, "mark": 12.0, "end": 12.5}.get(item.kind, 0.0)


def _flow(
    items: Sequence[Item], width: float, size: float
) -> List[List[Tuple[float, Item]]]:
    rows: List[List[Tuple[float, Item]]] = [[]]
    x = 0.0
    for item in items:
        needed = _room(item) + width_of(item.text, size)
        if x + needed > width and rows[-1]:
            rows.append([])
            x = 0.0
        rows[-1].append((x, item))
        x += needed + 11
    return rows


def _bars(
    axes: Any,
    bars: Sequence[Tuple[float, float, float]],
    colour: str,
    thickness: float,
    dashes: Any,
    name: str,
    order: int,
) -> None:
    """Bars (lane, from, to), *thickness* points high: one path for all of them."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points = [
        point
        for lane, began, ended in bars
        for point in ((began, lane + 0.5), (ended, lane + 0.5))
    ]
    path = Path(points, [Path.MOVETO, Path.LINETO] * len(bars))
    drawn = PathPatch(
        path,
        facecolor="none",
        edgecolor=colour,
        linewidth=thickness,
        linestyle=dashes,
        capstyle="butt",
        zorder=order,
    )
    if name:
        drawn.set_gid(name)
    axes.add_patch(drawn)


def _points(
    axes: Any,
    points: Sequence[Tuple[float, float]],
    shape: str,
    inside: str,
    outside: str,
    size: float,
    order: int,
) -> None:
    if points:
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker=shape,
            markersize=size,
            markerfacecolor=inside,
            markeredgecolor=outside,
            markeredgewidth=0.8,
            clip_on=False,
            zorder=order,
        )


def _disks(
    axes: Any, ends: Sequence[Tuple[float, float, str]], size: float, planned: bool
) -> None:
    """A disk with a letter for each end (x, y, reason)."""
    inside, outside = LIGHT["paper"], LIGHT["ink"]
    if not planned:
        inside = outside = LIGHT["lost"]
    centres = [(x, y) for x, y, _ in ends]
    _points(axes, centres, "o", inside, outside, size, 5)
    for x, y, reason in ends:
        axes.text(
            x,
            y,
            _LETTERS.get(reason, "?"),
            fontsize=0.68 * size,
            weight="bold",
            color=LIGHT["ink" if planned else "paper"],
            ha="center",
            va="center_baseline",
            zorder=6,
        )
