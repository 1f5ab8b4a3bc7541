"""The pools of the contract suite, for what belongs to the surroundings."""

from __future__ import annotations

from ..contract.conftest import kind, new_pool, pool_class

__all__ = ["kind", "new_pool", "pool_class"]
