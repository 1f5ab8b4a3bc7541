"""EPP sessions through epplib: its commands and answers, this package's pool.

epplib (https://github.com/cisagov/epplib) is not on PyPI, and no dependency:
importing this module without it raises ImportError with the install line. epplib
is made for one registry's namespaces; ``epplib_namespaces`` sets those of the
RFCs, before this module is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, ClassVar, Dict, Optional, Union

from .epplib_client import Client, client_factory
from .epplib_transport import Transport
from .framing import DEFAULT_LIMIT
from .pool import EPPNullPool, EPPPool
from .probes import poll_request

if TYPE_CHECKING:
    from .requests import Request
    from .settings import Settings
    from .tls import Path

__all__ = [
    "Client",
    "EpplibNullPool",
    "EpplibPool",
    "Transport",
    "check_domain",
    "client_factory",
    "poll_request",
]


def check_domain(name: str) -> Any:
    """Return epplib's CheckDomain of *name*: a probe for ``SessionPolicy``."""
    from epplib.commands import (  # pyright: ignore[reportMissingImports]
        CheckDomain,
    )

    from . import probes

    # The native one checks the name.
    probes.check_domain(name)
    return CheckDomain(names=[name])


class _OverEpplib:
    """What both kinds of pool over epplib add: where their clients come from."""

    _check_domain: ClassVar[Callable[[str], Any]] = staticmethod(check_domain)

    def __init__(
        self,
        hostname: str,
        login: Callable[[], Request],
        size: int,
        *,
        port: int = 700,
        cert: Union[Path, bytes, None] = None,
        key: Union[Path, bytes, None] = None,
        password: Optional[str] = None,
        ca: Union[Path, bytes, None] = None,
        verify: bool = True,
        context: Any = None,
        server_name: Optional[str] = None,
        schema: Any = None,
        connect_timeout: Optional[float] = None,
        handshake_timeout: Optional[float] = None,
        greeting_timeout: Optional[float] = None,
        read_timeout: Optional[float] = None,
        write_timeout: Optional[float] = None,
        limit: int = DEFAULT_LIMIT,
        **options: Any,
    ) -> None:
        connect = client_factory(
            hostname,
            port,
            cert=cert,
            key=key,
            password=password,
            ca=ca,
            verify=verify,
            context=context,
            server_name=server_name,
            schema=schema,
            connect_timeout=connect_timeout,
            handshake_timeout=handshake_timeout,
            greeting_timeout=greeting_timeout,
            read_timeout=read_timeout,
            write_timeout=write_timeout,
            limit=limit,
        )
        super().__init__(connect, login, size, **options)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

    @classmethod
    def _connection_arguments(
        cls, settings: Settings, context: Any, bound: Optional[float]
    ) -> Dict[str, Any]:
        given = settings.given("connection", "client")
        return {
            "hostname": given.pop("host"),
            "context": context,
            "connect_timeout": bound,
            **given,
        }


class EpplibNullPool(_OverEpplib, EPPNullPool):
    """The interface of EpplibPool with a session per call, logged out after it."""


class EpplibPool(_OverEpplib, EPPPool):
    """An EPPPool whose sessions are epplib's clients: ``pool.send(command)`` takes
    any epplib command, extensions included, and returns epplib's answer to it.

    Arguments:
        hostname: the registry's name.
        port: 700 unless told otherwise.
        login: returns the login request, epplib's ``Login`` or another, anew each
            time.
        size: most sessions at once; registries count them.
        cert, key, password, ca, verify, context, server_name: as for
            ``Transport``.
        schema: an ``lxml.etree.XMLSchema`` for requests and answers. Default: none.
        connect_timeout, handshake_timeout, greeting_timeout: seconds for one step.
            Default None: bounded by the policy's ``connect_timeout`` alone.
        read_timeout, write_timeout: likewise, by its ``command_timeout``.
        limit: most octets of one message, either way. Default: 1 MiB.
        options: all else that ``EPPPool`` takes: policy, hooks, timeout, kind, ...

    Raises TypeError or ValueError, which name the argument and what would be
    right.
    """

    _null_pool: ClassVar[Any] = EpplibNullPool
