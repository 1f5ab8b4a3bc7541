"""What an error on the way to a registry means, in plain words, and what to do.

Pure: from an error to a ``Trouble``. The steps themselves are in ``asking``.
"""

from __future__ import annotations

import errno
import ssl
from typing import Any, NamedTuple, Optional

from gevent import socket

from ..epp import FramingError, SessionLimit
from ..epp.answers import UnexpectedAnswer
from ..epp.tls import is_eof

__all__ = [
    "Trouble",
    "of_answer",
    "of_connection",
    "of_exchange",
    "of_greeting",
    "of_handshake",
    "of_name",
    "of_trust",
]


class Trouble(NamedTuple):
    """What went wrong with one step."""

    what: str
    why: str
    action: str


_PORT = "Look at HOST and --port; EPP's port is 700."
_ADMISSION = (
    "Ask the registry whether it is up, and whether it lets in the address that this "
    "machine has on the Internet."
)
_OWN_CERTIFICATE = (
    "Give the certificate that the registry knows with --cert and --key; the registry "
    "says which authority must have signed it."
)
_NO_TLS = frozenset(
    (
        "HTTP_REQUEST",
        "HTTPS_PROXY_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "UNKNOWN_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    )
)
"""What OpenSSL, each release in its way, calls octets that are no record of TLS."""
_TOO_MANY_SESSIONS = Trouble(
    "2502: too many sessions of this account, or from this address",
    "Every pool's sessions count: size x workers x instances, twice that in a deploy.",
    "Make the pools smaller, or end other programs' sessions. A session that was lost "
    "counts until the registry's idle limit has passed.",
)


def of_name(host: str, error: OSError) -> Trouble:
    """The name *host* could not be resolved."""
    if isinstance(error, TimeoutError):
        return Trouble(
            "no name server answered: {}".format(plain(error)),
            "Without its address nothing can be connected.",
            "Look at /etc/resolv.conf, and at the network of this machine.",
        )
    if error.errno == socket.EAI_AGAIN:
        return Trouble(
            "the name server did not answer for {}".format(host),
            "Without its address nothing can be connected.",
            "Try again; then look at /etc/resolv.conf, and at the network of this "
            "machine.",
        )
    return Trouble(
        "{} has no address ({})".format(host, plain(error)),
        "The name is wrong, or the name servers asked from here do not know it.",
        "Look at the spelling of HOST. Does it resolve on another machine?",
    )


def of_connection(error: Exception) -> Trouble:
    """No TCP connection came about."""
    if isinstance(error, ConnectionRefusedError):
        return Trouble(
            "connection refused",
            "The machine is there, but nothing listens on that port; or a firewall "
            "refuses.",
            "{} {}".format(_PORT, _ADMISSION),
        )
    if isinstance(error, TimeoutError):
        return Trouble(
            plain(error),
            "The packets get lost: the machine is down, or a firewall drops them. "
            "Registries let in only addresses that they know.",
            _ADMISSION,
        )
    number = getattr(error, "errno", None)
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return Trouble(
            plain(error).lower(),
            "This machine, or a router, knows no way to that address.",
            "Look at the network of this machine: its routes, IPv4 and IPv6.",
        )
    return Trouble(
        plain(error),
        "The connection did not come about.",
        "{} {}".format(_PORT, _ADMISSION),
    )


def of_trust(error: Any, server_name: str) -> Trouble:
    """The server's certificate is not accepted for *server_name*."""
    code = getattr(error, "verify_code", 0)
    if code in (62, 64):  # a host's name, an address
        return Trouble(
            "not for the name {}".format(server_name),
            "Whoever answers cannot prove to be {}.".format(server_name),
            "If one of the names it is for is the registry's, give that with "
            "--server-name. Else look at HOST: this is another server.",
        )
    if code in (18, 19):
        return Trouble(
            "signed by itself, or by an authority that nobody here trusts",
            "Anyone can make such a certificate.",
            "If the registry uses an authority of its own, have the registry give you "
            "its certificate, and name that file with --ca.",
        )
    if code in (2, 20, 21):
        return Trouble(
            "its authority is not among those trusted here",
            "Who signed it is not known, or a certificate between the two is missing.",
            "Name the file with the registry's authority with --ca; the registry says "
            "which it is. It may have changed.",
        )
    return Trouble(
        str(getattr(error, "verify_message", "") or plain(error)),
        "It is not accepted, so nothing was sent.",
        "Tell the registry; look at --ca and at this machine's clock.",
    )


def of_handshake(error: Exception) -> Trouble:
    """TCP worked and TLS did not, for another reason than the certificate."""
    alert = _alert_on_certificate(error)
    if alert is not None:
        return alert
    if isinstance(error, TimeoutError):
        return Trouble(
            plain(error),
            "The machine took the connection and is silent: overloaded, or no TLS "
            "server.",
            "{} {}".format(_PORT, _ADMISSION),
        )
    if isinstance(error, ssl.SSLError) and not _is_end(error):
        return _of_tls(error)
    if isinstance(error, OSError):
        return Trouble(
            "closed by the other side during the TLS handshake",
            "It does not want this client, or it speaks no TLS.",
            "{} {}".format(_PORT, _ADMISSION),
        )
    return Trouble(plain(error), "No TLS came about.", "Look at --server-name.")


