"""What a run was made with: versions, effort, day."""

from __future__ import annotations

import datetime
import os
import platform
from importlib import metadata
from typing import Any, Dict

from benchmarks.measure import Effort, rounds
from benchmarks.peers import PEERS, version
from benchmarks.scenarios.scenario import Scenario
from benchmarks.words import counted

__all__ = ["about"]


def about(scenario: Scenario, effort: Effort) -> Dict[str, Any]:
    """What the page tells of a run of *scenario* with *effort*."""
    versions = {"Python": platform.python_version()}
    for name in ("gevent", "greenlet", "geventconnpool_ext"):
        versions[name] = metadata.version(name)
    for name in scenario.peers:
        peer = PEERS[name]
        found = version(peer)
        if peer.distribution is not None and found is not None:
            versions[peer.distribution] = found
    parts = [
        f"{counted(effort.processes, 'process')} of each pool",
        f"{counted(rounds(scenario, effort), 'round')} in each",
    ]
    if scenario.timed:
        parts.append(f"{effort.seconds:g} s of CPU time a value")
    parts.append(f"on {counted(os.cpu_count(), 'core')}; medians.")
    return {
        "versions": versions,
        "effort": ", ".join(parts),
        "date": datetime.date.today().isoformat(),
    }
