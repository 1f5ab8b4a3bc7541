"""What is written in words: numbers of things."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: object, thing: str) -> str:
    """``1 session``, ``8 sessions``."""
    ending = "" if number == 1 else "es" if thing.endswith("s") else "s"
    return f"{number} {thing}{ending}"
