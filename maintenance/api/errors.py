"""What ends the comparison before it begins."""

from __future__ import annotations

__all__ = ["ApiError"]


class ApiError(Exception):
    """Nothing was compared: why not, and what to do."""
