"""The error that ends a command with a message for its user."""

from __future__ import annotations

__all__ = ["UpstreamError"]


class UpstreamError(Exception):
    """What was wrong, which value, and what would be right; printed as it stands."""
