"""On which systems and Pythons .github/workflows/ci.yml runs the contract suite.

Standard library only: the noxfile imports it.
"""

from __future__ import annotations

from typing import Any, Sequence

from .interpreters import Version, name_of

__all__ = ["of"]

LINUX, MACOS, WINDOWS = "ubuntu-24.04", "macos-15", "windows-2025"


def of(versions: Sequence[Version]) -> dict[str, list[dict[str, Any]]]:
    """Return the matrix for these *versions*, in the form that GitHub's jobs take.

    Linux has all; macOS and Windows the oldest and the newest. A trial may fail.
    """
    ends = sorted({min(versions), max(versions)})
    jobs = [(LINUX, version) for version in versions]
    jobs += [(system, version) for system in (MACOS, WINDOWS) for version in ends]
    return {
        "include": [
            {"os": system, "python": name_of(version), "trial": system == WINDOWS}
            for system, version in jobs
        ]
    }
