"""EPP pools of a served registry, closed when the test is over."""

from __future__ import annotations

from contextlib import contextmanager

from geventconnpool_ext import Backoff

__all__ = ["epp_pools"]


@contextmanager
def epp_pools(server):
    """``make(size)``, which takes the arguments of EPPPool and of SessionPolicy."""
    # Not above: the conftests that use this are read where lxml is missing, too.
    from geventconnpool_ext.epp import EPPPool, Login, SessionPolicy, client_factory

    pools = []

    def make(
        size=1, *, client_id="client", password="password", client=None, **options
    ):
        rules = {n: options.pop(n) for n in SessionPolicy.__slots__ if n in options}
        pool = EPPPool(
            client
            or client_factory(
                "localhost", server.port, ca_file=server.certificates.ca_file
            ),
            lambda: Login(client_id, password),
            size,
            policy=SessionPolicy(**rules),
            reconnect=Backoff(0.01, 0.1),
            **options,
        )
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close(timeout=1)
