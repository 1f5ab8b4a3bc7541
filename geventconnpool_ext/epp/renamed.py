"""An error's text with other names for the arguments that it is about.

Who set a variable, or gave an option, knows no argument.
"""

from __future__ import annotations

import re
from typing import Mapping

__all__ = ["renamed"]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return *text* with the *names* of arguments replaced, values left alone."""
    if not names:
        return text
    pattern = "|".join(map(_pattern, names))
    return re.sub(pattern, lambda found: names[found.group()], text)


def _pattern(argument: str) -> str:
    if "_" in argument:
        # Not in a path, nor in quotes: those are values.
        return r"(?<![\w./'\"-]){}(?![\w/'\"-]|\.\w)".format(argument)
    # A word of any sentence: it is meant where it is the subject, or its value
    # follows.
    return r"^{0}(?= )|(?<![\w./'\"-]){0}(?= \()".format(argument)
