"""TLS sessions to resume: a handshake without certificates and signatures.

What a peer has verified once, it need not verify again for a while: the second
and later connections that a pool opens in a row cost less CPU and, before TLS
1.3, a round trip less. Nothing else may change by it, so:

- Only contexts made by ``ssl_context`` take part. Another's owner may exchange
  its certificate at any time, and would not expect the old one to be shown.
- A session is resumed at the same host, port and name only, under the same
  rules of verification, and for ``LIFETIME`` at most. Then certificates are
  shown and verified anew, so an expired or a new one is noticed.
- A peer that ends a resumed connection, or refuses its first request (which is
  the login), may be one that no longer knows whose certificate it was. It is
  never offered a session again, so at most the connects in flight suffer.
- A first request without an answer, by a timeout or a kill of ours, says nothing of
  the peer. The session is forgotten, lest a peer that is silent on it stays so,
  and the next connection, with a whole handshake, begins another.
- A forked child forgets its parent's sessions. Keys would be new either way, but
  a ticket that two processes show would tell the peer that they are one client.

One process does show a TLS 1.3 ticket more than once, although RFC 8446 (C.4)
prefers a new one each time: that is against being recognized on the way, which
a host that opens one connection after another to one registry is anyway. To take
the ticket of each connection would cost as much CPU as resuming saves.
"""

from __future__ import annotations

import os
import ssl as _ssl
import time
from typing import Any, Dict, Optional, Set, Tuple

from gevent import ssl

from .answers import UnexpectedAnswer
from .errors import SessionLimit
from .framing import TruncatedFrame

__all__ = ["LIFETIME", "Handshake", "ResumingContext", "Sessions", "is_refusal"]

LIFETIME = 600.0
"""Seconds after a whole handshake for which its session is resumed."""


class ResumingContext(ssl.SSLContext):
    """An SSL context that remembers the TLS sessions of its connections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sessions: Sessions = Sessions()

    def load_cert_chain(self, *args: Any, **kwargs: Any) -> None:
        """Load it, and forget the sessions that were begun with another."""
        super().load_cert_chain(*args, **kwargs)
        self.sessions = Sessions()


class Sessions:
    """The TLS session to resume at each target, for one context."""

    __slots__ = ("_kept", "_process", "_refused")

    def __init__(self) -> None:
        self._kept: Dict[Any, Tuple[Any, float]] = {}
        self._refused: Set[Any] = set()
        self._process = os.getpid()

    def find(self, target: Any) -> Any:
        """Return the session to offer to *target*, or None."""
        if self._process != os.getpid():
            self._kept = {}
            self._process = os.getpid()
        session, until = self._kept.get(target, (None, 0.0))
        return session if time.monotonic() < until else None

    def keep(self, target: Any, sock: Any, offered: Any) -> None:
        """Keep the session of *sock*, which was *offered* one or None.

        If it resumed that, there is nothing to keep: the rest of its lifetime
        counts. If it did not, the peer has forgotten the one offered.
        """
        try:
            if sock.session_reused or self.find(target) is not offered:
                return
            session = sock.session
        except Exception:
            return  # an old gevent, or closed meanwhile: the next one will do
        if session is not None and target not in self._refused:
            self._kept[target] = session, time.monotonic() + LIFETIME

    def forget(self, target: Any, offered: Any) -> None:
        """Offer *target* another session than *offered*, once there is one."""
        if self._kept.get(target, (None,))[0] is offered:
            self._kept.pop(target, None)

    def refuse(self, target: Any) -> None:
        """Offer no session to *target* any more."""
        self._refused.add(target)
        self._kept.pop(target, None)


def is_refusal(error: BaseException) -> bool:
    """Whether *error* is the peer's doing: an end of file, TLS, a refusing answer."""
    if isinstance(error, UnexpectedAnswer):
        return error.code >= 2000
    return isinstance(
        error, (ConnectionError, EOFError, _ssl.SSLError, SessionLimit, TruncatedFrame)
    )


class Handshake:
    """What one connection under *context* has to do with TLS sessions.

    ``arguments`` are those for ``wrap_socket``; then tell how it went, by
    ``succeeded``, ``refused`` or ``undecided``, once.
    """

    __slots__ = ("_offered", "_sessions", "_target", "arguments")

    def __init__(self, context: Any, host: str, port: int, server_name: str) -> None:
        self._sessions: Optional[Sessions] = getattr(context, "sessions", None)
        self._target: Any = None
        self._offered: Any = None
        if self._sessions is not None:
            rules = context.verify_mode, context.check_hostname, context.verify_flags
            self._target = host, port, server_name, rules
            self._offered = self._sessions.find(self._target)
        # Not given where there is none: an old gevent does not know the argument.
        self.arguments: Dict[str, Any] = (
            {} if self._offered is None else {"session": self._offered}
        )

    def refused(self) -> None:
        """The peer ended the connection, or refused its first request."""
        if self._sessions is not None and self._offered is not None:
            self._sessions.refuse(self._target)

    def undecided(self) -> None:
        """It ended before the first answer, and not by the peer."""
        if self._sessions is not None and self._offered is not None:
            self._sessions.forget(self._target, self._offered)

    def succeeded(self, sock: Any) -> None:
        """The first request was answered well over *sock*."""
        if self._sessions is not None:
            self._sessions.keep(self._target, sock, self._offered)
