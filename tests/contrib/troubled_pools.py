"""Pools under load, each in one of the troubles that the dashboard is to show."""

from __future__ import annotations

import itertools

import gevent
from prometheus_client import CollectorRegistry

from geventconnpool_ext import Backoff, ConnectionPool, PoolFull, PoolTimeout
from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks
from geventconnpool_ext.epp import (
    CheckDomain,
    EPPPool,
    Login,
    SessionPolicy,
    client_factory,
)

NAMES = ("saturated", "expiring", "wrong password", "cut off")


class TroubledPools:
    """Four pools, the EPP ones of *server*, a registry with the account 'client'."""

    def __init__(self, server):
        self.metrics = CollectorRegistry()
        self._collector = PoolCollector(registry=self.metrics)
        self._pools = []
        self._callers = []
        connect = client_factory(
            "localhost", server.port, ca_file=server.certificates.ca_file
        )
        self._saturated()
        self._expiring(connect)
        self._wrong_password(connect)
        self._cut_off()

    def _add(self, make, name, caller, callers):
        pool = make(
            name=name,
            hooks=PrometheusHooks(name, registry=self.metrics),
            reconnect=Backoff(0.2, 0.5),
        )
        self._collector.add(pool)
        self._pools.append(pool)
        self._callers += [gevent.spawn(caller, pool) for _ in range(callers)]

    def _saturated(self):
        """Two connections, eight callers, and no room to wait for two of them."""

        def call(pool):
            while True:
                try:
                    with pool.get(timeout=0.15):
                        gevent.sleep(0.1)
                except (PoolTimeout, PoolFull):
                    gevent.sleep(0.05)

        def make(**options):
            return ConnectionPool(
                2,
                connect=object,
                max_waiting=4,
                close_connection=_close,
                **options,
            )

        self._add(make, "saturated", call, 8)

    def _expiring(self, connect):
        """Three sessions, replaced after a few commands each."""

        def call(pool):
            while True:
                pool.send(CheckDomain("a.example"))
                gevent.sleep(0.05)

        def make(**options):
            return EPPPool(
                connect,
                lambda: Login("client", "password"),
                3,
                policy=SessionPolicy(max_commands=5),
                **options,
            )

        self._add(make, "expiring", call, 2)

    def _wrong_password(self, connect):
        """No login is accepted, so nobody gets a session."""

        def call(pool):
            while True:
                try:
                    pool.send(CheckDomain("a.example"), timeout=0.5)
                except Exception:
                    gevent.sleep(0.1)

        def make(**options):
            return EPPPool(
                connect,
                lambda: Login("client", "not-the-word"),
                2,
                policy=SessionPolicy(login_failures=1000),
                **options,
            )

        self._add(make, "wrong password", call, 2)

    def _cut_off(self):
        """Nobody calls, and every third ping finds its connection broken."""
        pings = itertools.count(1)

        def ping(connection):
            if next(pings) % 3 == 0:
                raise OSError("broken")

        def make(**options):
            return ConnectionPool(
                2,
                connect=object,
                keepalive=0.2,
                ping=ping,
                close_connection=_close,
                **options,
            )

        self._add(make, "cut off", None, 0)

    def close(self):
        """End it all."""
        gevent.killall(self._callers)
        for pool in self._pools:
            pool.close(timeout=1)


def _close(connection):
    """Nothing is behind it."""
