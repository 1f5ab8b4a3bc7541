"""What a run was made with: versions, effort, day."""

from __future__ import annotations

import datetime
import os
import platform
import ssl
from importlib import metadata
from typing import Any, Dict

from benchmarks.epp.scenario import Effort, Scenario
from benchmarks.words import counted

__all__ = ["about"]


def about(scenario: Scenario, effort: Effort) -> Dict[str, Any]:
    """What the page tells of a run of *scenario* with *effort*."""
    versions = {"Python": platform.python_version()}
    for name in ("gevent", "greenlet", "lxml", "geventconnpool_ext"):
        versions[name] = metadata.version(name)
    versions.update(scenario.versions())
    versions["OpenSSL"] = ssl.OPENSSL_VERSION.split()[1]
    return {
        "versions": versions,
        "effort": (
            f"{counted(effort.rounds, 'round')} on {counted(os.cpu_count(), 'core')}; "
            "medians."
        ),
        "date": datetime.date.today().isoformat(),
    }
