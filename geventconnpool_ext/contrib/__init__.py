"""What ties the pool to other packages; each module needs an extra of its name."""

from __future__ import annotations