def _of_tls(error: ssl.SSLError) -> Trouble:
    """OpenSSL gave up, for the reason that *error* names."""
    name = str(error.reason or "").upper()
    reason = name.replace("_", " ").lower() or plain(error)
    if name in _NO_TLS:
        return Trouble(
            "what answers speaks no TLS ({})".format(reason),
            "Another kind of server listens there, such as plain HTTP.",
            _PORT,
        )
    if "UNRECOGNIZED_NAME" in name:
        return Trouble(
            "no server of the name that was asked for ({})".format(reason),
            "One address can serve several names, and this is none of them.",
            "Look at HOST. If the registry's certificate is for another name, give "
            "that with --server-name.",
        )
    if "ALERT" in name or "PROTOCOL" in name:
        return Trouble(
            "the two sides found no common TLS: {}".format(reason),
            "TLS 1.2 or newer is spoken here.",
            "Ask the registry which TLS versions and ciphers it takes, and whether "
            "it wants a client certificate (--cert).",
        )
    return Trouble(
        "the TLS handshake failed: {}".format(reason),
        "One side broke a rule of TLS, or sent what the other does not take.",
        "{} If both are right, tell the registry.".format(_PORT),
    )


def of_greeting(error: Exception) -> Trouble:
    """TLS works, and no greeting came."""
    alert = _alert_on_certificate(error)
    if alert is not None:
        return alert
    if isinstance(error, SessionLimit):
        return _TOO_MANY_SESSIONS
    if isinstance(error, UnexpectedAnswer):
        return Trouble(
            "answered {} {} instead of greeting".format(error.code, error.msg),
            "It speaks EPP, and does not want this client now.",
            "Try again later; then ask the registry.",
        )
    if isinstance(error, TimeoutError):
        return Trouble(
            plain(error),
            "An EPP server speaks first. This one waits: it may be another kind, such "
            "as HTTPS; or it is overloaded.",
            _PORT,
        )
    if isinstance(error, OSError):
        return Trouble(
            "closed by the other side instead of a greeting",
            "It may want a client certificate, know this address not, or have too many "
            "connections.",
            "{} {}".format(_OWN_CERTIFICATE, _ADMISSION),
        )
    if isinstance(error, FramingError):
        return Trouble(
            "what came is no EPP: {}".format(plain(error)),
            "Another kind of server listens there.",
            _PORT,
        )
    return Trouble(
        "what came is no greeting: {}".format(plain(error)),
        "It is no EPP server, or a broken one.",
        _PORT + " If both are right, tell the registry.",
    )


def of_answer(code: int, msg: str) -> Trouble:
    """The login was answered by *code*, which is not 1000."""
    if code == 2502:
        return _TOO_MANY_SESSIONS
    why, action = _LOGIN_CODES.get(
        code,
        (
            "The registry has a reason of its own.",
            "Ask the registry what this code means for a login.",
        ),
    )
    return Trouble("refused: {} {}".format(code, msg), why, action)


_PASSWORD = (
    "Correct --user or the password. Do not try often: registries lock accounts. A new "
    "password is set, and a lock undone, by the registry."
)
_LOGIN_CODES = {
    2100: (
        "The registry does not speak EPP 1.0.",
        "Ask the registry; this package speaks 1.0.",
    ),
    2102: ("The language is not one of the registry's.", "Ask the registry."),
    2103: (
        "The registry refuses an extension.",
        "Ask the registry which extensions this account may use.",
    ),
    2200: ("Client id and password do not fit each other.", _PASSWORD),
    2201: (
        "The account exists and may not log in.",
        "Ask the registry whether it is active, and may come from this address.",
    ),
    2307: (
        "The registry refuses an object that its own greeting names.",
        "Ask the registry which objects this account may use.",
    ),
    2501: (
        "They do not fit each other, or the account is locked after wrong ones.",
        _PASSWORD,
    ),
}


def of_exchange(error: Exception) -> Trouble:
    """A command was sent, and no good answer came."""
    alert = _alert_on_certificate(error)
    if alert is not None:
        return alert
    if isinstance(error, TimeoutError):
        return Trouble(
            plain(error),
            "The registry took the command and is silent.",
            "Try again, with a larger --timeout; then ask the registry.",
        )
    if isinstance(error, OSError):
        return Trouble(
            "the connection was lost: {}".format(plain(error)),
            "The registry, or something on the way, ended it.",
            "Try again; then ask the registry whether it ends this account's sessions.",
        )
    return Trouble(
        plain(error),
        "The answer cannot be trusted.",
        "Try again; then tell the registry.",
    )


def _alert_on_certificate(error: Exception) -> Optional[Trouble]:
    """The trouble if the other side refuses our certificate, or None."""
    reason = str(getattr(error, "reason", "") or "").upper()
    if "ALERT" in reason and ("CERT" in reason or "UNKNOWN_CA" in reason):
        return Trouble(
            "the registry refuses this client's certificate, or wants one",
            "It says: {}.".format(reason.replace("_", " ").lower()),
            _OWN_CERTIFICATE,
        )
    return None


def _is_end(error: ssl.SSLError) -> bool:
    """Whether it says that the other side closed: in the middle, or by the rules."""
    return is_eof(error) or isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


def plain(error: Exception) -> str:
    """The text of *error*, without the numbers that only a program reads."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
