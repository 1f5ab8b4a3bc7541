"""epplib's modules, or an error that says how to install it."""

from __future__ import annotations

from typing import Any

from .epplib_namespaces import INSTALL

try:
    import epplib.client as _client  # pyright: ignore[reportMissingImports]
    import epplib.exceptions as _exceptions  # pyright: ignore[reportMissingImports]
    import epplib.responses as _responses  # pyright: ignore[reportMissingImports]
    import epplib.transport as _transport  # pyright: ignore[reportMissingImports]
except ImportError as missing:
    if getattr(missing, "name", None) not in (None, "epplib"):
        # epplib is there, and something that it needs is not.
        raise
    raise ImportError(INSTALL) from missing

client: Any = _client
exceptions: Any = _exceptions
responses: Any = _responses
transport: Any = _transport

__all__ = ["client", "exceptions", "responses", "transport"]
