"""Files that are replaced whole or not at all, so that an interrupt leaves no half."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["write_json"]


def write_json(path: Path, data: Any) -> None:
    """Replace *path* by *data*, indented, so that a change of one thing reads as one.

    Non-ASCII characters stand for themselves.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its target: a rename is atomic only within a file system.
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(
            json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
