"""The log of the package, guarded.

A handler may raise, and one that does must not cost anybody a connection. It
may also block or switch greenlets: so nothing that must not switch logs, and
callbacks of the event loop never do.
"""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger("geventconnpool_ext")


def log(level: int, message: str, *values: Any, exc_info: bool = False) -> None:
    """Write one line; an ``Exception`` from a handler ends here.

    *exc_info* adds the traceback of the exception being handled.
    """
    try:
        logger.log(level, message, *values, exc_info=exc_info)
    except Exception:
        # There is no safe place left to report it to.
        pass


def describe(error: BaseException) -> str:
    """Return *error* as 'Class: text', the way every line shows one."""
    try:
        text = str(error)
    except Exception:
        text = "<no text: its __str__ raises>"
    return "{}: {}".format(type(error).__name__, text) if text else type(error).__name__
