"""clTRIDs: the names by which a client recognises the answers to its commands.

Unique across processes, forks and restarts, without any shared state: a
random part drawn once per process, and a counter. RFC 5730 section 2.5 asks
for 3 to 64 characters and leaves uniqueness to the client.
"""

from __future__ import annotations

import base64
import itertools
import os
from typing import Iterator

__all__ = ["new_tr_id"]

_PREFIX = ""
_numbers: Iterator[int] = iter(())


def _reseed() -> None:
    global _PREFIX, _numbers
    # 80 bits: no two of a billion processes are likely to draw the same.
    drawn = base64.b32encode(os.urandom(10)).decode("ascii").lower()
    _PREFIX = f"gce-{drawn}-"
    _numbers = itertools.count(1)


_reseed()
# A forked child would otherwise go on counting with its parent's prefix.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reseed)


def new_tr_id() -> str:
    """Return a clTRID that no process has used before: letters, digits, hyphens."""
    return f"{_PREFIX}{next(_numbers):x}"
