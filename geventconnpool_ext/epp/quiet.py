"""Look at a socket without waiting: closed by the peer, or unasked-for bytes?

Works on plain and TLS sockets, gevent's and the standard library's.
"""

from __future__ import annotations

import socket as _socket
import ssl as _ssl
from typing import Any, Optional

from .hooks import ExpiryReason

__all__ = ["unquiet"]


def unquiet(sock: Any) -> Optional[ExpiryReason]:
    """Return why *sock* is not fit for a command, or None if it is quiet.

    A TLS socket is read through its TLS layer, so that a session ticket or a
    key update does not count as an answer nobody asked for. It may take one
    octet away, which does no harm: such a connection is finished.
    """
    try:
        timeout = sock.gettimeout()
        sock.settimeout(0.0)
        try:
            if hasattr(sock, "pending"):  # TLS, which cannot peek
                received = sock.recv(1)
            else:
                received = sock.recv(1, _socket.MSG_PEEK)
        finally:
            sock.settimeout(timeout)
    except (BlockingIOError, _ssl.SSLWantReadError, _ssl.SSLWantWriteError):
        return None
    except _socket.timeout:
        return None
    except (OSError, ValueError):
        return ExpiryReason.eof
    return ExpiryReason.stray if received else ExpiryReason.eof
