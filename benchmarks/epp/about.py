"""What a run was made with: versions, effort, day."""

from __future__ import annotations

import datetime
import os
import platform
import ssl
from importlib import metadata
from typing import Any, Dict

from benchmarks.epp.scenario import Effort
from benchmarks.words import counted

__all__ = ["about"]


def about(effort: Effort) -> Dict[str, Any]:
    """What the page tells of a run with *effort*."""
    versions = {"Python": platform.python_version()}
    for name in ("gevent", "greenlet", "lxml", "geventconnpool_ext", "epplib"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    versions["OpenSSL"] = ssl.OPENSSL_VERSION.split()[1]
    return {
        "versions": versions,
        "effort": (
            f"{counted(effort.rounds, 'round')} on {counted(os.cpu_count(), 'core')}; "
            "medians."
        ),
        "date": datetime.date.today().isoformat(),
    }
