"""EPP (RFC 5730 to 5734) on top of the pool: sessions that stay logged in."""

from __future__ import annotations

from .answers import Answer, ExtValue, Greeting, Result
from .client import CertificateError, Client, ConnectError, client_factory
from .commands import (
    CheckDomain,
    CreateDomain,
    DeleteDomain,
    Hello,
    InfoDomain,
    Login,
    Logout,
    PollAck,
    PollRequest,
)
from .errors import (
    AmbiguousOutcome,
    EPPError,
    FramingError,
    LoginRejected,
    NotSent,
    SessionLimit,
)
from .hooks import CommandReport, EPPHooks, ExpiryReason
from .password import change_password
from .policy import SessionPolicy
from .pool import EPPNullPool, EPPPool
from .probes import check_domain, poll_request
from .results import ResultCode
from .session import Session

__all__ = [
    "AmbiguousOutcome",
    "Answer",
    "CertificateError",
    "CheckDomain",
    "Client",
    "CommandReport",
    "ConnectError",
    "CreateDomain",
    "DeleteDomain",
    "EPPError",
    "EPPHooks",
    "EPPNullPool",
    "EPPPool",
    "ExpiryReason",
    "ExtValue",
    "FramingError",
    "Greeting",
    "Hello",
    "InfoDomain",
    "Login",
    "LoginRejected",
    "Logout",
    "NotSent",
    "PollAck",
    "PollRequest",
    "Result",
    "ResultCode",
    "Session",
    "SessionLimit",
    "SessionPolicy",
    "change_password",
    "check_domain",
    "client_factory",
    "poll_request",
]
