"""The error that ends a release's step: what was wrong, and what to do."""

from __future__ import annotations

__all__ = ["CommandFailed", "ReleaseError"]


class ReleaseError(Exception):
    """A step cannot go on. *remedy* says what to do; None if the step's own does."""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class CommandFailed(ReleaseError):
    """A program failed: *said* is all that it said, the message its chief line."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said
