"""How each outcome is shown: a sign besides a colour, in light and in dark.

The sign alone is enough: it is what the colour-blind, and the table in Markdown, have.
"""

from __future__ import annotations

from dataclasses import dataclass

from maintenance.compat.outcomes import (
    BUILD_FAILURE,
    CRASH,
    FAIL,
    IMPORT_FAILURE,
    NO_ARTEFACT,
    NO_INTERPRETER,
    PASS,
    TIMEOUT,
    UNSUPPORTED,
    YANKED,
)
from maintenance.compat_pages.matrix import NOT_RUN, Cell

__all__ = ["SIGNS", "Sign", "of", "sign_of"]

PASS_FROM_SOURCE = "pass-from-source"


@dataclass(frozen=True)
class Sign:
    """*mark* in Markdown and picture; colours are (fill, stroke, ink)."""

    mark: str
    meaning: str
    light: tuple[str, str, str]
    dark: tuple[str, str, str]
    dashes: str = ""


def _filled(mark: str, meaning: str, light: str, dark: str) -> Sign:
    return Sign(mark, meaning, (light, light, "#fff"), (dark, dark, "#fff"))


def _empty(mark: str, meaning: str, dashes: str = "") -> Sign:
    light, dark = ("none", "#8c959f", "#59636e"), ("none", "#656c76", "#9198a1")
    return Sign(mark, meaning, light, dark, dashes)


# In the order of the legend.
SIGNS: dict[str, Sign] = {
    PASS: _filled("✓", "pass", "#1a7f37", "#238636"),
    PASS_FROM_SOURCE: Sign(
        "✓s",
        "pass, gevent built from source",
        ("#dafbe1", "#1a7f37", "#116329"),
        ("#12261e", "#2ea043", "#56d364"),
    ),
    FAIL: _filled("F", "a test fails", "#cf222e", "#da3633"),
    CRASH: _filled("C", "crash", "#8250df", "#8957e5"),
    TIMEOUT: _filled("T", "hang", "#bc4c00", "#bd561d"),
    IMPORT_FAILURE: _filled("I", "cannot be imported", "#bf3989", "#bf4b8a"),
    BUILD_FAILURE: _filled("B", "cannot be built", "#7d4e00", "#9e6a03"),
    YANKED: _empty("Y", "yanked from the index"),
    NO_INTERPRETER: _empty("?", "no such Python where it ran", "2 2"),
    NOT_RUN: _empty("…", "not run yet", "2 2"),
    NO_ARTEFACT: Sign(
        "·",
        "nothing to install",
        ("none", "none", "#8c959f"),
        ("none", "none", "#656c76"),
    ),
    UNSUPPORTED: _empty("P", "predates Python 3"),
}


def sign_of(cell: Cell) -> str:
    """The key of *cell*'s sign in SIGNS."""
    if cell.passed and cell.kind == "sdist":
        return PASS_FROM_SOURCE
    return cell.outcome


def of(cell: Cell) -> Sign:
    """The sign of *cell*."""
    return SIGNS[sign_of(cell)]
