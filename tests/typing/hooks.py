"""Hooks, one's own and those that come along. Checked, not run."""

from __future__ import annotations

import socket
from traceback import StackSummary
from typing import Any

from typing_extensions import assert_type

from geventconnpool_ext import ConnectionPool, DiscardReason, NullPool, PoolHooks
from geventconnpool_ext.contrib.combined import CombinedHooks
from geventconnpool_ext.epp import (
    CommandReport,
    EPPHooks,
    EPPPool,
    ExpiryReason,
    Login,
    Session,
    client_factory,
)


def connect() -> socket.socket:
    return socket.create_connection(("localhost", 700))


class Mine(PoolHooks):
    def connected(self, connection: socket.socket) -> None:
        connection.fileno()

    def discarded(self, connection: Any, reason: DiscardReason) -> None:
        assert_type(reason.planned, bool)
        assert_type(reason.upper(), str)
        assert_type(DiscardReason.error, DiscardReason)

    def leaked(self, connection: Any, seconds: float, stack: StackSummary) -> None:
        assert_type(stack.format(), "list[str]")


class Sessions(EPPHooks):
    def session_expired(self, session: Session, reason: DiscardReason) -> None:
        assert_type(reason == ExpiryReason.session_gone, bool)

    def sent(self, report: CommandReport) -> None:
        pass


ConnectionPool(1, connect=connect, hooks=Mine())
NullPool(1, connect=connect, hooks=CombinedHooks(Mine(), PoolHooks()))
EPPPool(
    client_factory("localhost"),
    lambda: Login("client", "secret"),
    1,
    hooks=CombinedHooks(Mine(), Sessions()),
)
