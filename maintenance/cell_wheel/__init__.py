"""What one cell of the compatibility matrix is made of.

The public names, nothing else: the wheel of ours for a Python, the constraint file of
a cell, its suite, and a gevent built from source. Which cells there are and what came
of them is in maintenance.compat.
"""

from __future__ import annotations

from .cell import Cell
from .constraints import constraint_for
from .suite import suite_digest
from .wheel import build

__all__ = ["Cell", "build", "constraint_for", "suite_digest"]
