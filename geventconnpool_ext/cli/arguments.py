"""Kinds of arguments: from the text of one option to its value, or an error.

Each function is an argparse ``type``. Its error says what would be right;
argparse adds the name of the option.
"""

from __future__ import annotations

import argparse
import math
import os.path

__all__ = [
    "count",
    "milliseconds",
    "number",
    "picture",
    "port",
    "port_or_any",
    "seconds",
]


def count(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, 1, None, "a whole number of at least 1")


def number(text: str) -> int:
    """A whole number of at least 0."""
    return _whole(text, 0, None, "a whole number of at least 0")


def port(text: str) -> int:
    """A TCP port to connect to."""
    return _whole(text, 1, 65535, "a port, from 1 to 65535")


def port_or_any(text: str) -> int:
    """A TCP port to listen on, 0 for any that is free."""
    return _whole(text, 0, 65535, "a port, from 0 to 65535")


def seconds(text: str) -> float:
    """A number of seconds above 0."""
    value = _real(text)
    if not (math.isfinite(value) and value > 0):
        raise _wrong(text, "a number of seconds above 0")
    return value


def milliseconds(text: str) -> float:
    """A number of milliseconds, 0 or more."""
    value = _real(text)
    if not (math.isfinite(value) and value >= 0):
        raise _wrong(text, "a number of milliseconds, 0 or more")
    return value


def picture(text: str) -> str:
    """The name of a file to draw into; its ending says how."""
    if os.path.splitext(text)[1].lower() not in (".svg", ".png"):
        raise _wrong(text, "a file whose name ends in .svg or .png")
    return text


def _whole(text: str, least: int, most: object, right: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise _wrong(text, right) from None
    if value < least or (isinstance(most, int) and value > most):
        raise _wrong(text, right)
    return value


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _wrong(text: str, right: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError("must be {}, not {!r}".format(right, text))
