"""What ``doctor`` looks at on the machine: open files, child processes, the clock."""

from __future__ import annotations

import multiprocessing
import os
import time
from typing import List, Optional

from ..compatibility import Matrix
from .finding import OK, PROBLEM, WARNING, Finding

__all__ = ["examine"]

_OTHER_FILES = 64
"""Descriptors that a small program has open beside its connections."""


def examine(size: Optional[int], matrix: Optional[Matrix]) -> List[Finding]:
    """Look at all of it; *size* is that of the pool, where it is known."""
    limit = _limit()
    return [
        *([] if limit is None else [_descriptors(limit, size)]),
        _processes(),
        *([] if matrix is None else [_clock(matrix)]),
    ]


def _limit() -> Optional[int]:
    """How many files a process may have open; None where there is no such limit."""
    try:
        import resource
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def _descriptors(limit: int, size: Optional[int]) -> Finding:
    """Whether there are as many descriptors as a pool needs."""
    what = "a process may have {} files and sockets open".format(limit)
    why = "Each connection is one; a close under way holds its own until it is done."
    action = "Raise the limit: ulimit -n, or LimitNOFILE= of systemd"
    if size is None:
        level = OK if limit >= 4 * _OTHER_FILES else WARNING
        return Finding("open files", level, what, why, action)
    what += ", and the pool needs {}".format(size)
    if size >= limit:
        return Finding("open files", PROBLEM, what, why, action)
    level = OK if size + _OTHER_FILES <= limit else WARNING
    return Finding("open files", level, what, why, action)


def _processes() -> Finding:
    """What becomes of a pool in a child process."""
    method = multiprocessing.get_start_method(allow_none=True)
    if method is None:
        # The first is the default, and asking this way does not settle it.
        method = multiprocessing.get_all_start_methods()[0]
    details = ["multiprocessing starts children by {}".format(method)]
    if not hasattr(os, "fork"):
        what = "there is no fork here: a child begins without pools"
        return Finding("processes", OK, what, details=details)
    if not hasattr(os, "register_at_fork"):
        return Finding(
            "processes",
            WARNING,
            "a pool does not notice a fork here",
            "Parent and child would write to the same connections.",
            "Open pools after the fork",
            details,
        )
    what = "a pool notices a fork: the child opens its own connections"
    return Finding("processes", OK, what, details=details)


def _clock(matrix: Matrix) -> Finding:
    """Whether the clock can be right: this package was not made in the future."""
    now = time.strftime("%Y-%m-%d", time.gmtime())
    made = matrix.date[:10]
    if now < made:
        return Finding(
            "clock",
            PROBLEM,
            "it says {}, and this package was tested on {}".format(now, made),
            "With a clock that is late, certificates seem not to be valid yet.",
            "Set the clock of this machine",
        )
    return Finding("clock", OK, "it says {}".format(now))
