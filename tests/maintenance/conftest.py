"""What maintainers run is not in the wheel: it is imported from the tree.

The root comes last on sys.path, so that the package under test stays the installed one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))


@pytest.fixture(autouse=True)
def uncoloured(monkeypatch):
    """What is printed is compared: nobody's wish for colour may change it."""
    for name in ("FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
