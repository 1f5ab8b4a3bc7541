"""How a connection comes about: which step it is in, and how long each takes.

``Client.connect`` is one call. Its steps are seen from the TLS context, whose
``wrap_socket`` is called when TCP is there, and from the socket that this returns.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Optional

__all__ = ["Watched"]


class Watched:
    """Watches one connection under *context*, made for it alone."""

    def __init__(self, context: Any) -> None:
        self.step: str = "TCP"
        self.took: Dict[str, float] = {}
        """Seconds, of each step that is over."""
        self.tls_version = ""
        self.cipher = ""
        self.der: Optional[bytes] = None
        """The peer's certificate."""
        self.verified: Optional[Dict[str, Any]] = None
        """The same as Python's ssl reads it; None if it did not verify it."""
        self._wrap: Callable[..., Any] = context.wrap_socket
        context.wrap_socket = self._wrap_socket
        self._began = time.monotonic()

    def next(self, step: str) -> None:
        """End the step it is in, and begin *step*."""
        now = time.monotonic()
        self.took[self.step] = now - self._began
        self.step, self._began = step, now

    def _wrap_socket(self, sock: Any, **arguments: Any) -> Any:
        self.next("TLS")
        wrapped = self._wrap(sock, **arguments)
        shake = wrapped.do_handshake

        def do_handshake(*given: Any) -> None:
            shake(*given)
            self.tls_version = wrapped.version()
            self.cipher = wrapped.cipher()[0]
            self.der = wrapped.getpeercert(True)
            self.verified = wrapped.getpeercert() or None
            self.next("greeting")

        wrapped.do_handshake = do_handshake
        return wrapped
