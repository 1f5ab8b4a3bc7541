"""How an error shows a path: not at all where it may be the secret itself.

A variable for a path is easily set to what its file should hold.
"""

from __future__ import annotations

import os
from typing import Any

__all__ = ["holds_pem", "shown_password_path", "shown_path"]

_LONGEST = 255
_PEM = ("-----BEGIN", "LS0tLS1CRUdJTi")
"""How PEM begins, and its base64."""


def holds_pem(path: Any) -> bool:
    """Whether *path* is PEM text instead."""
    text = _text(path)
    return any(beginning in text for beginning in _PEM)


def shown_path(path: Any) -> str:
    """Return *path* in quotes, or that it is hidden since it looks like no path."""
    text = _text(path)
    if holds_pem(path) or "\n" in text or len(text) > _LONGEST:
        return "(hidden: it looks like no path)"
    return repr(text)


def shown_password_path(path: Any) -> str:
    """Return the *path* of a password's file in quotes, or that it is hidden.

    It is shown if it is absolute, or in a directory that is there: else it may be
    the password, in which a slash is nothing rare.
    """
    text = _text(path)
    directory = os.path.dirname(text)
    try:
        has_directory = os.path.isabs(text) or (directory and os.path.isdir(directory))
    except ValueError:  # a NUL in it, before Python 3.8
        has_directory = False
    if not has_directory:
        return "(hidden: it names no directory, and may be the password)"
    return shown_path(text)


def _text(path: Any) -> str:
    return os.fsdecode(path) if isinstance(path, (bytes, os.PathLike)) else str(path)
