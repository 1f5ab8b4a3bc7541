"""What keeps the pages from being rendered."""

from __future__ import annotations

__all__ = ["PagesError"]


class PagesError(Exception):
    """Something the maintainer can put right; the message says what."""
