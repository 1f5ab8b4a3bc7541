"""What is wrong with the ledger: one finding, and nothing about how it is found."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Finding"]


class Finding(NamedTuple):
    """One thing that is wrong: with which entry or file, why, and what to do."""

    subject: str
    """An entry's name, or the path of another file."""
    reason: str
    remedy: str
