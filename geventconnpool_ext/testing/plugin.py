"""The pytest plugin: the fixtures ``epp_registry`` and ``epp_pool``.

pytest imports this module wherever the package is installed, so nothing heavy,
gevent least of all, is imported before a test asks for a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

import pytest

if TYPE_CHECKING:
    from .server import Server

__all__ = ["epp_pool", "epp_registry"]


@pytest.fixture
def epp_registry() -> Iterator[Server]:
    """A registry of its own for this test, served on a free port of 127.0.0.1.

    The account is ``client`` with the password ``password``; the registry is
    ``epp_registry.registry``, the authority to trust
    ``epp_registry.certificates.ca_file``, with the host name ``localhost``.
    """
    from . import Registry, Server

    with Server(Registry()) as server:
        yield server


@pytest.fixture
def epp_pool(epp_registry: Server) -> Iterator[Any]:
    """An ``EPPPool`` of two sessions, logged in at ``epp_registry``."""
    from ..epp import EPPPool, Login, client_factory

    connect = client_factory(
        "localhost", epp_registry.port, ca_file=epp_registry.certificates.ca_file
    )
    pool = EPPPool(connect, lambda: Login("client", "password"), 2)
    try:
        yield pool
    finally:
        pool.close()
