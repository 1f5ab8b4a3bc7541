"""What a run was made with: versions, effort, day."""

from __future__ import annotations

import datetime
import os
import platform
from importlib import metadata
from typing import Any, Dict, Iterable

from benchmarks.measure import Effort
from benchmarks.peers import PEERS, version

__all__ = ["about"]


def about(peers: Iterable[str], effort: Effort) -> Dict[str, Any]:
    """What the page tells of a run of *peers* with *effort*."""
    versions = {"Python": platform.python_version()}
    for name in ("gevent", "greenlet", "geventconnpool_ext"):
        versions[name] = metadata.version(name)
    for name in peers:
        peer = PEERS[name]
        found = version(peer)
        if peer.distribution is not None and found is not None:
            versions[peer.distribution] = found
    return {
        "versions": versions,
        "effort": (
            f"{effort.processes} processes of each pool, {effort.rounds} rounds in "
            f"each, {effort.seconds:g} s of CPU time a value, on "
            f"{os.cpu_count()} cores; medians."
        ),
        "date": datetime.date.today().isoformat(),
    }
