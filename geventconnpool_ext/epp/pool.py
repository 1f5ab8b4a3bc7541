"""EPPPool: a pool of logged-in sessions, and its fallback EPPNullPool.

Both send commands in the same way (``sending``), on sessions made in the same
way (``base``); one keeps them, the other opens one per call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._kind import chosen_kind
from ..nullpool import NullPool
from ..pool import ConnectionPool
from .sending import SendingPool
from .session import Session

__all__ = ["EPPNullPool", "EPPPool"]


class EPPPool(SendingPool, ConnectionPool[Session]):
    """A ConnectionPool of EPP sessions, logged in and kept alive.

    ``with pool.get() as session: session.send(command)``, or, with replay of
    what is safe, ``pool.send(command)``.

    Arguments:
        connect: returns a client that is not connected yet: a native
            ``Client`` (see ``client_factory``) or another library's, with
            ``connect()``, ``close()`` and ``send(request, tr_id=...)``.
        login: returns the login request, anew each time, so that credentials
            can change.
        size: most sessions at once; registries count them.
        policy: a ``SessionPolicy``. Default: ``SessionPolicy()``.
        send_hello: sends hello to a client that has no ``hello()``.
        kind: "pool"; or "null" makes an ``EPPNullPool`` instead. Default: the
            environment variable ``GEVENTCONNPOOL_EXT_KIND``, or else "pool".
        hooks: an ``EPPHooks`` instance.
        exc_classes, min_size, timeout, max_waiting, max_idle, order,
        close_timeout, reconnect, max_opening, name, open: as for
            ``ConnectionPool``.

    Raises TypeError or ValueError, which name the argument and what would be
    right.
    """

    if not TYPE_CHECKING:
        # For type checkers it makes an EPPPool; a null pool has its interface.

        def __new__(cls, *args, **kwargs):
            """Make a pool of the kind that *kind* or the environment says."""
            if chosen_kind(kwargs.get("kind")) == "null":
                if cls is not EPPPool:
                    raise TypeError(
                        "{} is a subclass of EPPPool, so it cannot become a null pool; "
                        "derive it from EPPNullPool for that".format(cls.__name__)
                    )
                return EPPNullPool(*args, **kwargs)
            return super().__new__(cls)

    def reset_login(self) -> None:
        """Try to log in at once, whatever logins were rejected before.

        Call it when the account or its credentials are mended. Raises PoolClosed
        or PoolError (wrong thread).
        """
        engine = self._ready()
        engine.reconnect.reset()
        engine.opener.kick()


class EPPNullPool(SendingPool, NullPool[Session]):
    """The interface of EPPPool with a session per call, logged out after it."""

    def reset_login(self) -> None:
        """Forget the rejected logins, so that the next caller tries at once."""
        self._reconnect.reset()
