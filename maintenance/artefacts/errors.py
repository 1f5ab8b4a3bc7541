"""What makes artefacts unfit to be published."""

from __future__ import annotations

__all__ = ["ArtefactError"]


class ArtefactError(Exception):
    """One step failed: what was wrong, and what to do."""
