"""What maintainers run is not in the wheel: it is imported from the tree.

The root comes last on sys.path, so that the package under test stays the installed one.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))
