"""Counters: what the registry and its server counted; no decisions."""

from __future__ import annotations

from collections import Counter
from typing import Mapping, NamedTuple

__all__ = ["Counters", "Tally"]


class Counters(NamedTuple):
    """Counts since the start or the latest reset, and sizes at this moment."""

    connections: int
    """TCP connections accepted."""
    handshakes: int
    """TLS handshakes completed."""
    handshake_errors: int
    """TLS handshakes that failed."""
    logins: int
    """Logins that succeeded."""
    login_failures: int
    """Logins that were refused, for whatever reason."""
    hellos: int
    """Hellos answered."""
    commands: int
    """Commands carried out or refused, login and logout included."""
    faults: Mapping[str, int]
    """Faults injected, by the name of the fault."""
    sessions: int
    """Sessions logged in now."""
    most_sessions: int
    """Most sessions that were logged in at once."""
    ended: Mapping[str, int]
    """Sessions ended, by reason: ``logout, client_closed, idle, max_age,
    max_commands, login_deadline, login_rejected, session_limit, bad_frame,
    lost, killed, server_stop, silent_logout``, or the name of a fault. A
    connection counts once, whether or not it was logged in, when it closes
    after its greeting or, with ``silent_logout``, when it is logged out."""


class Tally:
    """The mutable side of ``Counters``."""

    def __init__(self) -> None:
        self.sessions = 0
        self.reset()

    def reset(self) -> None:
        """Start all counts anew; sessions that are open stay counted."""
        self.connections = 0
        self.handshakes = 0
        self.handshake_errors = 0
        self.logins = 0
        self.login_failures = 0
        self.hellos = 0
        self.commands = 0
        self.faults: Counter[str] = Counter()
        self.most_sessions: int = self.sessions
        self.ended: Counter[str] = Counter()

    def snapshot(self) -> Counters:
        """The counts at this moment."""
        return Counters(
            self.connections,
            self.handshakes,
            self.handshake_errors,
            self.logins,
            self.login_failures,
            self.hellos,
            self.commands,
            dict(self.faults),
            self.sessions,
            self.most_sessions,
            dict(self.ended),
        )
