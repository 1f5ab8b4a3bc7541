"""The colours of the demo's picture, and its SVG for light and dark pages.

matplotlib draws in the light colours; the SVG gets a style that puts the dark ones in
their place where the reader prefers that.
"""

from __future__ import annotations

import re
from typing import Dict, Mapping
from xml.sax.saxutils import escape

__all__ = ["LIGHT", "finished"]

# Light and dark. Blue, orange, green and purple are told apart by people who see
# colours otherwise, too; what they stand for also differs in shape and width.
_COLOURS = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2329", "#e6edf4"),
    "dim": ("#57606b", "#9199a2"),
    "grid": ("#e1e6ec", "#252b33"),
    "pause": ("#f1f4f7", "#171d25"),
    "waiting": ("#b9c9dc", "#33465d"),
    "busy": ("#0969db", "#58a6fe"),
    "opening": ("#c65102", "#f0883f"),
    "idle": ("#8c959e", "#6e7682"),
    "closing": ("#6b5a4b", "#b8a690"),
    "hello": ("#117a55", "#3fb96f"),
    "probe": ("#8250de", "#c69cfe"),
    "lost": ("#b31d29", "#ff7b72"),
}
LIGHT: Mapping[str, str] = {name: light for name, (light, _) in _COLOURS.items()}


def finished(drawing: str, title: str, summary: str, titles: Dict[str, str]) -> str:
    """Return the SVG *drawing* with both palettes.

    *title* and *summary* are for who does not see it; *titles* has for the ids of
    groups what they say when they are pointed at.
    """
    # matplotlib writes millionths of a point.
    drawing = re.sub(r"(\d\.\d\d)\d+", r"\1", drawing)
    start = drawing.index("<svg")
    end = drawing.index(">", start) + 1
    head = [
        '<title id="title">{}</title>'.format(escape(title)),
        '<desc id="summary">{}</desc>'.format(escape(summary)),
        "<style>",
        "@media (prefers-color-scheme: dark) {",
        *(_darkened(light, dark) for light, dark in _COLOURS.values()),
        "}",
        "</style>",
    ]
    root = drawing[start : end - 1] + ' role="img" aria-labelledby="title summary">'
    body = re.sub(
        r'<g id="([^"]+)">',
        lambda found: found.group() + _tooltip(titles.get(found.group(1))),
        drawing[end:],
    )
    whole = "\n".join([root, *head, body])
    return "\n".join(line.rstrip() for line in whole.splitlines()) + "\n"


def _tooltip(text: object) -> str:
    return "" if text is None else "<title>{}</title>".format(escape(str(text)))


def _darkened(light: str, dark: str) -> str:
    return "\n".join(
        '[style*="{0}: {1}"] {{ {0}: {2} !important }}'.format(kind, light, dark)
        for kind in ("fill", "stroke")
    )
