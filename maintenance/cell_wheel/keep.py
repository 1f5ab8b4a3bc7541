"""Keeps what is costly to make, in a directory named after what it is made of."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Callable

__all__ = ["kept_wheel"]


def kept_wheel(directory: Path, make: Callable[[Path], Path]) -> Path:
    """Return the one wheel in *directory*, made now if that does not exist.

    *make* is given an empty scratch directory and returns the directory below it
    that holds the wheel. Cells that run at the same time may call this at the same
    time; what fails leaves nothing.
    """
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
            made = make(Path(scratch))
            try:
                made.rename(directory)
            except OSError:
                # Another cell made the same at the same time.
                if not directory.is_dir():
                    raise
    (wheel,) = directory.glob("*.whl")
    return wheel
