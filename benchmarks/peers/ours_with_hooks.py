"""This package, with the pair of hooks that each use of a connection calls."""

from __future__ import annotations

from typing import Any

from benchmarks.peers import ours
from benchmarks.peers.opened import Leases
from geventconnpool_ext.hooks import PoolHooks

connection = ours.connection


class Hooks(PoolHooks):
    """Empty, so that only the calls are measured."""

    def acquired(self, connection: Any) -> None:
        pass

    def released(self, connection: Any) -> None:
        pass


def open_pool(size: int) -> Leases:
    return ours.open_pool(size, Hooks())
