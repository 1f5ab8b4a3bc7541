"""epplib's modules, or an error that says how to install it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .epplib_namespaces import INSTALL

try:
    import epplib.client as _client
    import epplib.exceptions as _exceptions  # pyright: ignore[reportMissingImports]
    import epplib.responses as _responses  # pyright: ignore[reportMissingImports]
    import epplib.transport as _transport
except ImportError as _missing:
    if getattr(_missing, "name", None) not in (None, "epplib"):
        # epplib is there, and something that it needs is not.
        raise
    raise ImportError(INSTALL) from _missing

exceptions: Any = _exceptions
responses: Any = _responses

if TYPE_CHECKING:
    # A checker sees epplib's own classes where it is installed.
    from epplib.client import Client as ClientBase
    from epplib.transport import Transport as TransportBase
else:
    ClientBase, TransportBase = _client.Client, _transport.Transport

__all__ = ["ClientBase", "TransportBase", "exceptions", "responses"]
