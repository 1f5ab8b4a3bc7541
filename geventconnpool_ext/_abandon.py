"""Letting go of a connection that a forked child has from its parent."""

from __future__ import annotations

import os
from typing import Any


def abandon_descriptor(connection: Any) -> None:
    """Close the descriptor of *connection* and say nothing on the wire.

    Its ``detach``, where there is one, gives the descriptor. A descriptor that
    the child merely keeps would hide the parent's close from the peer.
    """
    detach = getattr(connection, "detach", None)
    if detach is not None:
        descriptor = detach()
        if isinstance(descriptor, int) and descriptor >= 0:
            os.close(descriptor)
