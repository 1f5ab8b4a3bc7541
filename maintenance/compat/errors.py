"""What goes wrong with the matrix itself, as opposed to a cell that fails."""

from __future__ import annotations

__all__ = ["CompatError", "UnclassifiedError"]


class CompatError(Exception):
    """Something the maintainer can put right; the message says what."""


class UnclassifiedError(CompatError):
    """A cell ended in a way that is none of the known outcomes."""
