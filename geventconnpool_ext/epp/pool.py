"""EPPPool: a pool of logged-in sessions, and its fallback EPPNullPool.

Both send commands in the same way (``sending``), on sessions made in the same
way (``base``); one keeps them, the other opens one per call.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Dict, Mapping, Optional, Type

from .._kind import chosen_kind
from ..nullpool import NullPool
from ..pool import ConnectionPool
from .client import client_factory
from .policy import SessionPolicy
from .probes import check_domain
from .sending import SendingPool
from .session import Session
from .settings import read_settings
from .tls import ssl_context

if TYPE_CHECKING:
    from typing import TypeVar

    from .settings import Settings

    P = TypeVar("P", bound="EnvironmentPool")

__all__ = ["EPPNullPool", "EPPPool"]


# Code that gives one of these needs no variables of these groups.
_REPLACES = {
    "connect": {"connection", "tls", "client"},
    "context": {"tls"},
    "login": {"login"},
    "policy": {"policy"},
}


class EnvironmentPool(SendingPool):
    """An EPP pool that can be made of environment variables."""

    _check_domain: ClassVar[Callable[[str], Any]] = staticmethod(check_domain)

    @classmethod
    def from_env(
        cls: Type[P],
        prefix: str = "EPP_",
        *,
        environ: Optional[Mapping[str, str]] = None,
        **options: Any,
    ) -> P:
        """Make a pool of environment variables; docs/settings.md lists them.

        Arguments:
            prefix: what their names begin with.
            environ: where they are. Default: ``os.environ``.
            options: any of these settings by the name of its argument, which
                counts before its variable, and other arguments of the class.
                With ``connect`` or ``login`` or ``policy``, what it stands for
                is not read from variables; with ``context``, an SSL context,
                no certificates are.

        A password's file is read anew at each login. Raises ValueError that
        names the variables that are wrong and those that are missing.
        """
        groups = {"connection", "tls", "client", "login", "pool", "policy"}
        for argument, replaced in _REPLACES.items():
            if options.get(argument) is not None:
                groups -= replaced
        settings = read_settings(prefix, environ, options, groups)
        with settings.naming_variables():
            return cls._from_settings(settings, settings.options)

    @classmethod
    def _from_settings(cls: Type[P], settings: Settings, options: Dict[str, Any]) -> P:
        """Make a pool of *settings* and of what code gave beyond them."""
        arguments = dict(options, **settings.given("pool"))
        context = arguments.pop("context", None)
        if arguments.get("policy") is None:
            policy = settings.policy(cls._check_domain)
            arguments["policy"] = SessionPolicy(**policy)
        if arguments.get("login") is None:
            settings.login()  # raises now what is wrong with it
            arguments["login"] = settings.login
        if arguments.get("connect") is None:
            if context is None:
                context = ssl_context(**settings.given("tls"))
            bound = getattr(arguments["policy"], "connect_timeout", None)
            arguments.update(cls._connection_arguments(settings, context, bound))
        return cls(**arguments)

    @classmethod
    def _connection_arguments(
        cls, settings: Settings, context: Any, bound: Optional[float]
    ) -> Dict[str, Any]:
        """The arguments that say how to connect, within *bound* seconds.

        A subclass whose constructor takes others overrides this.
        """
        given = settings.given("connection", "client")
        return {
            "connect": client_factory(context=context, connect_timeout=bound, **given)
        }


class EPPNullPool(EnvironmentPool, NullPool[Session]):
    """The interface of EPPPool with a session per call, logged out after it."""

    def reset_login(self) -> None:
        """Try to log in at once, whatever logins were rejected before."""
        with self._lock:
            self._reconnect.reset()
            # A caller may be in the pause that was just cut short.
            self._changes.announce()


class _InitSignature:
    """What ``inspect.signature`` and help() show of a class that has a ``__new__``."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        shown = inspect.signature(owner.__init__)
        return shown.replace(
            parameters=list(shown.parameters.values())[1:],
            return_annotation=inspect.Signature.empty,
        )


class EPPPool(EnvironmentPool, ConnectionPool[Session]):
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

    As for ``ConnectionPool``: *exc_classes*, *min_size*, *timeout*, *max_waiting*,
    *max_idle*, *order*, *close_timeout*, *reconnect*, *max_opening*, *leak_after*,
    *name* and *open*.

    Raises TypeError or ValueError, which name the argument and what would be
    right.
    """

    _null_pool: ClassVar[Any] = EPPNullPool

    if not TYPE_CHECKING:
        # For type checkers it makes an EPPPool; a null pool has its interface.

        __signature__ = _InitSignature()

        def __new__(cls, *args, **kwargs):
            """Make a pool of the kind that *kind* or the environment says."""
            if chosen_kind(kwargs.get("kind")) == "null":
                # Not an inherited one: it would lack what the subclass adds.
                null_pool = vars(cls).get("_null_pool")
                if null_pool is None:
                    raise TypeError(
                        "{} is a subclass of EPPPool, so it cannot become a null pool; "
                        "derive it from EPPNullPool for that".format(cls.__name__)
                    )
                return null_pool(*args, **kwargs)
            return super().__new__(cls)

    def reset_login(self) -> None:
        """Try to log in at once, whatever logins were rejected before.

        Call it when the account or its credentials are mended. Raises PoolClosed
        or PoolError (wrong thread).
        """
        engine = self._ready()
        engine.reconnect.reset()
        engine.opener.kick()
