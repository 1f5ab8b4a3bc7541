"""Files that a command writes: known to be writable before it begins its work."""

from __future__ import annotations

import os

from .failure import Failure

__all__ = ["require_writable", "write"]


def require_writable(name: str) -> None:
    """Raise ``Failure`` unless the file *name* can be written; it stays as it is."""
    existed = os.path.lexists(name)
    try:
        with open(name, "ab"):
            pass
        if not existed:
            os.remove(name)
    except OSError as error:
        raise _failed(name, error) from None


def write(name: str, content: bytes) -> None:
    """Write *content* to the file *name*. Raises ``Failure``."""
    try:
        with open(name, "wb") as file:
            file.write(content)
    except OSError as error:
        raise _failed(name, error) from None


def _failed(name: str, error: OSError) -> Failure:
    return Failure(
        "{!r} cannot be written: {}".format(name, error.strerror or str(error))
    )
