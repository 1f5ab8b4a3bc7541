"""Whom to trust: what the system trusts and the registry's authority, in one file.

A registry's certificate is mostly one of a public authority, so this is what clients
load: more than a hundred certificates, of which one counts.
"""

from __future__ import annotations

import ssl
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Tuple

__all__ = ["whole_bundle"]

_BEGIN = b"-----BEGIN CERTIFICATE-----"


@contextmanager
def whole_bundle(ca_file: str) -> Iterator[Tuple[str, int]]:
    """The path of that file while the block lasts, and how many are in it."""
    own = Path(ca_file).read_bytes()
    system = ssl.get_default_verify_paths().cafile
    others = Path(system).read_bytes() if system else b""
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(others + b"\n" + own)
        file.flush()
        yield file.name, (others + own).count(_BEGIN)
