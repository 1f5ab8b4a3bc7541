"""Whom ``ping`` asks, and how: checked before anything is sent."""

from __future__ import annotations

from typing import Any, Optional

from ..epp import Client
from ..epp.tls import ssl_context

__all__ = ["Target"]


class Target:
    """Whom to ask, and how: *host* and *port*, *trust* for ``ssl_context``.

    *server_name* is the name its certificate is for, *timeout* the bound of each step
    in seconds; a certificate that lasts for fewer than *warn_days* is a warning.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        server_name: Optional[str],
        timeout: float,
        warn_days: int,
        **trust: Any,
    ) -> None:
        self.host = host
        self.port = port
        self.server_name: str = host if server_name is None else server_name
        self.timeout = timeout
        self.warn_days = warn_days
        self.cert_file: Optional[str] = trust["cert_file"]
        self._trust = trust
        self.client(host, self.context())  # raises now what is wrong

    def context(self) -> Any:
        """A new TLS context. Raises ValueError that names the argument."""
        return ssl_context(**self._trust)

    def client(self, address: str, context: Any) -> Client:
        """A client for one address of it."""
        return Client(
            address,
            self.port,
            context=context,
            server_name=self.server_name,
            connect_timeout=self.timeout,
            handshake_timeout=self.timeout,
            greeting_timeout=self.timeout,
            read_timeout=self.timeout,
            write_timeout=self.timeout,
        )
